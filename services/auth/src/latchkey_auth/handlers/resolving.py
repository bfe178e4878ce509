"""`sessions.resolve`: whose browser it is, for the console; and the keys of its word."""

from aiohttp import web

from latchkey_auth.assertions import Assertions
from latchkey_auth.domain.forms import csrf_token
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_contracts.requests.console import ActorKeysAnswer, SessionAnswer, SessionsResolve, SignedIn, Workspace
from latchkey_kit.web.bodies import answer, json_body


class SessionResolving:
    def __init__(self, sessions: Sessions, assertions: Assertions) -> None:
        self._sessions = sessions
        self._assertions = assertions

    async def resolve(self, request: web.Request) -> web.Response:
        asked = await json_body(request, SessionsResolve)
        person = await self._sessions.person_of(asked.session)
        return answer(SessionAnswer(person=None if person is None else self._signed_in(person, asked.workspace)))

    async def keys(self, _request: web.Request) -> web.Response:
        return answer(ActorKeysAnswer(keys=dict(self._assertions.keys)))

    def _signed_in(self, person: Person, wanted: str | None) -> SignedIn:
        workspaces = tuple(map(_workspace, person.tenants))
        first = workspaces[0] if workspaces else None
        workspace = next((one for one in workspaces if one.name == wanted), first)
        tenant = workspace.id if workspace else ""
        user = person.user
        if workspace is not None or person.staff:
            assertions = self._assertions.all(user.id, tenant, staff=person.staff, login=person.login)
        else:  # their sessions are all that they have
            assertions = {"auth": self._assertions.one("auth", user.id, tenant, staff=False, login=person.login)}
        return SignedIn(
            user=user.id,
            email=user.email,
            name=user.name,
            staff=person.staff,
            workspaces=workspaces,
            workspace=workspace,
            csrf=csrf_token(person.csrf_secret, "console"),
            sign_out_csrf=csrf_token(person.csrf_secret, "sign-out"),
            assertions=assertions,
        )


def _workspace(tenant: Tenant) -> Workspace:
    return Workspace(id=tenant.id, name=tenant.name, title=tenant.title)
