"""Sets of field names are those of plain Python sets, for names that were met and for those that never were."""

from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.fields import ALL, NONE, Fields, all_but, only

NAMES = st.frozensets(st.sampled_from([f"field_{n}" for n in range(70)]))
SETS = st.builds(only, NAMES) | st.builds(all_but, NAMES)
PROBES = [*(f"field_{n}" for n in range(70)), "never_met_before"]


def members(fields: Fields) -> set[str]:
    return {name for name in PROBES if name in fields}


@given(NAMES)
def test_a_set_gives_back_the_names_that_it_was_made_of(names):
    assert (only(names).names, only(names).but) == (names, False)
    assert (all_but(names).names, all_but(names).but) == (names, True)
    assert only([*names, *names]) == only(names)


@given(SETS, SETS)
def test_operations_are_those_of_python_sets(a, b):
    assert members(a & b) == members(a) & members(b)
    assert members(a | b) == members(a) | members(b)
    assert members(a - b) == members(a) - members(b)
    assert members(~a) == set(PROBES) - members(a)
    assert (a <= b) == (members(a) <= members(b))
    assert (a == b) == (members(a) == members(b))
    assert (hash(a) == hash(b)) or a != b
    assert bool(a) == bool(members(a))


@given(SETS, SETS)
def test_de_morgan(a, b):
    assert ~(a & b) == ~a | ~b
    assert ~(a | b) == ~a & ~b
    assert ~~a == a
    assert a & ~a == NONE
    assert a | ~a == ALL


def test_a_name_that_nobody_met_is_in_every_open_set_and_in_no_list():
    assert "of_tomorrow" in ALL
    assert "of_tomorrow" in all_but(["field_1"])
    assert "of_tomorrow" not in only(["field_1"])
    assert "of_tomorrow" not in NONE
