"""What every event promises, held against every class there is: a new one is held to it by being there."""

import datetime as dt
import importlib
import pkgutil
import re
import typing

import msgspec
import pytest

import latchkey_contracts.events
from latchkey_contracts.events import EVENTS, Change, CloudEvent, Event, Result, subject
from latchkey_contracts.feed import KILLS
from latchkey_contracts.ids import Id
from latchkey_contracts.moments import Moment

ID = "0123456789abcdef" * 2
NOW = dt.datetime(2026, 1, 1, 12, 0, tzinfo=dt.UTC)
SECRET = re.compile(r"(secret|password|token|code|verifier|challenge|nonce|cookie|credential|hash|key)s?$")
CODE_WORDS = {"id", "uuid", "json", "kid", "jws", "null", "struct", "payload", "scope", "turn", "tenantid"}
IDENTIFIERS = {"user", "client", "tenant", "role", "record", "connection"}


def all_classes():
    """Every event class in the package, registered or not."""
    folder = latchkey_contracts.events.__path__
    modules = [importlib.import_module(f"latchkey_contracts.events.{one.name}") for one in pkgutil.iter_modules(folder)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    events = (one for one in found if issubclass(one, Event) and hasattr(one, "type"))
    return sorted(events, key=lambda one: one.__name__)


def an_event(kind):
    """One with every field, made from the types of its fields."""
    return kind(**{field.name: _a_value(field.type) for field in msgspec.structs.fields(kind)})


_VALUES = [(Id, ID), (Moment, NOW), (Change, Change(field="name", before=None, after=("Größe",))),
           (str, "Größe"), (int, 7), (bool, True), (dict[str, str], {"client": "Größe"})]  # fmt: skip


def _a_value(wanted):
    if typing.get_origin(wanted) is tuple:
        return (_a_value(typing.get_args(wanted)[0]),) * 2
    if type(None) in typing.get_args(wanted):
        return _a_value(typing.get_args(wanted)[0])
    return next(value for kind, value in _VALUES if kind == wanted)


every_event = pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: kind.__name__)


def test_every_class_is_registered_once():
    assert sorted(one.__name__ for one in EVENTS.values()) == [one.__name__ for one in all_classes()]
    assert all(EVENTS[kind.type, kind.version] is kind for kind in all_classes())


@every_event
def test_type_is_an_aggregate_and_what_happened(kind):
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", kind.type)
    assert kind.version >= 1


@every_event
def test_entity_is_a_field_that_is_always_there(kind):
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    assert fields[kind.entity].required
    assert an_event(kind).entity_id == getattr(an_event(kind), kind.entity)


@every_event
def test_what_is_named_after_a_thing_with_an_id_is_an_id(kind):
    named = [field for field in msgspec.structs.fields(kind) if field.name in IDENTIFIERS]
    assert [field.name for field in named if field.type not in (Id, Id | None)] == []


@every_event
def test_no_field_is_named_like_a_secret(kind):
    assert [field.name for field in msgspec.structs.fields(kind) if SECRET.search(field.name)] == []


@every_event
def test_event_comes_back_whole_from_its_cloud_event(kind):
    event = an_event(kind)
    sent = CloudEvent(
        id=ID, source="auth", type=kind.type, dataversion=kind.version, subject=event.entity_id, time=NOW,
        data=msgspec.Raw(msgspec.json.encode(event)), tenantid=ID,
    )  # fmt: skip
    received = msgspec.json.decode(msgspec.json.encode(sent), type=CloudEvent)
    found = EVENTS[received.type, received.dataversion]
    assert msgspec.json.decode(received.data, type=found) == event
    assert (received.specversion, received.time, received.subject) == ("1.0", NOW, event.entity_id)


def test_envelope_says_what_cloudevents_demands():
    sent = CloudEvent(id=ID, source="auth", type="user.created", subject=ID, time=NOW, data=msgspec.Raw(b"{}"))
    assert msgspec.json.decode(msgspec.json.encode(sent)).keys() >= {"specversion", "id", "source", "type"}


@every_event
def test_reader_passes_over_what_a_newer_release_added(kind):
    written = msgspec.json.decode(msgspec.json.encode(an_event(kind))) | {"added_later": 1}
    assert msgspec.json.decode(msgspec.json.encode(written), type=kind) == an_event(kind)


@every_event
def test_event_has_a_sentence_for_people(kind):
    assert kind.__doc__
    assert kind.__doc__.strip().endswith((".", "``."))


@every_event
def test_title_is_for_people(kind):
    assert re.fullmatch(r"[A-Z][A-Za-z,: -]+", kind.title), "plain words, no codes and no full stop"
    assert [word for word in kind.title.split()[1:] if word[0].isupper()] in ([], ["URL"]), "sentence case"
    assert len(kind.title) <= 60
    assert CODE_WORDS.isdisjoint(re.findall(r"[a-z]+", kind.title.lower()))


def test_no_two_events_have_one_title():
    titles = [kind.title for kind in all_classes()]
    assert sorted(set(titles)) == sorted(titles)


@every_event
def test_result_is_one_of_three(kind):
    assert kind.result in typing.get_args(Result)


@every_event
def test_effect_names_fields_that_are_always_there(kind):
    if kind.effect is None:
        return
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    assert kind.effect.kind in KILLS
    assert all(name == "tenantid" or fields[name].required for name in kind.effect.key)
    assert kind.effect.where is None or fields[kind.effect.where].type is bool


@every_event
def test_what_has_a_turn_has_an_effect(kind):
    assert "turn" not in kind.__struct_fields__ or kind.effect is not None


@every_event
def test_subject_has_six_words_that_nats_can_tell_apart(kind):
    words = subject(kind.type, an_event(kind).entity_id, None).split(".")
    assert (words[:3], len(words)) == (["lk", "v1", "_"], 6)
    assert subject(kind.type, ID, "t" * 32).split(".")[2:5] == ["t" * 32, kind.type.split(".")[0], ID]


@pytest.mark.parametrize("time", ["2026-01-01T12:00:00", "yesterday", 5])
def test_time_without_an_offset_is_no_time(time):
    body = {"id": ID, "source": "auth", "type": "user.created", "subject": ID, "time": time, "data": {}}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.time"):
        msgspec.json.decode(msgspec.json.encode(body), type=CloudEvent)
