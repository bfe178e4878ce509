"""The part of the client's form that says what the app may do."""

from collections.abc import Mapping

from latchkey_console.apps.views import App
from latchkey_console.desk import Desk, Form
from latchkey_contracts.requests.permissions import PlainPermissions


async def permission_values(_desk: Desk, _app: App, _typed: PlainPermissions | None) -> Mapping[str, object]:
    """What the template ``apps/permissions.html`` shows; ``_typed`` is what somebody chose and could not save yet."""
    return {}


def permissions_from(_form: Form) -> PlainPermissions | None:
    """What was chosen; ``None`` when the form has no such part, which changes nothing."""
    return None
