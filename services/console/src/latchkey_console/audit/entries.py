"""Entries of the log, as pages show them."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from latchkey_console.naming import Names
from latchkey_contracts.events import EVENTS
from latchkey_contracts.ids import is_id
from latchkey_look.readable import readable

_ENTITIES: Final = {event.type: event.entity for event in EVENTS.values()}
_OF_USERS: Final = frozenset({"user", "by", "added", "removed"})
_OF_CLIENTS: Final = frozenset({"client", "presented_by"})
_MOMENTS: Final = ("_at", "_by", "since")
Kind = Literal["text", "id", "person", "app", "moment", "flag", "list", "data", "nothing"]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Something that details hold. ``text`` is what stands there, ``id`` what it stands for, ``items`` a list's."""

    kind: Kind
    text: str = ""
    id: str = ""
    at: dt.datetime | None = None
    items: tuple["Value", ...] = ()


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a setting; ``changed``: only before, or only after."""

    text: str
    changed: bool


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One setting; empty where there was, or is, nothing."""

    field: str
    before: tuple[Item, ...]
    after: tuple[Item, ...]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it: ``kind`` is ``person``, ``staff``, ``app`` or ``system``; ``via`` is the app that a person used."""

    kind: str
    id: str = ""
    name: str = ""
    email: str = ""
    via: str = ""
    via_id: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What it is about. ``entity`` is the kind of thing, ``text`` its name, or its id cut short.

    ``app`` and ``whom`` are the app and the person that it was done to as well, where neither this nor who did it names
    them.
    """

    entity: str
    id: str
    text: str
    named: bool
    app: str = ""
    whom: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One entry."""

    id: str
    at: dt.datetime
    action: str
    title: str
    result: str
    position: int
    who: Who
    about: About | None
    address: str
    staff: bool


def users_in(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of people that these entries name."""
    found = {one["user"] for one in entries} | {one["subject"] for one in entries if _entity(one) == "user"}
    return {word for word in found | _in_details(entries, _OF_USERS) if word}


def clients_in(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of apps that these entries name."""
    found = {one["client"] for one in entries} | {one["subject"] for one in entries if _entity(one) == "client"}
    return {word for word in found | _in_details(entries, _OF_CLIENTS) if word}


def row(entry: Mapping[str, Any], names: Names) -> Row:
    return Row(
        id=entry["id"],
        at=dt.datetime.fromisoformat(entry["time"]),
        action=readable(entry["action"]),
        title=readable(entry["title"]),
        result=entry["result"],
        position=entry["position"],
        who=_who(entry, names),
        about=_about(entry, names),
        address=readable(entry["address"] or ""),
        staff=bool(entry["staff"]),
    )


def changes(entry: Mapping[str, Any]) -> tuple[Changed, ...]:
    """What was set, before and after; ``()`` for entries that tell of nothing like it."""
    told = entry["details"].get("changes")
    if not isinstance(told, list):
        return ()
    return tuple(_changed(one) for one in told if isinstance(one, dict) and "field" in one)


def details(entry: Mapping[str, Any], names: Names) -> dict[str, Value]:
    """What else an entry says, by name, without what the page shows anyway."""
    told = {name: value for name, value in entry["details"].items() if name != "changes" and not _shown(entry, name)}
    return {name: _value(name, value, names) for name, value in told.items()}


def raw(entry: Mapping[str, Any]) -> str:
    """The entry for those who want it as it is; only ASCII, so that nothing in it hides."""
    return json.dumps(entry, indent=2, ensure_ascii=True)


def short(text: str) -> str:
    """An id as people can tell it from another: what ids made in one hour share is left out."""
    return f"#{text[-8:]}" if is_id(text) else text


def _shown(entry: Mapping[str, Any], name: str) -> bool:
    return name == "tenant" or (name == _ENTITIES.get(entry["action"]) and entry["details"][name] == entry["subject"])


def _entity(entry: Mapping[str, Any]) -> str:
    return _ENTITIES.get(entry["action"], "")


def _in_details(entries: Iterable[Mapping[str, Any]], members: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for one in entries:
        for name, value in one["details"].items():
            if name in members:
                found.update(word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str))
    return found


def _who(entry: Mapping[str, Any], names: Names) -> Who:
    user, client = entry["user"] or "", entry["client"] or ""
    app = names.clients[client].name if client in names.clients else short(client)
    if user:
        known = names.people.get(user)
        kind = "staff" if entry["staff"] and known is None else "person"
        name, email = (known.name or known.email, known.email) if known else (short(user), "")
        return Who(kind=kind, id=user, name=name, email=email, via=app, via_id=client)
    if entry["staff"]:
        return Who(kind="staff")
    if client:
        return Who(kind="app", id=client, name=app)
    return Who(kind="system")


def _about(entry: Mapping[str, Any], names: Names) -> About | None:
    subject, entity = entry["subject"] or "", _entity(entry)
    if not subject or entity in ("tenant", ""):
        return None
    if subject in names.people:
        known = names.people[subject].name or names.people[subject].email
    elif subject in names.clients:
        known = names.clients[subject].name
    else:
        told = entry["details"].get("name") or entry["details"].get("model")
        known = told if isinstance(told, str) else ""
    client, user = (_also(entry, name) for name in ("client", "user"))
    return About(
        entity=entity, id=subject, text=known or short(subject), named=bool(known),
        app=names.clients[client].name if client in names.clients else "",
        whom=names.people[user].name or names.people[user].email if user in names.people else "",
    )  # fmt: skip


def _also(entry: Mapping[str, Any], name: str) -> str:
    """An id in the details, unless the entry shows it elsewhere."""
    told = entry["details"].get(name)
    return told if isinstance(told, str) and told not in {entry["subject"], entry[name]} else ""


def _changed(told: Mapping[str, Any]) -> Changed:
    before, after = _texts(told.get("before")), _texts(told.get("after"))
    return Changed(
        field=str(told["field"]),
        before=tuple(Item(text=one, changed=one not in after) for one in before),
        after=tuple(Item(text=one, changed=one not in before) for one in after),
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(_text(one) for one in value)
    return (_text(value),)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=True)


def _value(name: str, value: object, names: Names) -> Value:
    if value is None or value in ("", []):
        return Value(kind="nothing")
    if isinstance(value, bool):
        return Value(kind="flag", text="yes" if value else "")
    if isinstance(value, list):
        return Value(kind="list", items=tuple(_value(name, one, names) for one in value))
    if isinstance(value, str):
        return _word(name, value, names)
    return Value(kind="data" if isinstance(value, dict) else "text", text=_text(value))


def _word(name: str, text: str, names: Names) -> Value:
    if text in names.people:
        person = names.people[text]
        return Value(kind="person", id=text, text=person.name or person.email)
    if text in names.clients:
        return Value(kind="app", id=text, text=names.clients[text].name)
    if is_id(text):
        return Value(kind="id", id=text, text=short(text))
    at = _moment(name, text)
    return Value(kind="text", text=text) if at is None else Value(kind="moment", text=text, at=at)


def _moment(name: str, text: str) -> dt.datetime | None:
    if not name.endswith(_MOMENTS):
        return None
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
