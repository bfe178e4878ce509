"""``GET /oauth/authorize``: from an app's request to a page that asks the user."""

from aiohttp import web

from latchkey_auth.authorization.answers import Answers
from latchkey_auth.authorization.consent_pages import ConsentPages
from latchkey_auth.authorization.front_door import FrontDoor, Visit
from latchkey_auth.authorization.resolving import Resolving
from latchkey_auth.domain.authorization import Asked, asked, chosen
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_contracts.api import Api
from latchkey_contracts.requests.permissions import Resolution
from latchkey_oauth.errors import OAuthError, access_denied


class Authorize:
    """Errors go back to the app as soon as client and redirect URI are proven, whoever is signed in."""

    def __init__(
        self, sessions: Sessions, door: FrontDoor, api: Api, resolving: Resolving,
        sign_in_form: SignInForm, pages: ConsentPages, answers: Answers,
    ) -> None:  # fmt: skip
        self._sessions = sessions
        self._door = door
        self._api = api
        self._resolving = resolving
        self._sign_in_form = sign_in_form
        self._pages = pages
        self._answers = answers

    async def show(self, request: web.Request) -> web.Response:
        person = await self._sessions.person(request)
        visit = await self._door.admit(request, person)
        try:
            wanted = asked(visit.client, visit.parameters, self._api)
            if person is None:
                return self._sign_in_form.page(request, next_path=visit.path, app=visit.client.name)
            return await self._ask_user(visit, wanted, person)
        except OAuthError as error:
            return self._answers.error(visit, error)

    async def _ask_user(self, visit: Visit, wanted: Asked, person: Person) -> web.Response:
        tenants = eligible(visit, person)
        tenant = chosen(tenants, visit.parameters.get("tenant"))
        if tenant is None:
            return self._pages.choice(visit, person, tenants)
        resolution = await self._resolving.resolve(visit, wanted, person, tenant)
        if resolution.refusal is not None:
            return self.refused(visit, person, tenant, resolution)
        return await self._pages.consent(visit, person, tenant, resolution)

    def refused(self, visit: Visit, person: Person, tenant: Tenant, resolution: Resolution) -> web.Response:
        back = self._answers.error_url(visit, access_denied("The user's role does not allow what was asked."))
        return self._pages.refusal(visit, person, tenant, resolution, back)


def eligible(visit: Visit, person: Person) -> tuple[Tenant, ...]:
    """The user's tenants that may use this client."""
    return tuple(tenant for tenant in person.tenants if tenant.id in visit.usable_in)
