"""`/v1/tenants`: every customer, for staff."""

from typing import Annotated

import msgspec
from aiohttp import web

from latchkey_auth.domain import people as rules
from latchkey_auth.domain.people import Tenant
from latchkey_auth.handlers.fields import check_fields
from latchkey_auth.joining.inviting import Inviting, Made
from latchkey_auth.joining.roles import Roles
from latchkey_auth.store import people, tenants
from latchkey_contracts.events.auth import TenantCreated
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import FieldError, Problem
from latchkey_verify.people import People


class _Query(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``q``: part of a name or title, or the id; everything without it."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str
    admin_email: str


class NewTenant(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` is the invitation of its first admin; nobody can be told again."""

    id: str
    url: str


class StaffTenants:
    def __init__(
        self, database: Database, people: People, outbox: Outbox, roles: Roles, inviting: Inviting, clock: Clock,
        entropy: Entropy,
    ) -> None:  # fmt: skip
        self._database = database
        self._people = people
        self._outbox = outbox
        self._roles = roles
        self._inviting = inviting
        self._clock = clock
        self._entropy = entropy

    async def list(self, request: web.Request) -> web.Response:
        await self._people.staff(request)
        asked = query(request, _Query)
        after = asked.after(str)
        async with self._database.connection() as connection:
            found = await tenants.page(connection, asked.q.strip(), after, asked.to_fetch)
        return listed(found, asked, show=lambda one: one, place=lambda one: one.name)

    async def create(self, request: web.Request) -> web.Response:
        """Make a tenant, its role Admin, and an invitation for its first admin; 409 for a name that is taken."""
        staff = await self._people.staff(request)
        asked = await json_body(request, _New)
        email = rules.folded_email(asked.admin_email)
        check_fields(
            name=rules.unfit_tenant_name(asked.name),
            title=rules.unfit_text(asked.title),
            admin_email=rules.unfit_email(email),
        )
        tenant = Tenant(id=new_id(self._clock, self._entropy), name=asked.name, title=asked.title)
        made = await self._make(tenant, email, staff)
        return answer(NewTenant(id=tenant.id, url=made.url), 201)

    async def _make(self, tenant: Tenant, email: str, staff: str) -> Made:
        async with self._database.transaction() as connection:
            if not await people.add_tenant(connection, tenant):
                error = FieldError(pointer="/name", message="Another tenant has this name.")
                raise Problem(409, "name_taken", "This name is taken.", errors=(error,))
            event = TenantCreated(tenant=tenant.id, name=tenant.name)
            await self._outbox.add(connection, event, tenant=tenant.id, user=staff)
            role = await self._roles.admin(tenant.id)
            return await self._inviting.invite_within(connection, tenant.id, email, role, by=staff, invited_by=None)
