"""Staff: workspaces, reviews, switches."""

from latchkey_console.desk import AtDesk
from latchkey_console.parts import Parts
from latchkey_console.staff.apps import AppsPages
from latchkey_console.staff.passwords import PasswordPages
from latchkey_console.staff.requests import RequestPages
from latchkey_console.staff.workspaces import WorkspacePages
from latchkey_kit.web.routes import Route, page


def routes(parts: Parts) -> tuple[Route, ...]:
    workspaces, requests = WorkspacePages(parts), RequestPages(parts)
    apps, passwords = AppsPages(parts), PasswordPages(parts)

    def ours(method: str, path: str, handler: AtDesk) -> Route:
        return page(method, path, parts.desks.signed_in(handler, "staff"))

    return (
        ours("GET", "/staff", workspaces.list),
        ours("POST", "/staff", workspaces.create),
        ours("POST", "/staff/labs/{tenant}", workspaces.labs),
        ours("GET", "/staff/requests", requests.list),
        ours("POST", "/staff/requests/{client}", requests.decide),
        ours("GET", "/staff/apps", apps.list),
        ours("GET", "/staff/apps/{client}", apps.show),
        ours("POST", "/staff/apps/{client}/dynamic", apps.dynamic),
        ours("POST", "/staff/apps/{client}/compromised", apps.compromised),
        ours("GET", "/staff/password-link", passwords.show),
        ours("POST", "/staff/password-link", passwords.make),
    )
