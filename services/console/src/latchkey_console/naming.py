"""Names for the ids that pages show otherwise; where an owner does not answer, pages show the ids."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

import msgspec
import structlog

from latchkey_console.desk import Desk
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.console import (
    ClientsAnswer,
    ClientsNamed,
    NamedClient,
    NamedPerson,
    PeopleAnswer,
    PeopleNamed,
)
from latchkey_kit.requests import PeerRefused, PeerUnavailable

AnswerT = TypeVar("AnswerT")
log = structlog.get_logger()


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """By id; who is not in it is nobody that the owners know of."""

    people: dict[str, NamedPerson] = {}
    clients: dict[str, NamedClient] = {}


async def names(desk: Desk, users: Iterable[str], clients: Iterable[str]) -> Names:
    """Ask for all of them at once. Words that are no ids are left out.

    Anybody can put an id into an address or a text: a private app of a workspace that is not the reader's has no name.
    """
    people, apps = await asyncio.gather(_people(desk, _ids(users)), clients_named(desk, clients))
    own = {one.id for one in desk.person.workspaces}
    known = {id_: one for id_, one in apps.items() if one.published or one.tenant in own}
    return Names(people=people, clients=known)


async def clients_named(desk: Desk, clients: Iterable[str]) -> dict[str, NamedClient]:
    """Apps that an owner told this reader of, by id; those that their makers withdrew since are among them."""
    ids = _ids(clients)
    if not ids:
        return {}
    return (await answered(desk.ask("client-registry", ClientsNamed(clients=ids)), ClientsAnswer(clients={}))).clients


async def _people(desk: Desk, users: tuple[str, ...]) -> dict[str, NamedPerson]:
    if not users:
        return {}
    question = PeopleNamed(tenant=desk.workspace.id, users=users)
    return (await answered(desk.ask("auth", question), PeopleAnswer(people={}))).people


async def answered(question: Awaitable[AnswerT], otherwise: AnswerT) -> AnswerT:
    """The answer; ``otherwise`` when the owner gives none."""
    try:
        return await question
    except (PeerUnavailable, PeerRefused) as error:
        log.warning("nameless", error=str(error))
        return otherwise


def _ids(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if is_id(word)))
