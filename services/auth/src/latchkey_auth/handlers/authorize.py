"""``GET /oauth/authorize``: from an app's request to a page that asks the user, or to an answer without one."""

from aiohttp import web

from latchkey_auth.authorization.answers import Answers
from latchkey_auth.authorization.consent_pages import ConsentPages, Why
from latchkey_auth.authorization.front_door import FrontDoor, Visit
from latchkey_auth.authorization.granting import Granting, Moved
from latchkey_auth.authorization.resolving import Resolving
from latchkey_auth.authorization.standing import StandingGrants
from latchkey_auth.domain.again import goes_without_asking
from latchkey_auth.domain.authorization import Asked, asked, chosen
from latchkey_auth.domain.choices import Left
from latchkey_auth.domain.forms import signed_in_path
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_contracts.api import Api
from latchkey_contracts.requests.permissions import Resolution
from latchkey_oauth.errors import (
    OAuthError,
    access_denied,
    consent_required,
    interaction_required,
    login_required,
)


class Authorize:
    """Errors go back to the app as soon as client and redirect URI are proven, whoever is signed in."""

    def __init__(
        self, sessions: Sessions, door: FrontDoor, api: Api, standing: StandingGrants, resolving: Resolving,
        granting: Granting, sign_in_form: SignInForm, pages: ConsentPages, answers: Answers,
    ) -> None:  # fmt: skip
        self._sessions = sessions
        self._door = door
        self._api = api
        self._standing = standing
        self._resolving = resolving
        self._granting = granting
        self._sign_in_form = sign_in_form
        self._pages = pages
        self._answers = answers

    async def show(self, request: web.Request) -> web.Response:
        person = await self._sessions.person(request)
        visit = await self._door.admit(request, person)
        try:
            wanted = asked(visit.client, visit.parameters, self._api)
            if person is not None and not visit.must_sign_in:
                return await self._choose_workspace(visit, wanted, person, somebody_came=_somebody_came(request))
            if wanted.silent:
                raise login_required()
        except OAuthError as error:
            return self._answers.error(visit, error)
        next_path = signed_in_path(visit.path)
        return self._sign_in_form.page(request, next_path=next_path, app=visit.client.name, again=person)

    async def _choose_workspace(
        self, visit: Visit, wanted: Asked, person: Person, *, somebody_came: bool
    ) -> web.Response:
        tenants = eligible(visit, person)
        tenant = chosen(tenants, visit.parameters.get("tenant"))
        if tenant is not None:
            return await self.ask(visit, wanted, person, tenant, may_skip=somebody_came)
        if wanted.silent:
            raise interaction_required()
        return self._pages.choice(visit, person, tenants)

    async def ask(
        self,
        visit: Visit,
        wanted: Asked,
        person: Person,
        tenant: Tenant,
        *,
        may_skip: bool = False,
        left: Left = None,
        why: Why = None,
    ) -> web.Response:
        """Ask the user, unless as much stands already and that ``may_skip`` it.

        ``left`` is what they chose before, and ``why`` they are asked once more.
        """
        standing = await self._standing.of(visit, person, tenant)
        before = standing.document if standing else None
        resolution = await self._resolving.resolve(visit, wanted, person, tenant, before=before)
        if resolution.refusal is not None:
            return self.refused(visit, wanted, person, tenant, resolution)
        if may_skip and goes_without_asking(visit.client, visit.redirect_uri, wanted, resolution, standing):
            try:
                code = await self._granting.granted(visit, wanted, person, tenant, resolution, attempt=None)
                return self._answers.code(visit, code)
            except Moved:
                pass  # what it stood on has turned: then the user is asked
        if wanted.silent and why is None:
            raise consent_required()
        return await self._pages.consent(visit, person, tenant, resolution, standing=standing, left=left, why=why)

    def refused(
        self, visit: Visit, wanted: Asked, person: Person, tenant: Tenant, resolution: Resolution
    ) -> web.Response:
        denied = access_denied("The user's role does not allow what was asked.")
        if wanted.silent:
            raise denied
        return self._pages.refusal(visit, person, tenant, resolution, self._answers.error_url(visit, denied))

    def already(self, visit: Visit, person: Person) -> web.Response:
        return self._pages.already(visit, person)


def eligible(visit: Visit, person: Person) -> tuple[Tenant, ...]:
    """The user's tenants that may use this client."""
    return tuple(tenant for tenant in person.tenants if tenant.id in visit.usable_in)


def _somebody_came(request: web.Request) -> bool:
    """Whether a person is on the way: a browser that looks ahead grants nothing."""
    return "prefetch" not in request.headers.get("Sec-Purpose", "")
