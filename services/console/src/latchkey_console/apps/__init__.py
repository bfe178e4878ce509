"""App Center: a workspace's apps."""

from latchkey_console.apps import connections_pages, permissions_pages
from latchkey_console.parts import Parts
from latchkey_kit.web.routes import Route


def routes(parts: Parts) -> tuple[Route, ...]:
    return (*permissions_pages.routes(parts), *connections_pages.routes(parts))
