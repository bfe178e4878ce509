"""What an event says of before and after."""

import msgspec

from latchkey_contracts.changes import MOST_BYTES, differences
from latchkey_contracts.events import Change

CEILING = tuple(sorted(f"model_number_{m}.field_number_{f}:update" for m in range(50) for f in range(40)))


def test_only_what_differs_is_told_before_and_after():
    found = differences({"name": "One", "uris": ("a",), "on": True}, {"name": "Two", "uris": ("a",), "on": False})
    assert found == (
        Change(field="name", before="One", after="Two"),
        Change(field="on", before=True, after=False),
    )


def test_nothing_is_before_a_beginning_and_nothing_after_an_end():
    assert differences(None, {"name": "One", "lifetime": None}) == (Change(field="name", before=None, after="One"),)
    assert differences({"name": "One"}, None) == (Change(field="name", before="One", after=None),)


def test_a_ceiling_of_fifty_models_with_forty_fields_is_told_whole_on_both_sides():
    one, two = CEILING, tuple(word.replace("update", "create") for word in CEILING)
    assert differences({"permissions": one}, {"permissions": two}) == (
        Change(field="permissions", before=one, after=two),
    )


def test_what_is_too_long_is_cut_and_says_so():
    many = tuple(f"{word}{n}" for n in range(5) for word in CEILING)
    (name, found) = differences({"name": "One", "words": many}, {"name": "Two", "words": many[1:]})
    assert name == Change(field="name", before="One", after="Two")
    for whole, part in ((many, found.before), (many[1:], found.after)):
        assert part[:-1] == whole[: len(part) - 1]
        assert part[-1] == f"… and {len(whole) - len(part) + 1} more"
    assert MOST_BYTES / 2 < len(msgspec.json.encode((name, found))) < MOST_BYTES + 1000


def test_a_text_that_is_too_long_is_cut_wherever_its_characters_are_escaped():
    found = differences({"description": ""}, {"description": "\x01" * MOST_BYTES})
    assert found[0].after.endswith("…")
    assert len(msgspec.json.encode(found)) < MOST_BYTES + 1000
