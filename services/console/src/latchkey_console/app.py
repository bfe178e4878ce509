"""Wiring of the console."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_console import routes
from latchkey_console.assets import Assets
from latchkey_console.desk import Desks
from latchkey_console.owners import Owners
from latchkey_console.pages import ConsolePages
from latchkey_console.parts import Parts
from latchkey_console.settings import Settings
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.service import Surface
from latchkey_look.cookies import Cookies

_NAME = "console"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    async with opening.peers(settings, _NAME) as peers:
        owners = Owners(
            {
                "auth": peers.at(settings.auth_url),
                "token": peers.at(settings.token_url),
                "client-registry": peers.at(settings.client_registry_url),
                "permissions": peers.at(settings.permissions_url),
                "audit": peers.at(settings.audit_url),
            }
        )
        assets = Assets()
        pages = ConsolePages(assets, pseudo=settings.local_mode)
        desks = Desks(owners, Cookies(settings.pages), pages, settings.pages)
        parts = Parts(assets=assets, desks=desks, pages=pages, origin=settings.origin, clock=clock, entropy=entropy)
        yield Surface(public=routes.public(parts), checks={}, error_page=pages.error)
