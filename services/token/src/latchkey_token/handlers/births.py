"""``grants.create``: the birth of a connection after consent."""

from collections.abc import Sequence

from aiohttp import web

from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.grants import GrantCreated, GrantsCreate
from latchkey_contracts.requests.standing import Kind, Seen
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import Problem, bad_request, unavailable
from latchkey_oauth.errors import OAuthError
from latchkey_oauth.pkce import METHOD, challenge_digest
from latchkey_oauth.token_string import SECRET_SIZE, seal, secret_hash
from latchkey_token.clients.gates import Gates
from latchkey_token.domain.client_proof import needs_verifier
from latchkey_token.keys.mac_keys import MacKeys
from latchkey_token.kills.catching_up import CatchingUp, stale_or_barred
from latchkey_token.store import births
from latchkey_token.store.births import Birth
from latchkey_token.store.kills import kill_connection

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
        secret = self._entropy.bytes(SECRET_SIZE)
        birth = self._birth(ask, gate, secret)
        await self._bear(birth, seen)
        code = seal("code", birth.id, 0, secret, self._keys.current_id, self._keys.current)
        return answer(GrantCreated(connection=birth.id, code=code))

    def _birth(self, ask: GrantsCreate, gate: Gate, secret: bytes) -> Birth:
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
        )

    async def _bear(self, birth: Birth, seen: Sequence[Seen]) -> None:
        whose = {"tenant": birth.tenant, "user": birth.user, "client": birth.client}
        async with self._database.transaction() as connection:
            await births.begin(connection, **whose)
            if await stale_or_barred(connection, seen) or not await births.add(connection, birth):
                raise Problem(409, "client_changed", "Something changed since you looked; look again.")
            oldest = await births.one_too_many(connection, **whose, limit=MOST_LIVING)
            if oldest is not None:
                await kill_connection(
                    connection, connection_id=oldest, reason="replaced", outbox=self._outbox, lease=self._lease
                )


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
