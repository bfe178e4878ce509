"""``POST /oauth/authorize``: the user chose a workspace, or Authorize, or Cancel. Everything is checked anew."""

from aiohttp import web

from latchkey_auth.authorization.answers import Answers
from latchkey_auth.authorization.front_door import FrontDoor, Visit
from latchkey_auth.authorization.granting import Already, Granting, Moved, app_changed
from latchkey_auth.authorization.resolving import Resolving
from latchkey_auth.domain.authorization import Asked, asked, chosen
from latchkey_auth.domain.choices import Decision, preset_of, user_chooses
from latchkey_auth.domain.forms import attempt, with_tenant
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.handlers.authorize import Authorize, eligible
from latchkey_auth.handlers.forms import check_csrf, read_consent_form
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_contracts.api import Api
from latchkey_kit.marking import N_
from latchkey_kit.web.problems import Problem
from latchkey_look.pages import see_other
from latchkey_oauth.errors import OAuthError, access_denied


class Decide:
    def __init__(
        self, sessions: Sessions, door: FrontDoor, api: Api, authorize: Authorize, resolving: Resolving,
        granting: Granting, answers: Answers, origin: str,
    ) -> None:  # fmt: skip
        self._sessions = sessions
        self._door = door
        self._api = api
        self._authorize = authorize
        self._resolving = resolving
        self._granting = granting
        self._answers = answers
        self._origin = origin

    async def submit(self, request: web.Request) -> web.Response:
        form = await read_consent_form(request, self._origin)
        try:
            return await self._decide(request, form)
        except Moved:
            pass  # look again: if all still stands, it is granted as it is now
        try:
            return await self._decide(request, form)
        except Moved as moved:
            raise app_changed(moved.private) from None

    async def _decide(self, request: web.Request, sent: Decision) -> web.Response:
        person = await self._sessions.person(request)
        visit = await self._door.admit(request, person)
        if person is None or visit.must_sign_in:
            return see_other(visit.path)  # the session is over, or too old: sign in, and be asked again
        try:
            wanted = asked(visit.client, visit.parameters, self._api)
            return await self._go_on(visit, wanted, person, sent)
        except OAuthError as error:
            return self._answers.error(visit, error)

    async def _go_on(self, visit: Visit, wanted: Asked, person: Person, sent: Decision) -> web.Response:
        form, preset = sent.fields, preset_of(sent.fields)
        tenants, decision = eligible(visit, person), form.get("decision")
        still_to_choose = chosen(tenants, visit.parameters.get("tenant")) is None
        picks = decision is None and preset is None and still_to_choose
        if picks:
            check_csrf(form, person.csrf_secret, "tenant")
        else:
            check_csrf(form, person.csrf_secret, "consent", sent.form_id)
        tenant = _tenant(tenants, form.get("tenant") or visit.parameters.get("tenant"))
        if picks:
            return see_other(with_tenant(visit.path, tenant.name))
        if decision == "cancel":
            await self._granting.cancelled(visit, person, tenant)
            return self._answers.error(visit, access_denied())
        if decision == "authorize":
            return await self._grant(visit, wanted, person, tenant, sent)
        if decision is None and preset is not None:
            return await self._authorize.ask(visit, wanted, person, tenant, left=preset, why="preset")
        again = N_("Nothing was done. Go back and try again.")
        raise Problem(400, "invalid_request", N_("Choose Authorize or Cancel."), again)

    async def _grant(self, visit: Visit, wanted: Asked, person: Person, tenant: Tenant, sent: Decision) -> web.Response:
        """Grant what was shown, or what the user left of it.

        What is left is asked for before what there is: while the latter is what was shown, the former lies within it.
        """
        chose = sent.fields.get("choosing") is not None
        left = await self._resolving.narrowed(visit, wanted, person, tenant, sent.allowed) if chose else None
        resolution = await self._resolving.resolve(visit, wanted, person, tenant)
        if resolution.refusal is not None:
            return self._authorize.refused(visit, wanted, person, tenant, resolution)
        allowed = sent.allowed if chose else None
        if resolution.document != sent.fields.get("document") or chose is not user_chooses(visit.client):
            return await self._authorize.ask(visit, wanted, person, tenant, left=allowed, why="changed")
        granted = left if chose else resolution
        if granted is None:
            return await self._authorize.ask(visit, wanted, person, tenant, left=allowed, why="nothing_left")
        named = attempt(person.csrf_secret, sent.form_id, visit.path)
        try:
            code = await self._granting.granted(visit, wanted, person, tenant, granted, attempt=named)
        except Already:
            return self._authorize.already(visit, person)
        return self._answers.code(visit, code)


def _tenant(tenants: tuple[Tenant, ...], name: str | None) -> Tenant:
    """The tenant that a form names; the only one if it names none."""
    tenant = chosen(tenants, name)
    if tenant is None or (name is not None and tenant.name != name):
        another = N_("Go back and choose one that can.")
        raise Problem(400, "invalid_tenant", N_("This workspace cannot use this app."), another)
    return tenant
