"""App Center: a workspace's apps."""

from latchkey_console.apps import connections_pages, permissions_pages
from latchkey_console.apps.client_page import ClientPage
from latchkey_console.apps.library import Library
from latchkey_console.apps.logos import Logos
from latchkey_console.apps.making import Making
from latchkey_console.apps.saving import Saving
from latchkey_console.apps.secrets import Secrets
from latchkey_console.apps.turns import Turns
from latchkey_console.desk import AtDesk
from latchkey_console.parts import Parts
from latchkey_kit.web.routes import Route, page

_ONE = "/apps/{client}"
_SENT_TO = "{form:(?:secrets|regenerate|logo|disable|enable|delete|publish)(?:/.*)?}"
"""Where forms of the page go: whoever signs in again there, or reloads, gets the page itself."""


def routes(parts: Parts) -> tuple[Route, ...]:
    client_page, library, making = ClientPage(parts), Library(parts), Making(parts)
    saving, secrets = Saving(client_page, parts.pages), Secrets(client_page)
    turns, logos = Turns(client_page), Logos(client_page)

    def at(method: str, path: str, handler: AtDesk) -> Route:
        return page(method, path, parts.desks.signed_in(handler, "app_center"))

    return (
        at("GET", "/apps", library.show),
        at("GET", "/apps/new", making.choose),
        at("GET", "/apps/new/oauth-client", making.show),
        at("GET", "/apps/redirect-url", making.check),
        at("POST", "/apps", making.create),
        at("GET", _ONE, client_page.show),
        at("GET", f"{_ONE}/{_SENT_TO}", client_page.lead),
        at("POST", _ONE, saving.save),
        at("POST", f"{_ONE}/secrets", secrets.add),
        at("POST", f"{_ONE}/secrets/{{secret}}/retire", secrets.retire),
        at("POST", f"{_ONE}/regenerate", secrets.regenerate),
        at("POST", f"{_ONE}/logo", logos.put),
        at("POST", f"{_ONE}/logo/remove", logos.remove),
        at("POST", f"{_ONE}/disable", turns.disable),
        at("POST", f"{_ONE}/enable", turns.enable),
        at("POST", f"{_ONE}/delete", turns.delete),
        at("POST", f"{_ONE}/publish", turns.publish),
        at("POST", f"{_ONE}/publish/withdraw", turns.withdraw),
        *permissions_pages.routes(parts),
        *connections_pages.routes(parts),
    )
