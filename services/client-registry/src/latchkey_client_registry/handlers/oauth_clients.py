"""`/v1/oauth-clients`: a tenant's admins make, see and change their clients."""

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.editing import Changes, Editing
from latchkey_client_registry.changes.registration import Registration
from latchkey_client_registry.domain.presets import with_preset
from latchkey_client_registry.domain.terms import LONGEST_LIFETIME, LONGEST_RETRY_WINDOW, SHORTEST_LIFETIME, Terms
from latchkey_client_registry.handlers.views import changed, view
from latchkey_client_registry.store import clients, labs, secrets, tenant_clients
from latchkey_contracts.ids import Id
from latchkey_contracts.requests.clients import ClientType, Preset, Proof
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import Problem, not_found
from latchkey_verify.admission import Admission

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*\Z")]
_Description = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*\Z")]
_Uri = Annotated[str, msgspec.Meta(max_length=2000)]
_Lifetime = Annotated[int, msgspec.Meta(ge=SHORTEST_LIFETIME, le=LONGEST_LIFETIME)]
_RetryWindow = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_RETRY_WINDOW)]


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    description: _Description = ""
    type: ClientType = "confidential"
    proof: Proof = "both"
    preset: Preset = "custom"
    redirect_uris: tuple[_Uri, ...] = ()
    permissions: PlainPermissions = {}
    retry_window: _RetryWindow | None = None
    refresh_token_lifetime: _Lifetime | None = None
    connection_lifetime: _Lifetime | None = None
    client_credentials: bool = False
    narrowing: bool = False


class _Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name | UnsetType = UNSET
    description: _Description | UnsetType = UNSET
    type: ClientType | UnsetType = UNSET
    proof: Proof | UnsetType = UNSET
    redirect_uris: tuple[_Uri, ...] | UnsetType = UNSET
    permissions: PlainPermissions | None = None
    retry_window: _RetryWindow | UnsetType | None = UNSET
    refresh_token_lifetime: _Lifetime | UnsetType | None = UNSET
    connection_lifetime: _Lifetime | UnsetType | None = UNSET
    client_credentials: bool | UnsetType = UNSET
    narrowing: bool | UnsetType = UNSET


class OAuthClients:
    def __init__(
        self,
        database: Database,
        admission: Admission,
        registration: Registration,
        editing: Editing,
        ceilings: Ceilings,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._admission = admission
        self._registration = registration
        self._editing = editing
        self._ceilings = ceilings
        self._clock = clock
        self._entropy = entropy

    async def create(self, request: web.Request) -> web.Response:
        """201 with the secret, which is shown this once."""
        bearer = await self._admission.bearer(request, "create")
        wanted = await json_body(request, _New)
        async with self._database.connection() as connection:
            if not await labs.enabled_among(connection, [bearer.tenant]):
                raise Problem(403, "labs_off", "OAuth clients are not switched on for this workspace.")
        draft = clients.Draft(
            id=new_id(self._clock, self._entropy),
            tenant=bearer.tenant,
            name=wanted.name,
            description=wanted.description,
            client_type=wanted.type,
            proof=wanted.proof,
            preset=wanted.preset,
            redirect_uris=with_preset(wanted.preset, wanted.redirect_uris),
            terms=msgspec.convert(wanted, Terms, from_attributes=True),
            narrowing=wanted.narrowing,
        )
        made = await self._registration.create(draft, wanted.permissions, self._admission.actor(bearer))
        where = {"Location": f"/v1/oauth-clients/{draft.id}"}
        return changed(made, 201, permissions=wanted.permissions, headers=where)

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await clients.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=view, place=lambda stored: stored.client.id)

    async def get(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        client = path_id(request, "client_id")
        async with self._database.connection() as connection:
            stored = await clients.get(connection, client)
            if stored is None or stored.client.tenant != bearer.tenant:
                raise not_found()
            known = await secrets.of_client(connection, client)
            stands = await tenant_clients.among(connection, client, [bearer.tenant])
        ceiling = await self._ceilings.get(bearer.tenant, client)
        blocked = any(one.barred for one in stands.values())
        return answer(view(stored, permissions=ceiling.permissions, secrets=known, blocked=blocked))

    async def edit(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are (RFC 7396); ``null`` gives a term back to its usual value.

        A new secret is in the answer, so it needs nothing that may be away: ``permissions`` are left out then.
        """
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, _Changed)
        client = path_id(request, "client_id")
        changes = Changes(**{name: getattr(wanted, name) for name in Changes.__struct_fields__})
        edited = await self._editing.edit(
            bearer.tenant, client, changes, wanted.permissions, self._admission.actor(bearer)
        )
        ceiling = wanted.permissions or await self._ceilings.get_if_there(bearer.tenant, client)
        return changed(edited, permissions=ceiling)
