"""Wiring of the token service."""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import Sparing, sparing
from latchkey_kit.opening import Peers
from latchkey_kit.requests import Peer
from latchkey_kit.sealing import Sealer
from latchkey_kit.service import Surface
from latchkey_kit.tasks import alongside
from latchkey_kit.web.dead_letters import dead_letter_routes
from latchkey_kit.web.health import until_first_well
from latchkey_token import routes
from latchkey_token.background import working
from latchkey_token.clients.authentication import Authentication
from latchkey_token.clients.failures import FailedAuthentications
from latchkey_token.clients.gates import Gates
from latchkey_token.clients.resource_servers import ResourceServers
from latchkey_token.clients.secret_uses import SecretUses, noting_uses
from latchkey_token.feed.push import pushing
from latchkey_token.grants.client_credentials import OwnTokens
from latchkey_token.grants.exchange import Exchange
from latchkey_token.grants.issuing import Issuer
from latchkey_token.grants.minting import Minter
from latchkey_token.grants.refusals import Refusals
from latchkey_token.grants.standing import StandingConnections
from latchkey_token.handlers.apply import Apply
from latchkey_token.handlers.births import Births
from latchkey_token.handlers.connection_lookup import ConnectionLookup
from latchkey_token.handlers.connection_numbers import ConnectionNumbers
from latchkey_token.handlers.connections import Connections
from latchkey_token.handlers.introspect import Introspect
from latchkey_token.handlers.jwks import SignerKeySet
from latchkey_token.handlers.keys import OperatedKeys
from latchkey_token.handlers.metadata import metadata
from latchkey_token.handlers.own_connections import OwnConnections
from latchkey_token.handlers.resource_servers import CheckResourceServer, OperatedResourceServers
from latchkey_token.handlers.restored import Restored
from latchkey_token.handlers.revoke import Revoke
from latchkey_token.handlers.standing_grants import StandingGrants
from latchkey_token.handlers.token import Token
from latchkey_token.introspection.reading import Reading
from latchkey_token.keys.mac_keys import MacKeys, load_mac_keys
from latchkey_token.keys.rotation import KeyRotation
from latchkey_token.keys.signing import Signer
from latchkey_token.keys.signing_keys import load_signer
from latchkey_token.keys.watch import SigningKeyWatch, watching
from latchkey_token.kills.catching_up import CatchingUp
from latchkey_token.kills.owners import Owners
from latchkey_token.rotation.rotator import Rotator
from latchkey_token.rotation.unanswered import Unanswered
from latchkey_token.settings import Settings
from latchkey_verify import embedding
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management
from latchkey_verify.people import people_of
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard

