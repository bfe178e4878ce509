"""`/v1/oauth-clients`: a tenant's admins make, see and change their clients."""

from typing import Annotated

import msgspec
from aiohttp import web

from latchkey_client_registry.domain.presets import with_preset
from latchkey_client_registry.handlers.views import ClientView, view
from latchkey_client_registry.registration import Actor, Registration
from latchkey_client_registry.store import clients, labs, secrets
from latchkey_contracts.ids import Id
from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.permissions import CeilingGet
from latchkey_kit.db import Database
from latchkey_kit.requests import Peer
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import Problem, not_found
from latchkey_policy.names import Action
from latchkey_verify.bearer import Bearer
from latchkey_verify.web import Guard

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*\Z")]
_Description = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*\Z")]
_Uri = Annotated[str, msgspec.Meta(max_length=2000)]
_MODEL = "oauthclient"


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    description: _Description = ""
    type: ClientType = "confidential"
    proof: Proof = "both"
    preset: Preset = "custom"
    redirect_uris: tuple[_Uri, ...] = ()
    permissions: dict[str, tuple[str, ...]] = {}


class _Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name | None = None
    description: _Description | None = None
    proof: Proof | None = None
    redirect_uris: tuple[_Uri, ...] | None = None
    permissions: dict[str, tuple[str, ...]] | None = None


class OAuthClients:
    """A bearer needs the rights of the model ``oauthclient``; it sees and changes its own tenant's clients only."""

    def __init__(self, database: Database, guard: Guard, registration: Registration, permissions: Peer) -> None:
        self._database = database
        self._guard = guard
        self._registration = registration
        self._permissions = permissions

    async def create(self, request: web.Request) -> web.Response:
        """201 with the secret, which is shown this once."""
        bearer = await self._admit(request, "create")
        wanted = await json_body(request, _New)
        async with self._database.connection() as connection:
            if not await labs.enabled_among(connection, [bearer.tenant]):
                raise Problem(403, "labs_off", "OAuth clients are not switched on for this workspace.")
        draft = clients.Draft(
            id=self._registration.new_id(),
            tenant=bearer.tenant,
            name=wanted.name,
            description=wanted.description,
            client_type=wanted.type,
            proof=wanted.proof,
            preset=wanted.preset,
            redirect_uris=with_preset(wanted.preset, wanted.redirect_uris),
        )
        made = await self._registration.create(draft, wanted.permissions, _actor(bearer))
        shown = view(made.stored, permissions=wanted.permissions, client_secret=made.secret)
        return answer(shown, 201, {"Location": f"/v1/oauth-clients/{draft.id}"})

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admit(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await clients.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=view, place=lambda stored: stored.client.id)

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admit(request, "view")
        return answer(await self._whole(bearer.tenant, path_id(request, "client_id")))

    async def edit(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are (RFC 7396, without null)."""
        bearer = await self._admit(request, "update")
        wanted = await json_body(request, _Changed)
        changes = clients.Changes(
            name=wanted.name,
            description=wanted.description,
            proof=wanted.proof,
            redirect_uris=wanted.redirect_uris,
        )
        client = path_id(request, "client_id")
        edited = await self._registration.edit(bearer.tenant, client, changes, wanted.permissions, _actor(bearer))
        if edited is None:
            raise not_found()
        return answer(await self._whole(bearer.tenant, client))

    async def _admit(self, request: web.Request, action: Action) -> Bearer:
        bearer = await self._guard.bearer(request)
        await self._guard.require(bearer, _MODEL, action)
        return bearer

    async def _whole(self, tenant: str, client: str) -> ClientView:
        async with self._database.connection() as connection:
            stored = await clients.get(connection, client)
            if stored is None or stored.client.tenant != tenant:
                raise not_found()
            known = await secrets.of_client(connection, client)
        ceiling = await self._permissions.ask(CeilingGet(tenant=tenant, client=client))
        return view(stored, permissions=ceiling.permissions, secrets=known)


def _actor(bearer: Bearer) -> Actor:
    return Actor(user=bearer.user, client=bearer.client)
