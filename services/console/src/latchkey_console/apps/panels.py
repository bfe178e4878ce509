"""The part of the client's form that says what the app may do."""

from collections.abc import Mapping

from latchkey_console.apps import matrix
from latchkey_console.apps.permissions_panel import models_of, panel
from latchkey_console.apps.views import App
from latchkey_console.desk import Desk
from latchkey_console.forms import Form
from latchkey_contracts.requests.permissions import PlainPermissions
from latchkey_kit.web.problems import Problem


async def permission_values(
    desk: Desk, app: App, typed: PlainPermissions | None, problem: Problem | None = None
) -> Mapping[str, object]:
    """What the template ``apps/permissions.html`` shows; ``typed`` is what somebody chose and could not save yet."""
    return {"permissions": await panel(desk, app, chosen=typed, errors=problem.errors if problem else ())}


async def permissions_from(desk: Desk, app: App, form: Form) -> PlainPermissions | None:
    """What was chosen; ``None`` when the form has no such part, which changes nothing.

    What the app has already stays spelled as it is.
    """
    models = await models_of(desk)
    chosen = matrix.permissions_from(form, models)
    if chosen is None or models.differ(app.permissions or {}, chosen):
        return chosen
    return app.permissions
