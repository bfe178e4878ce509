"""``grants.create``: the birth of a connection after consent."""

import hashlib
from collections.abc import Sequence

import msgspec
from aiohttp import web

from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.grants import ALREADY_AUTHORIZED, GrantCreated, GrantsCreate
from latchkey_contracts.requests.standing import Kind, Seen
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import Problem, bad_request, unavailable
from latchkey_oauth.errors import OAuthError
from latchkey_oauth.pkce import METHOD, challenge_digest
from latchkey_oauth.token_string import SECRET_SIZE, derive_code_secret, seal, secret_hash
from latchkey_token.clients.gates import Gates
from latchkey_token.domain.client_proof import needs_verifier
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.kills.catching_up import CatchingUp, stale_or_barred
from latchkey_token.store import births
from latchkey_token.store.births import Birth
from latchkey_token.store.kills import kill_connection
from latchkey_token.store.rotation import mark_unanswered

MOST_LIVING = 20
"""Connections of one user by one client in one tenant; one more, and the longest unused gives way."""


class Births:
    """``known`` are the audiences that there are, ``code_lifetime`` and ``lease`` are seconds."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        gates: Gates,
        catching_up: CatchingUp,
        keys: MacKeys,
        clock: Clock,
        entropy: Entropy,
        *,
        known: tuple[str, ...],
        code_lifetime: int,
        lease: float,
    ) -> None:
        self._lease = lease
        self._database = database
        self._outbox = outbox
        self._gates = gates
        self._catching_up = catching_up
        self._keys = keys
        self._clock = clock
        self._entropy = entropy
        self._known = known
        self._code_lifetime = code_lifetime

    async def __call__(self, request: web.Request) -> web.Response:
        ask = await json_body(request, GrantsCreate)
        gate = await self._gates.at_least(ask.client, revision=ask.client_revision, turn=ask.client_turn)
        if gate is None:
            raise Problem(404, "unknown_client", "There is no such client.")
        if gate.revision < ask.client_revision or gate.turn < ask.client_turn:
            raise unavailable(private="the registry knows less of the client than auth has seen")
        seen = _seen(ask)
        await self._catching_up.with_all(seen)
        attempt = _attempt(ask)
        secret = derive_code_secret(self._keys.derive, attempt) if attempt else self._entropy.bytes(SECRET_SIZE)
        born = await self._born(self._birth(ask, gate, secret, attempt), seen)
        code = seal("code", born, 0, secret, self._keys.current_id, self._keys.current)
        return answer(GrantCreated(connection=born, code=code))

    def _birth(self, ask: GrantsCreate, gate: Gate, secret: bytes, attempt: bytes | None) -> Birth:
        if not ask.resources or not set(ask.resources) <= set(self._known):
            raise bad_request("resources must be one or more of the audiences that there are.")
        if ask.challenge is None and needs_verifier(gate):
            raise bad_request("This client's codes need a challenge.")
        return Birth(
            id=new_id(self._clock, self._entropy),
            tenant=ask.tenant,
            user=ask.user,
            client=ask.client,
            document=bytes.fromhex(ask.document),
            scope=" ".join(ask.scope),
            resources=ask.resources,
            redirect_uri_sent=ask.redirect_uri_sent,
            redirect_hash=secret_hash(ask.redirect_uri),
            challenge=_digest(ask.challenge),
            code_hash=secret_hash(secret),
            code_lifetime=self._code_lifetime,
            attempt=attempt,
        )

    async def _born(self, birth: Birth, seen: Sequence[Seen]) -> str:
        """The connection that was born, or has been by the same attempt."""
        whose = {"tenant": birth.tenant, "user": birth.user, "client": birth.client}
        async with self._database.transaction() as connection:
            await births.begin(connection, **whose)
            if await stale_or_barred(connection, seen):
                raise _changed()
            if not await _added(connection, birth):
                return await _again(connection, birth)
            oldest = await births.one_too_many(connection, **whose, limit=MOST_LIVING)
            if oldest is not None:
                await kill_connection(
                    connection, connection_id=oldest, reason="replaced", outbox=self._outbox, lease=self._lease
                )
        return birth.id


async def _added(connection: Connection, birth: Birth) -> bool:
    """Whether it is born: not if the client is barred, or this attempt has led to one whose code did not run out."""
    if await births.add(connection, birth):
        return True
    unused = birth.attempt is not None and await births.remove_unused(connection, birth.attempt)
    return unused and await births.add(connection, birth)


async def _again(connection: Connection, birth: Birth) -> str:
    """The connection of an attempt that comes again, if its code is still good.

    The code then goes out a second time, and a browser may bring both to the app. So it is marked like one whose answer
    we lost: an app that exchanges it twice gets the same refresh token twice, and nothing dies of it.
    """
    earlier = await births.earlier(connection, birth.attempt) if birth.attempt is not None else None
    if earlier is None:
        raise _changed()
    if not earlier.good:
        raise Problem(409, ALREADY_AUTHORIZED, "This was authorized before, and its code is used or dead.")
    await mark_unanswered(connection, earlier.id, 0)
    return earlier.id


def _changed() -> Problem:
    return Problem(409, "client_changed", "Something changed since you looked; look again.")


def _attempt(ask: GrantsCreate) -> bytes | None:
    """The attempt, and everything that it asks for: what differs in any of that is another one. 32 bytes."""
    if ask.attempt is None:
        return None
    asked = msgspec.structs.replace(ask, client_revision=0, client_turn=0, turns=())
    return hashlib.sha256(msgspec.json.encode(asked)).digest()


def _seen(ask: GrantsCreate) -> tuple[Seen, ...]:
    """Everything that the connection hangs on, as auth saw it."""
    turns = {(one.kind, one.key): one.turn for one in ask.turns}
    named: dict[Kind, str] = {
        "tenant_client": ask.tenant + ask.client,
        "tenant": ask.tenant,
        "user": ask.user,
        "tenant_user": ask.tenant + ask.user,
    }
    others = (Seen(kind=kind, key=key, turn=turns.get((kind, key), 0)) for kind, key in named.items())
    return (Seen(kind="client", key=ask.client, turn=ask.client_turn), *others)


def _digest(challenge: str | None) -> bytes | None:
    try:
        return challenge_digest(challenge, METHOD if challenge is not None else None)
    except OAuthError as error:
        raise bad_request(error.description) from None
