"""The pages of one authorization, once it is known who asks whom: which workspace, what for, and why not."""

from typing import Literal

from aiohttp import web

from latchkey_auth.authorization.front_door import Visit
from latchkey_auth.domain.choices import Left, how_many, lines_to_show, presets_help, user_chooses
from latchkey_auth.domain.destination import destination
from latchkey_auth.domain.forms import csrf_token
from latchkey_auth.domain.people import Person, Tenant
from latchkey_auth.pages import Pages
from latchkey_auth.store import people
from latchkey_contracts.requests.console import StandingGrant
from latchkey_contracts.requests.permissions import Resolution
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.telemetry import facts

Why = Literal["changed", "nothing_left", "preset"] | None
"""Why somebody is asked once more: what they agreed to is not what there is now, they left nothing, or they want to see
a preset."""
_FORM_ID_SIZE = 16
_STATUS = {None: 200, "changed": 409, "nothing_left": 400, "preset": 200}


class ConsentPages:
    def __init__(self, database: Database, pages: Pages, entropy: Entropy) -> None:
        self._database = database
        self._pages = pages
        self._entropy = entropy

    def choice(self, visit: Visit, person: Person, tenants: tuple[Tenant, ...]) -> web.Response:
        """Ask which workspace. The next page may turn out to be an error that goes back to the app."""
        csrf = csrf_token(person.csrf_secret, "tenant")
        values = _common(visit, person) | {"tenants": tenants, "csrf": csrf}
        return self._pages.page("tenant.html", values, lang=visit.lang, leads_away=True)

    async def consent(
        self,
        visit: Visit,
        person: Person,
        tenant: Tenant,
        resolution: Resolution,
        *,
        standing: StandingGrant | None = None,
        left: Left = None,
        why: Why = None,
    ) -> web.Response:
        """Ask. ``standing`` is what they granted already, ``left`` what they left of it on the page before."""
        async with self._database.connection() as connection:
            publisher = await people.tenant_title(connection, visit.client.tenant)
        choosing, form_id = user_chooses(visit.client), self._entropy.bytes(_FORM_ID_SIZE).hex()
        lines = lines_to_show(resolution.lines, left, choosing=choosing)
        values = _common(visit, person) | {
            "tenant": tenant,
            "publisher": publisher,
            "new": [line for line in lines if line.says.new],
            "known": [line for line in lines if not line.says.new],
            "since": standing.connected_at if standing else None,
            "choosing": choosing,
            "presets": choosing and presets_help(resolution.lines),
            "preset": left if why == "preset" else None,
            "checked": how_many(lines),
            "document": resolution.document,
            "destination": destination(visit.redirect_uri),
            "why": why,
            "form_id": form_id,
            "csrf": csrf_token(person.csrf_secret, "consent", form_id),
        }
        return self._pages.page("consent.html", values, _STATUS[why], lang=visit.lang, leads_away=True)

    def refusal(self, visit: Visit, person: Person, tenant: Tenant, resolution: Resolution, back: str) -> web.Response:
        """Say why there is nothing to ask; ``back`` leads to the app with ``access_denied``."""
        values = _common(visit, person) | {
            "lacks": resolution.refusal == "missing",
            "missing": resolution.named if resolution.refusal == "missing" else (),
            "tenant": tenant,
            "back": back,
            "request_id": facts.current().request_id,
        }
        return self._pages.page("refusal.html", values, 403, lang=visit.lang, leads_away=True)

    def already(self, visit: Visit, person: Person) -> web.Response:
        """Say that this form was answered before, and that the app has what came of it."""
        values = _common(visit, person) | {"destination": destination(visit.redirect_uri)}
        return self._pages.page("already.html", values, 409, lang=visit.lang, leads_away=True)


def _common(visit: Visit, person: Person) -> dict[str, object]:
    return {
        "client": visit.client,
        "person": person,
        "next": visit.path,
        "sign_out_csrf": csrf_token(person.csrf_secret, "sign-out"),
    }
