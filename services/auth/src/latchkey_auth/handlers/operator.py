"""What the operator's command asks for: tenants, users, members. All idempotent."""

import asyncpg
from aiohttp import web

from latchkey_auth.domain import people as rules
from latchkey_auth.domain.people import Tenant, User
from latchkey_auth.handlers.fields import check_fields
from latchkey_auth.sign_in.passwords import Passwords
from latchkey_auth.store import people
from latchkey_auth.turning.memberships import Memberships
from latchkey_contracts.events.auth import TenantCreated, UserCreated
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import MemberPut, Put, TenantFound, TenantNamed, TenantPut, UserPut
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import not_found
from latchkey_verify.admission import OPERATOR


class Operator:
    def __init__(
        self, database: Database, passwords: Passwords, outbox: Outbox, memberships: Memberships,
        clock: Clock, entropy: Entropy,
    ) -> None:  # fmt: skip
        self._database = database
        self._passwords = passwords
        self._outbox = outbox
        self._memberships = memberships
        self._clock = clock
        self._entropy = entropy

    async def put_tenant(self, request: web.Request) -> web.Response:
        asked = await json_body(request, TenantPut)
        check_fields(name=rules.unfit_tenant_name(asked.name), title=rules.unfit_text(asked.title))
        tenant = Tenant(id=self._new_id(), name=asked.name, title=asked.title)
        async with self._database.transaction() as connection:
            created = await people.add_tenant(connection, tenant)
            if created:
                event = TenantCreated(tenant=tenant.id, name=tenant.name)
                await self._outbox.add(connection, event, tenant=tenant.id)
            there = await people.tenant_named(connection, asked.name)
        if there is None:
            raise not_found("The tenant was removed meanwhile.")
        return answer(Put(id=there.id, created=created))

    async def tenant_named(self, request: web.Request) -> web.Response:
        asked = await json_body(request, TenantNamed)
        async with self._database.connection() as connection:
            there = await people.tenant_named(connection, asked.name)
        if there is None:
            raise not_found("There is no tenant of this name.")
        return answer(TenantFound(id=there.id))

    async def put_user(self, request: web.Request) -> web.Response:
        asked = await json_body(request, UserPut)
        email = rules.folded_email(asked.email)
        check_fields(
            email=rules.unfit_email(email),
            name=rules.unfit_text(asked.name),
            password=rules.unfit_password(asked.password),
        )
        async with self._database.connection() as connection:
            there = await people.credentials(connection, email)
        if there is not None:
            return answer(Put(id=there.user.id, created=False))
        user = User(id=self._new_id(), email=email, name=asked.name)
        return answer(await self._add_user(user, await self._passwords.hash(asked.password), staff=asked.staff))

    async def _add_user(self, user: User, password_hash: str, *, staff: bool) -> Put:
        async with self._database.transaction() as connection:
            created = await people.add_user(connection, user, password_hash, staff=staff)
            if created:
                event = UserCreated(user=user.id, email=user.email, staff=staff)
                await self._outbox.add(connection, event, tenant=None)
            there = await people.credentials(connection, user.email)
        if there is None:
            raise not_found("The user was removed meanwhile.")
        return Put(id=there.user.id, created=created)

    async def put_member(self, request: web.Request) -> web.Response:
        asked = await json_body(request, MemberPut)
        try:
            await self._memberships.add(asked.tenant, asked.user, OPERATOR)
        except asyncpg.ForeignKeyViolationError:
            raise not_found("There is no such tenant or user.") from None
        return answer(Done())

    def _new_id(self) -> str:
        return new_id(self._clock, self._entropy)
