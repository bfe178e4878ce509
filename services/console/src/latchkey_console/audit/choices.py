"""What filters offer: kinds of entries, people, apps."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from latchkey_console.desk import Desk
from latchkey_console.naming import Names
from latchkey_console.owners import Owner
from latchkey_contracts.events import EVENTS
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.web.problems import Problem

TITLES: Final = {event.type: event.title for event in EVENTS.values()}
_MOST = 200


class Choice(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One that may be chosen; ``value`` is what stands in the address."""

    words: str
    value: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """``actions`` are code and title, by the kind of thing that they are about."""

    actions: dict[str, tuple[tuple[str, str], ...]]
    people: tuple[Choice, ...]
    apps: tuple[Choice, ...]

    @property
    def titles(self) -> dict[str, str]:
        return TITLES

    def has(self, action: str) -> bool:
        return action in TITLES or action.removesuffix(".*") in self.actions


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Members and apps of the workspace, as their owners list them; none for who may not see them."""

    people: tuple[Choice, ...]
    apps: tuple[Choice, ...]


async def listed(desk: Desk, *, apps: bool) -> Listed:
    people, clients = await asyncio.gather(
        _list(desk, "auth", "/v1/members", may=desk.may("member", "view")),
        _list(desk, "client-registry", "/v1/oauth-clients", may=apps and desk.may("oauthclient", "view")),
    )
    return Listed(
        people=tuple(Choice(value=one["id"], words=one["name"] or one["email"]) for one in people),
        apps=tuple(Choice(value=one["id"], words=one["name"]) for one in clients),
    )


def choices(listed: Listed, names: Names) -> Choices:
    """Those that are listed, and those that stand in the entries: who is gone, and apps of others."""
    people = [Choice(value=id_, words=one.name or one.email) for id_, one in names.people.items()]
    apps = [Choice(value=id_, words=one.name) for id_, one in names.clients.items()]
    return Choices(actions=_actions(), people=_once((*listed.people, *people)), apps=_once((*listed.apps, *apps)))


async def _list(desk: Desk, owner: Owner, path: str, *, may: bool) -> list[dict[str, Any]]:
    if not may:
        return []
    try:
        found: list[dict[str, Any]] = (await desk.send(owner, "GET", path, params={"limit": str(_MOST)}))["data"]
    except (PeerUnavailable, Problem):
        return []
    return found


def _once(every: Iterable[Choice]) -> tuple[Choice, ...]:
    by_value = {one.value: one for one in every}
    return tuple(sorted(by_value.values(), key=lambda one: (one.words.casefold(), one.value)))


def _actions() -> dict[str, tuple[tuple[str, str], ...]]:
    kinds: dict[str, list[tuple[str, str]]] = {}
    for code, title in TITLES.items():
        kinds.setdefault(code.partition(".")[0], []).append((code, title))
    return {kind: tuple(sorted(codes, key=lambda one: one[1])) for kind, codes in kinds.items()}
