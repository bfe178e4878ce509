"""Wiring of the token service."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import aiohttp
import msgspec

from latchkey_contracts.api import Api
from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.sealing import Sealer
from latchkey_kit.service import Surface
from latchkey_kit.tasks import alongside
from latchkey_token import consumers, routes
from latchkey_token.authentication import Authentication
from latchkey_token.exchange import Exchange
from latchkey_token.gates import Gates
from latchkey_token.handlers.apply import Apply
from latchkey_token.handlers.connections import Connections
from latchkey_token.handlers.grants import Grants
from latchkey_token.handlers.jwks import KeySet
from latchkey_token.handlers.metadata import Metadata
from latchkey_token.handlers.revoke import Revoke
from latchkey_token.handlers.token import Token
from latchkey_token.issuing import Issuer
from latchkey_token.mac_keys import MacKeys, load_mac_keys
from latchkey_token.push import pushing
from latchkey_token.refusals import Refusals
from latchkey_token.rotator import Rotator
from latchkey_token.settings import Settings
from latchkey_token.signing import Signer
from latchkey_token.signing_keys import load_signer
from latchkey_token.sweeping import sweep_for_ever
from latchkey_token.unanswered import Unanswered
from latchkey_verify import embedding
from latchkey_verify.web import Guard

_NAME = "token"


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What both halves, minting and killing, stand on."""

    settings: Settings
    database: Database
    outbox: Outbox
    gates: Gates
    authentication: Authentication
    keys: MacKeys
    signer: Signer
    clock: Clock
    entropy: Entropy

    @property
    def api(self) -> Api:
        return Api(self.settings.origin)


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            db.connect(settings.database_url.reveal(), pool=settings.database_pool, application=_NAME)
        )
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        await stack.enter_async_context(relaying(database, nats))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        registry = Peer(session, settings.client_registry_url, _NAME, settings.internal_secret.reveal())
        sealer = Sealer(settings.master_key.reveal(), entropy)
        gates = Gates(database, registry)
        parts = _Parts(
            settings=settings,
            database=database,
            outbox=Outbox(_NAME, clock, entropy),
            gates=gates,
            authentication=Authentication(gates),
            keys=await load_mac_keys(database, sealer, entropy),
            signer=await load_signer(database, sealer, settings.origin),
            clock=clock,
            entropy=entropy,
        )
        facts = consumers.ClientFacts(gates)
        await stack.enter_async_context(
            consuming(database, nats, durable=consumers.DURABLE, subjects=consumers.SUBJECTS, apply=facts.apply)
        )
        token = await stack.enter_async_context(_minting(parts))
        # On a connection of its own: a flood of token requests does not hold up a push.
        reader = await stack.enter_async_context(
            db.connect(settings.database_url.reveal(), pool=1, application=f"{_NAME}-push")
        )
        await stack.enter_async_context(pushing(database, reader, nats))
        audience = parts.api.rest
        verifier = await stack.enter_async_context(
            embedding(settings, _NAME, (audience,), session=session, bus=nats, clock=clock)
        )
        yield Surface(
            public=routes.public(
                token=token.post,
                revoke=_revoke(parts).post,
                connections=Connections(Guard.of(verifier, audience), database, parts.outbox),
                jwks=KeySet(parts.signer.jwks()).get,
                metadata=Metadata(settings.origin, settings.workspace_origin or settings.origin).get,
            ),
            internal=routes.internal(
                grants=_grants(parts).post,
                apply=Apply(database, gates, settings.internal_callers).post,
            ),
            checks={"database": database.problem, "verifier": verifier.readiness},
        )


@contextlib.asynccontextmanager
async def _minting(parts: _Parts) -> AsyncIterator[Token]:
    """The token endpoint, and the work that goes on behind it."""
    settings, database = parts.settings, parts.database
    unanswered = Unanswered(database)
    refusals = Refusals(database, parts.outbox, parts.keys)
    exchange = Exchange(
        database=database,
        outbox=parts.outbox,
        entropy=parts.entropy,
        keys=parts.keys,
        authentication=parts.authentication,
        rotator=Rotator(
            database, parts.outbox, parts.clock, lifetime=dt.timedelta(seconds=settings.refresh_token_lifetime)
        ),
        issuer=Issuer(
            parts.keys,
            parts.signer,
            parts.clock,
            parts.entropy,
            lifetime=dt.timedelta(seconds=settings.access_token_lifetime),
        ),
        refusals=refusals,
        unanswered=unanswered,
        known=parts.api.audiences,
    )
    async with alongside(unanswered.write_for_ever()), alongside(sweep_for_ever(database)):
        yield Token(parts.authentication, exchange, refusals)


def _grants(parts: _Parts) -> Grants:
    return Grants(
        parts.database,
        parts.outbox,
        parts.gates,
        parts.keys,
        parts.clock,
        parts.entropy,
        known=parts.api.audiences,
        code_lifetime=parts.settings.code_lifetime,
    )


def _revoke(parts: _Parts) -> Revoke:
    return Revoke(parts.authentication, parts.keys, parts.signer, parts.database, parts.outbox)
