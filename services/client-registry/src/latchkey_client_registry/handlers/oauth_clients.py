"""`/v1/oauth-clients`: a tenant's admins make, see and change their clients."""

import msgspec
from aiohttp import web
from msgspec import UNSET

from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.editing import Changes, Editing
from latchkey_client_registry.changes.registration import Registration
from latchkey_client_registry.domain.terms import Terms
from latchkey_client_registry.domain.texts import one_line_end
from latchkey_client_registry.handlers import preconditions
from latchkey_client_registry.handlers.views import changed, view
from latchkey_client_registry.handlers.wanted import Edit, New
from latchkey_client_registry.store import clients, everywhere, labs, secrets, tenant_clients
from latchkey_client_registry.store import once as store_once
from latchkey_contracts.events.client import LabsRefused
from latchkey_contracts.ids import Id
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.sparing import Sparing, Telling
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import Problem, not_found
from latchkey_verify.admission import Admission
from latchkey_verify.management import Manager


class OAuthClients:
    def __init__(
        self,
        database: Database,
        admission: Admission,
        registration: Registration,
        editing: Editing,
        ceilings: Ceilings,
        refusals: Sparing,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._admission = admission
        self._registration = registration
        self._editing = editing
        self._ceilings = ceilings
        self._refusals = refusals
        self._clock = clock
        self._entropy = entropy

    async def create(self, request: web.Request) -> web.Response:
        """201 with the secret, which is shown this once; 200 without it for what the same form has made before."""
        bearer = await self._admission.bearer(request, "create")
        wanted = await json_body(request, New)
        client = await self._id_for(bearer, wanted.once)
        if wanted.once and (known := await self._known(client)) is not None:
            return await self._again(known)
        draft = clients.Draft(
            id=client,
            tenant=bearer.tenant,
            name=wanted.name,
            description=one_line_end(wanted.description),
            client_type=wanted.type,
            proof=wanted.proof,
            preset=wanted.preset,
            redirect_uris=wanted.redirect_uris,
            terms=msgspec.convert(wanted, Terms, from_attributes=True),
            narrowing=wanted.narrowing,
        )
        made = await self._registration.create(draft, wanted.permissions, self._admission.actor(bearer))
        if made is None:
            return await self._again(await self._known(client))
        return changed(made, 201, permissions=wanted.permissions, headers=_location(client))

    async def _id_for(self, manager: Manager, once: str | None) -> str:
        """The id of a client that is to be made: of the same form, always the same."""
        async with self._database.connection() as connection:
            if await labs.enabled_among(connection, [manager.tenant]):
                fresh = new_id(self._clock, self._entropy)
                return await store_once.client_of(connection, manager.tenant, once, fresh) if once else fresh
        await self._tell_labs_off(manager)
        raise Problem(403, "labs_off", "OAuth clients are not switched on for this workspace.")

    async def _tell_labs_off(self, manager: Manager) -> None:
        """The same person's are told at once, then counted for a minute."""
        tenant, user, client = manager.tenant, manager.user, manager.client

        def event(times: int) -> LabsRefused:
            return LabsRefused(tenant=tenant, times=times)

        telling = Telling(event=event, tenant=tenant, user=user, client=client)
        await self._refusals.tell((LabsRefused, tenant, user, client), telling)

    async def _known(self, client: str) -> clients.Stored | None:
        async with self._database.connection() as connection:
            return next(iter(await everywhere.named(connection, [client])), None)

    async def _again(self, stored: clients.Stored | None) -> web.Response:
        if stored is None or stored.bars.deleted:
            raise Problem(409, "once_used", "This form was sent before.", "What it made is deleted. Begin a new one.")
        client = stored.client
        async with self._database.connection() as connection:
            kept = await secrets.of_client(connection, client.id)
        ceiling = await self._ceilings.get_if_there(client.tenant, client.id)
        headers = preconditions.tag(client.revision) | _location(client.id)
        return answer(view(stored, permissions=ceiling, secrets=kept), headers=headers)

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
        shown = view(stored, permissions=ceiling.permissions, secrets=known, blocked=blocked)
        return answer(shown, headers=preconditions.tag(shown.revision))

    async def edit(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are (RFC 7396); ``null`` gives a term back to its usual value.

        With `If-Match` nothing is changed that was changed meanwhile (412).

        A new secret is in the answer, so it needs nothing that may be away: ``permissions`` are left out then.
        """
        bearer = await self._admission.bearer(request, "update")
        wanted = await json_body(request, Edit)
        client = path_id(request, "client_id")
        changes = Changes(**{name: getattr(wanted, name) for name in Changes.__struct_fields__})
        if changes.description is not UNSET:
            changes = msgspec.structs.replace(changes, description=one_line_end(changes.description))
        edited = await self._editing.edit(
            bearer.tenant,
            client,
            changes,
            wanted.permissions,
            self._admission.actor(bearer),
            expected=preconditions.expected(request),
        )
        ceiling = wanted.permissions or await self._ceilings.get_if_there(bearer.tenant, client)
        return changed(edited, permissions=ceiling)


def _location(client: str) -> dict[str, str]:
    return {"Location": f"/v1/oauth-clients/{client}"}
