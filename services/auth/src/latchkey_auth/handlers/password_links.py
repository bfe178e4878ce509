"""Making links for a new password: for members by who manages them, for everybody by staff."""

import msgspec
from aiohttp import web

from latchkey_auth.domain.people import folded_email, unfit_email
from latchkey_auth.handlers.fields import check_fields
from latchkey_auth.joining.passwords import PasswordLinks
from latchkey_kit.web.bodies import answer, json_body, path_id
from latchkey_verify.admission import Admission
from latchkey_verify.people import People


class _Whose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str


class PasswordLinksApi:
    def __init__(self, links: PasswordLinks, admission: Admission, people: People) -> None:
        self._links = links
        self._admission = admission
        self._people = people

    async def for_member(self, request: web.Request) -> web.Response:
        manager = await self._admission.bearer(request, "update")
        user = path_id(request, "user_id")
        return answer(await self._links.for_member(manager.tenant, user, manager.user), 201)

    async def by_staff(self, request: web.Request) -> web.Response:
        staff = await self._people.staff(request)
        email = folded_email((await json_body(request, _Whose)).email)
        check_fields(email=unfit_email(email))
        return answer(await self._links.by_staff(email, staff), 201)
