"""`/v1/members`: who belongs to a tenant, for those who manage it."""

import datetime as dt

import msgspec
from aiohttp import web

from latchkey_auth.domain.people import folded_email, unfit_email
from latchkey_auth.handlers.fields import check_fields
from latchkey_auth.store import members
from latchkey_auth.store.members import Member
from latchkey_auth.turning.memberships import Memberships
from latchkey_contracts.ids import Id
from latchkey_kit.db import Database
from latchkey_kit.telling import Told
from latchkey_kit.web.bodies import answer, json_body, path_id, query
from latchkey_kit.web.lists import PageQuery, listed
from latchkey_kit.web.problems import Problem
from latchkey_verify.admission import Admission


class ShownMember(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is the user's."""

    id: str
    email: str
    name: str
    since: dt.datetime


class Added(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member who was added again. ``pending`` and ``effective_at`` as in `Removed`."""

    id: str
    email: str
    name: str
    since: dt.datetime
    pending: bool = False
    effective_at: dt.datetime | None = None


class Removed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``effective_at``: when the last token of theirs is refused everywhere, at the latest.

    ``pending`` (with status 202): it is decided and will come into force, but nobody can say when yet.
    """

    id: str
    pending: bool = False
    effective_at: dt.datetime | None = None


class _New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str


class MembersApi:
    """A bearer needs the rights of the model ``member``; it sees and changes its own tenant's members only."""

    def __init__(self, database: Database, admission: Admission, memberships: Memberships) -> None:
        self._database = database
        self._admission = admission
        self._memberships = memberships

    async def list(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "view")
        asked = query(request, PageQuery)
        after = asked.after(Id)
        async with self._database.connection() as connection:
            found = await members.page(connection, bearer.tenant, after, asked.to_fetch)
        return listed(found, asked, show=_show, place=lambda member: member.user.id)

    async def add(self, request: web.Request) -> web.Response:
        """Add a former member again.

        Who never was one is not looked for: whether another tenant knows an address is not to be learned here.
        """
        bearer = await self._admission.bearer(request, "create")
        email = folded_email((await json_body(request, _New)).email)
        check_fields(email=unfit_email(email))
        known = await self._with_email(bearer.tenant, email)
        told = await self._memberships.add(bearer.tenant, known.user.id, self._admission.actor(bearer)) or Told()
        now = await self._with_email(bearer.tenant, email)
        shown = Added(
            id=now.user.id,
            email=now.user.email,
            name=now.user.name,
            since=now.since,
            pending=told.pending,
            effective_at=told.effective_at,
        )
        return answer(shown, _status(told))

    async def remove(self, request: web.Request) -> web.Response:
        bearer = await self._admission.bearer(request, "remove")
        user = path_id(request, "user_id")
        if user == bearer.user:
            raise Problem(409, "yourself", "Nobody removes themselves.", "Ask somebody else who manages members.")
        told = await self._memberships.remove(bearer.tenant, user, self._admission.actor(bearer))
        return answer(Removed(id=user, pending=told.pending, effective_at=told.effective_at), _status(told))

    async def _with_email(self, tenant: str, email: str) -> Member:
        async with self._database.connection() as connection:
            found = await members.with_email(connection, tenant, email)
        if found is None:
            raise Problem(
                404,
                "no_former_member",
                "Nobody with this e-mail address was a member of this workspace.",
                "Only former members are added here; invite a new one at the web console.",
            )
        return found


def _show(member: Member) -> ShownMember:
    return ShownMember(id=member.user.id, email=member.user.email, name=member.user.name, since=member.since)


def _status(told: Told) -> int:
    return 202 if told.pending else 200
