"""The pages of one authorization, once it is known who asks whom: which workspace, what for, and why not."""

from collections.abc import Collection
from typing import Literal

from aiohttp import web

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.choices import lines_to_show, user_chooses
from latchkey_auth.domain.forms import csrf_token
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.pages import Pages
from latchkey_auth.store import people
from latchkey_contracts.requests.permissions import Resolution
from latchkey_kit.db import Database
from latchkey_kit.telemetry import facts
from latchkey_oauth.redirect_uri import host_for_people

_THIS_COMPUTER = host_for_people("http://localhost")
_STATUS = {None: 200, "changed": 409, "nothing_left": 400}
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
        self,
        visit: Visit,
        person: Person,
        tenant: Tenant,
        resolution: Resolution,
        *,
        allowed: Collection[str] | None = None,
        why: Literal["changed", "nothing_left"] | None = None,
    ) -> web.Response:
        """Ask. ``allowed``: what the user left before. ``why`` it is asked once more.

        ``changed``: what they agreed to is not what there is now (409). ``nothing_left``: they left all out (400).
        """
        async with self._database.connection() as connection:
            publisher = await people.tenant_title(connection, visit.client.tenant)
        destination = host_for_people(visit.redirect_uri)
        choosing = user_chooses(visit.client)
        values = _common(visit, person) | {
            "tenant": tenant,
            "publisher": publisher,
            "lines": lines_to_show(resolution.lines, allowed, choosing=choosing),
            "choosing": choosing,
            "document": resolution.document,
            "destination": destination,
            "this_computer": destination == _THIS_COMPUTER,
            "why": why,
            "csrf": csrf_token(person.csrf_secret, "consent"),
        }
        return self._pages.page("consent.html", values, _STATUS[why], leads_away=True)

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
