"""Events that this service acts on: what turned with its owner. They are the fallback of ``token.apply``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from latchkey_contracts.events import CloudEvent, auth, client
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.standing import Kind, Limits, Seen, Standing
from latchkey_kit.db import Connection
from latchkey_kit.requests import PeerUnavailable
from latchkey_token.clients.gates import Gates
from latchkey_token.kills import turning
from latchkey_token.kills.owners import Owners
from latchkey_token.store import gate as gate_store
from latchkey_token.store import kills, standing
from latchkey_token.store.kills import Cut

DURABLE = "token"
SUBJECTS = (
    "lk.v1.*.client.>",
    "lk.v1.*.member.>",
    "lk.v1.*.tenant.>",
    "lk.v1.*.user.*.disabled",
    "lk.v1.*.user.*.enabled",
)
_CHANGED = (client.ClientCreated, client.ClientUpdated, client.ClientSecretAdded, client.ClientSecretRetired)
_TURNED = (
    client.ClientSecretRotated, client.ClientMadePublic, client.ClientDisabled, client.ClientEnabled,
    client.ClientDeleted, client.ClientCompromised, client.ClientLifted,
)  # fmt: skip
_BLOCKING = (client.ClientBlocked, client.ClientUnblocked)
_Read = Callable[[Any], tuple[Kind, str, bool]]
"""Kind, key and whether it is barred, of a fact of auth."""
_OF_AUTH: Mapping[type[Any], _Read] = {
    auth.TenantOffBoarded: lambda fact: ("tenant", fact.tenant, True),
    auth.TenantRestored: lambda fact: ("tenant", fact.tenant, False),
    auth.UserDisabled: lambda fact: ("user", fact.user, True),
    auth.UserEnabled: lambda fact: ("user", fact.user, False),
    auth.MemberAdded: lambda fact: ("tenant_user", fact.tenant + fact.user, False),
    auth.MemberRemoved: lambda fact: ("tenant_user", fact.tenant + fact.user, False),
}
_ALL: tuple[type[Any], ...] = (*_CHANGED, *_TURNED, *_BLOCKING, *_OF_AUTH, auth.TenantLimited)
_KINDS: Mapping[str, type[Any]] = {one.type: one for one in _ALL}
log = structlog.get_logger()


class OwnersFacts:
    """Applies each fact in the transaction of the inbox. A killing one never waits for its owner.

    ``missed`` is called when something was cut in the dark: the owners are to be asked for everything.
    """

    def __init__(self, gates: Gates, owners: Owners, missed: Callable[[], Awaitable[None]]) -> None:
        self._gates = gates
        self._owners = owners
        self._missed = missed

    async def apply(self, connection: Connection, event: CloudEvent) -> None:
        """Take in one event."""
        kind = _KINDS.get(event.type)
        if kind is None:
            return
        fact = msgspec.json.decode(event.data, type=kind)
        if isinstance(fact, _CHANGED):
            await self._catch_up(connection, fact.client, fact.revision)
        elif isinstance(fact, _TURNED):
            await self._client_turned(connection, fact, event)
        elif isinstance(fact, auth.TenantLimited):
            await standing.put_limits(connection, _limits(fact))
        else:
            await turning.take(connection, standings=[_standing(fact, event)])

    async def _catch_up(self, connection: Connection, client_id: str, revision: int) -> None:
        ours = await gate_store.read(connection, client_id)
        if ours is not None and ours.revision >= revision:
            return
        newest = await self._gates.newest(client_id)
        if newest is not None:
            await self._take(connection, newest)

    async def _client_turned(self, connection: Connection, fact: client.ClientTurned, event: CloudEvent) -> None:
        ours = await gate_store.read(connection, fact.client)
        if ours is not None and ours.turn >= fact.turn:
            return
        newest = await self._newest(fact.client)
        if newest is not None and newest.turn >= fact.turn:
            await self._take(connection, newest)
            return
        await turning.take(connection, standings=[_client_standing(fact, event)])
        self._gates.forget(fact.client)

    async def _newest(self, client_id: str) -> Gate | None:
        try:
            return await self._gates.newest(client_id)
        except PeerUnavailable as error:
            log.warning("killed_without_asking", client_id=client_id, reason=str(error))
            return None

    async def _take(self, connection: Connection, gate: Gate) -> None:
        await turning.take(connection, told=[gate])
        self._gates.forget(gate.client)

    async def unreadable(self, connection: Connection, subject: str) -> None:
        """A fact that cannot be read may have been a killing one: its owner is asked, and silence cuts the entity."""
        words = subject.split(".")
        if len(words) != 6 or not is_id(words[4]):
            return
        things = _named(words[2], words[3], words[4])
        if not things:
            return
        try:
            told = [await self._owners.standing(thing) for thing in things]
        except PeerUnavailable:
            await self._cut_in_the_dark(connection, things)
        else:
            await turning.take(connection, standings=[one for one in told if one is not None])
        self._gates.forget(words[4])

    async def _cut_in_the_dark(self, connection: Connection, things: Sequence[Seen]) -> None:
        """Whatever the fact was, its worst takes effect, until the owners can say what it was."""
        log.error("unreadable_fact_cuts", things=[(thing.kind, thing.key) for thing in things])
        await kills.begin(connection)
        for thing in things:
            if thing.kind == "client":
                await gate_store.outdate(connection, thing.key)
        cuts = [Cut(kind=thing.kind, key=thing.key, source="token", reason="unreadable_fact") for thing in things]
        await kills.kill_many(connection, cuts)
        await self._missed()


def _client_standing(fact: client.ClientTurned, event: CloudEvent) -> Standing:
    return Standing(
        kind="client", key=fact.client, turn=fact.turn, barred=fact.barred, reason=event.type, by=_by(event)
    )  # fmt: skip


def _standing(fact: Any, event: CloudEvent) -> Standing:
    if isinstance(fact, _BLOCKING):
        kind: Kind = "tenant_client"
        key, barred = fact.tenant + fact.client, fact.barred
    else:
        kind, key, barred = _OF_AUTH[type(fact)](fact)
    return Standing(kind=kind, key=key, turn=fact.turn, barred=barred, reason=event.type, by=_by(event))


def _limits(fact: auth.TenantLimited) -> Limits:
    return Limits(
        tenant=fact.tenant,
        revision=fact.revision,
        refresh_token_lifetime=fact.refresh_token_lifetime,
        connection_lifetime=fact.connection_lifetime,
    )


def _by(event: CloudEvent) -> str | None:
    return event.userid if is_id(event.userid) else None


def _named(tenant: str, aggregate: str, entity: str) -> list[Seen]:
    """What a fact on this subject may have turned."""
    things: list[tuple[Kind, str]] = []
    if aggregate == "client":
        things.append(("client", entity))
        if is_id(tenant):
            things.append(("tenant_client", tenant + entity))
    elif aggregate == "member" and is_id(tenant):
        things.append(("tenant_user", tenant + entity))
    elif aggregate == "tenant":
        things.append(("tenant", entity))
    elif aggregate == "user":
        things.append(("user", entity))
    return [Seen(kind=kind, key=key, turn=0) for kind, key in things]
