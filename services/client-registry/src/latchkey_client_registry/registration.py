"""Making and changing a client: its row, its ceiling, its event, and what the token service must know."""

import msgspec
import structlog

from latchkey_client_registry.domain import presets, redirects
from latchkey_client_registry.store import clients, secrets
from latchkey_contracts.events.client import ClientCreated, ClientUpdated
from latchkey_contracts.requests.clients import Client, Gate
from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.permissions import CeilingPut
from latchkey_kit.clock import Clock
from latchkey_kit.db import Connection, Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_oauth.token_string import CLIENT_SECRET_PREFIX, OPAQUE_SIZE, opaque, secret_hash

Ceiling = dict[str, tuple[str, ...]]
log = structlog.get_logger()


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, for the event: a user through a client, or the operator."""

    user: str | None = None
    client: str | None = None


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` is shown now and never again; ``None`` for a public client."""

    stored: clients.Stored
    secret: str | None


class Registration:
    """Every change of a client goes through here."""

    def __init__(
        self, database: Database, outbox: Outbox, permissions: Peer, token: Peer, clock: Clock, entropy: Entropy
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._permissions = permissions
        self._token = token
        self._clock = clock
        self._entropy = entropy

    def new_id(self) -> str:
        return new_id(self._clock, self._entropy)

    async def create(
        self, draft: clients.Draft, ceiling: Ceiling, actor: Actor, *, secret: str | None = None
    ) -> Created:
        """Make a client.

        The ceiling is set first: a client must not exist without one, and a ceiling without a client harms nobody.

        Raises:
            Problem: 400 naming a redirect URL, model or action that cannot be.

        """
        _refuse(redirects.problems(draft.redirect_uris))
        await self._set_ceiling(draft.tenant, draft.id, ceiling)
        if draft.client_type == "confidential":
            secret = secret or opaque(CLIENT_SECRET_PREFIX, self._entropy.bytes(OPAQUE_SIZE))
        async with self._database.transaction() as connection:
            stored = await clients.insert(connection, draft)
            if secret is not None:
                await secrets.insert(connection, self.new_id(), draft.id, secret_hash(secret), secret[-4:])
            await self._tell_created(connection, stored.client, actor)
        await self.tell_token(draft.id)
        return Created(stored=stored, secret=secret)

    async def edit(
        self, tenant: str, client: str, changes: clients.Changes, ceiling: Ceiling | None, actor: Actor
    ) -> clients.Stored | None:
        """Change a tenant's client; ``None`` when it has no such client."""
        async with self._database.connection() as connection:
            known = await clients.get(connection, client)
        if known is None or known.client.tenant != tenant:
            return None
        if changes.redirect_uris is not None:
            _refuse(redirects.problems(changes.redirect_uris))
        if ceiling is not None:
            await self._set_ceiling(tenant, client, ceiling)
        changed = _names(changes, with_ceiling=ceiling is not None)
        async with self._database.transaction() as connection:
            stored = await clients.update(connection, tenant, client, changes)
            if stored is not None:
                event = ClientUpdated(client=client, changed=changed, revision=stored.client.revision)
                await self._outbox.add(connection, event, tenant=tenant, user=actor.user, client=actor.client)
        await self.tell_token(client)
        return stored

    async def gate(self, client: str) -> Gate | None:
        """What the token service must know."""
        async with self._database.connection() as connection:
            stored = await clients.get(connection, client)
            if stored is None:
                return None
            known = await secrets.of_client(connection, client)
        facts = presets.PRESETS[stored.client.preset]
        return Gate(
            client=client,
            tenant=stored.client.tenant,
            revision=stored.client.revision,
            turn=stored.client.turn,
            client_type=stored.client.client_type,
            proof=stored.client.proof,
            secret_hashes=tuple(secret.hash.hex() for secret in known),
            retry_window=facts.retry_window,
            default_audience=facts.default_audience,
        )

    async def tell_token(self, client: str) -> None:
        """Hand the change over at once. When that fails, the event brings it."""
        try:
            await self._token.ask(TokenApply(gate=await self.gate(client)))
        except (PeerUnavailable, PeerRefused) as error:
            log.warning("token_not_told", client_id=client, reason=str(error))

    async def _set_ceiling(self, tenant: str, client: str, ceiling: Ceiling) -> None:
        try:
            await self._permissions.ask(CeilingPut(tenant=tenant, client=client, permissions=ceiling))
        except PeerRefused as refused:
            detail = refused.problem.detail or refused.problem.title
            raise bad_request(detail, FieldError(pointer="/permissions", message=detail)) from None

    async def _tell_created(self, connection: Connection, client: Client, actor: Actor) -> None:
        event = ClientCreated(
            client=client.id,
            name=client.name,
            client_type=client.client_type,
            redirect_uris=client.redirect_uris,
            revision=client.revision,
        )
        await self._outbox.add(connection, event, tenant=client.tenant, user=actor.user, client=actor.client)


def _names(changes: clients.Changes, *, with_ceiling: bool) -> tuple[str, ...]:
    given = tuple(name for name in changes.__struct_fields__ if getattr(changes, name) is not None)
    return (*given, "permissions") if with_ceiling else given


def _refuse(reasons: dict[int | None, str]) -> None:
    errors = tuple(
        FieldError(pointer="/redirect_uris" if place is None else f"/redirect_uris/{place}", message=reason)
        for place, reason in reasons.items()
    )
    if errors:
        raise Problem(400, "invalid_redirect_uri", "A redirect URL cannot be registered.", errors=errors)
