"""`/v1/invitations`: who may join a tenant, for those who manage its members at the console."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_auth.domain.people import folded_email, unfit_email
from latchkey_auth.handlers.fields import check_fields
from latchkey_auth.joining.inviting import Inviting
from latchkey_auth.store import invitations
from latchkey_auth.store.invitations import Invitation
from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_verify.admission import Admission


class ShownInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """``invited_by`` is a member's id; ``None`` for staff."""

    id: str
    email: str
    role: str
    created_at: dt.datetime
    expires_at: dt.datetime
    invited_by: str | None


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str
    role: Id


class InvitationsApi:
    """Needs the rights of the model ``member``, and each role that is given away is within the inviter's own."""

    def __init__(self, database: Database, admission: Admission, inviting: Inviting) -> None:
        self._database = database
        self._admission = admission
        self._inviting = inviting

    async def create(self, request: web.Request) -> web.Response:
        manager = await self._admission.bearer(request, "create")
        wanted = await json_body(request, _New)
        email = folded_email(wanted.email)
        check_fields(email=unfit_email(email))
        return answer(await self._inviting.invite(manager.tenant, email, wanted.role, manager.user), 201)

    async def list(self, request: web.Request) -> web.Response:
        manager = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await invitations.page(connection, manager.tenant, after, asked.to_fetch)
        return listed(found, asked, show=_show, place=lambda one: one.id)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Whoever may invite may take it back."""
        manager = await self._admission.bearer(request, "create")
        await self._inviting.withdraw(manager.tenant, path_id(request, "invitation_id"), manager.user)
        return web.Response(status=204)


def _show(one: Invitation) -> ShownInvitation:
    return ShownInvitation(
        id=one.id,
        email=one.email,
        role=one.role,
        created_at=one.created_at,
        expires_at=one.expires_at,
        invited_by=one.invited_by,
    )
