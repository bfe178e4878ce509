"""What a service is made of."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.web.health import Check
from latchkey_kit.web.middleware import ErrorPage
from latchkey_kit.web.routes import Route


class Surface(msgspec.Struct, frozen=True, kw_only=True):
    """What a service shows: routes behind the gateway, routes for other services, readiness checks."""

    public: tuple[Route, ...] = ()
    internal: tuple[Route, ...] = ()
    checks: Mapping[str, Check] = {}
    error_page: ErrorPage | None = None


Running = Callable[[Any, Clock, Entropy], AbstractAsyncContextManager[Surface]]
"""A service's wiring: opens what it needs for the time of the block, and yields its surface."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a service. ``package`` holds the migrations of its database; ``None`` for one without state."""

    name: str
    settings: type[msgspec.Struct]
    running: Running
    package: str | None = None
    verb: str = "serve"
    """How it is started; a service has one process of this verb, and may have others of verbs of their own."""
    about: str = "serve requests until SIGTERM"

    @property
    def process(self) -> str:
        """What its logs are called."""
        return self.name if self.verb == "serve" else self.verb

    @property
    def components(self) -> tuple[str, ...]:
        return ("latchkey_kit", self.package) if self.package else ()


class PrintError(Exception):
    """What a verb was to print cannot be had: a sentence for whoever asked."""


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """A verb that prints what it makes of its settings, and ends: the configuration of a part, for example.

    ``text`` may give it piece by piece, and raise `PrintError`.
    """

    verb: str
    about: str
    settings: type[msgspec.Struct]
    text: Callable[[Any, Clock], str | Iterable[str]]
