"""Audit: what happened in a workspace."""

from latchkey_console.parts import Parts
from latchkey_kit.web.routes import Route


def routes(_parts: Parts) -> tuple[Route, ...]:
    return ()