_NAME = "token"


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What several handlers stand on."""

    settings: Settings
    api: Api
    database: Database
    outbox: Outbox
    gates: Gates
    owners: Owners
    sealer: Sealer
    authentication: Authentication
    mac_keys: MacKeys
    signer: Signer
    unanswered: Unanswered
    clock: Clock
    entropy: Entropy
    permissions: Peer
    resource_servers: ResourceServers


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    rest, outbox = Api(settings.origin).rest, Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        # A connection of its own: a flood of token requests does not hold up a push.
        opening.database(settings, f"{_NAME}-push", pool=1) as feed_reader,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        pushing(database, feed_reader, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, rest, peers=peers, bus=nats, clock=clock) as verifier,
        sparing(database, outbox, clock) as refusals,
        noting_uses(database, clock) as uses,
    ):
        parts = await _parts(settings, database, outbox, refusals, uses, peers, clock, entropy)
        rotation = KeyRotation(database, parts.sealer, parts.outbox)
        # Over the connection that no flood of requests can occupy: whoever learns late that a key was killed signs
        # tokens that are refused.
        watch = SigningKeyWatch(feed_reader, parts.sealer, parts.signer, rotation)
        async with (
            working(database, nats, parts.outbox, parts.gates, parts.owners, lease=settings.verifier_lease) as letters,
            watching(watch, nats),
            alongside(parts.unanswered.write_for_ever()),
        ):
            people = people_of(
                _NAME,
                issuer=settings.origin,
                auth=peers.at(settings.auth_url),
                permissions=parts.permissions,
                clock=clock,
            )
            management = Management(Guard.of(verifier, rest, refused=RefusedAccess(refusals)), people)
            admission = Admission(management, "connection")
            connections = Connections(admission, database, outbox, lease=settings.verifier_lease)
            yield Surface(
                public=routes.public(
                    token=_token(parts),
                    revoke=_revoke(parts),
                    introspect=_introspect(parts),
                    connections=connections,
                    jwks=SignerKeySet(parts.signer),
                    metadata=metadata(settings.origin, settings.workspace_origin or settings.origin),
                ),
                internal=dead_letter_routes(letters)
                + routes.internal(
                    births=_births(parts),
                    apply=Apply(database, parts.gates, settings.internal_callers, lease=settings.verifier_lease),
                    restored=Restored(database, lease=settings.verifier_lease),
                    keys=OperatedKeys(database, rotation, watch),
                    resource_servers=_operated_resource_servers(parts),
                    check_resource_server=CheckResourceServer(parts.resource_servers),
                    connection_lookup=ConnectionLookup(database),
                    standing_grants=StandingGrants(database),
                    connections=connections,
                    own=OwnConnections(people, database, outbox, lease=settings.verifier_lease),
                    numbers=ConnectionNumbers(admission, database, parts.gates),
                ),
                # Only the management API needs the verifier: tokens are issued though all heads are away.
                checks={"database": database.problem, "verifier": until_first_well(verifier.readiness)},
            )


async def _parts(
    settings: Settings,
    database: Database,
    outbox: Outbox,
    refusals: Sparing,
    uses: SecretUses,
    peers: Peers,
    clock: Clock,
    entropy: Entropy,
) -> _Parts:
    registry = peers.at(settings.client_registry_url)
    gates = Gates(database, registry)
    sealer = Sealer(settings.master_key.reveal(), entropy)
    return _Parts(
        settings=settings,
        api=Api(settings.origin),
        database=database,
        outbox=outbox,
        gates=gates,
        owners=Owners(registry, peers.at(settings.auth_url)),
        sealer=sealer,
        authentication=Authentication(gates, FailedAuthentications(refusals), uses),
        mac_keys=await load_mac_keys(database, sealer, entropy),
        signer=await load_signer(database, sealer, settings.origin, lifetime=settings.access_token_lifetime),
        unanswered=Unanswered(database),
        clock=clock,
        entropy=entropy,
        permissions=peers.at(settings.permissions_url),
        resource_servers=ResourceServers(database, clock),
    )


def _token(parts: _Parts) -> Token:
    settings, database, outbox, keys = parts.settings, parts.database, parts.outbox, parts.mac_keys
    refusals = Refusals(database, outbox, keys, lease=settings.verifier_lease)
    issuer = Issuer(keys, parts.signer, parts.clock, parts.entropy, lifetime=settings.access_token_lifetime)
    exchange = Exchange(
        database=database,
        outbox=outbox,
        entropy=parts.entropy,
        keys=keys,
        authentication=parts.authentication,
        rotator=Rotator(database, outbox, parts.clock, lifetime=settings.refresh_token_lifetime),
        issuer=issuer,
        refusals=refusals,
        unanswered=parts.unanswered,
        known=parts.api.audiences,
    )
    return Token(parts.authentication, exchange, refusals, _own_tokens(parts, issuer))


def _own_tokens(parts: _Parts, issuer: Issuer) -> OwnTokens:
    known = parts.api.audiences
    return OwnTokens(
        parts.authentication,
        StandingConnections(parts.database, parts.permissions, parts.clock, parts.entropy, known=known),
        Minter(parts.database, parts.outbox, parts.clock),
        issuer,
        known=known,
        mcp=parts.api.mcp,
    )


def _births(parts: _Parts) -> Births:
    return Births(
        parts.database,
        parts.outbox,
        parts.gates,
        CatchingUp(parts.database, parts.gates, parts.owners),
        parts.mac_keys,
        parts.clock,
        parts.entropy,
        known=parts.api.audiences,
        code_lifetime=parts.settings.code_lifetime,
        lease=parts.settings.verifier_lease,
    )


def _revoke(parts: _Parts) -> Revoke:
    return Revoke(
        parts.authentication,
        parts.mac_keys,
        parts.signer,
        parts.database,
        parts.outbox,
        lease=parts.settings.verifier_lease,
    )


def _introspect(parts: _Parts) -> Introspect:
    return Introspect(
        parts.authentication,
        parts.resource_servers,
        parts.mac_keys,
        parts.signer,
        Reading(parts.database),
        issuer=parts.settings.origin,
    )


def _operated_resource_servers(parts: _Parts) -> OperatedResourceServers:
    return OperatedResourceServers(
        parts.database,
        parts.clock,
        parts.entropy,
        known=parts.api.audiences,
        callers=frozenset(parts.settings.internal_callers),
    )
