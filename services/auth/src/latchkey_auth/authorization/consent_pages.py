"""The pages of one authorization, once it is known who asks whom: which workspace, what for, and why not."""

from aiohttp import web

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.forms import csrf_token
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.pages import Pages
from latchkey_auth.store import people
from latchkey_contracts.requests.permissions import Resolution
from latchkey_kit.db import Database
from latchkey_kit.telemetry import facts
from latchkey_oauth.redirect_uri import host_for_people

_THIS_COMPUTER = host_for_people("http://localhost")
_REFUSALS = {
    "missing": "OAuth permission check failed: missing permissions",
    "nothing": "You do not have any of the permissions this application requests.",
}


class ConsentPages:
    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages

    def choice(self, visit: Visit, person: Person, tenants: tuple[Tenant, ...]) -> web.Response:
        """Ask which workspace. The next page may turn out to be an error that goes back to the app."""
        csrf = csrf_token(person.csrf_secret, "tenant")
        values = _common(visit, person) | {"tenants": tenants, "csrf": csrf}
        return self._pages.page("tenant.html", values, leads_away=True)

    async def consent(
        self, visit: Visit, person: Person, tenant: Tenant, resolution: Resolution, *, changed: bool = False
    ) -> web.Response:
        """Ask. ``changed``: what the user agreed to is not what there is now (409)."""
        async with self._database.connection() as connection:
            publisher = await people.tenant_title(connection, visit.client.tenant)
        destination = host_for_people(visit.redirect_uri)
        values = _common(visit, person) | {
            "tenant": tenant,
            "publisher": publisher,
            "lines": sorted(resolution.lines, key=lambda line: not line.strong),
            "document": resolution.document,
            "destination": destination,
            "this_computer": destination == _THIS_COMPUTER,
            "changed": changed,
            "csrf": csrf_token(person.csrf_secret, "consent"),
        }
        return self._pages.page("consent.html", values, 409 if changed else 200, leads_away=True)

    def refusal(self, visit: Visit, person: Person, tenant: Tenant, resolution: Resolution, back: str) -> web.Response:
        """Say why there is nothing to ask; ``back`` leads to the app with ``access_denied``."""
        values = _common(visit, person) | {
            "words": _REFUSALS[resolution.refusal or "nothing"],
            "missing": resolution.named if resolution.refusal == "missing" else (),
            "tenant": tenant,
            "back": back,
            "request_id": facts.current().request_id,
        }
        return self._pages.page("refusal.html", values, 403, leads_away=True)


def _common(visit: Visit, person: Person) -> dict[str, object]:
    return {
        "client": visit.client,
        "person": person,
        "next": visit.path,
        "sign_out_csrf": csrf_token(person.csrf_secret, "sign-out"),
    }
