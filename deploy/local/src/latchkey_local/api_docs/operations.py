"""The operations of the public APIs: the routes themselves, and what their handlers read, from their code."""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

import latchkey_audit.routes
import latchkey_auth.routes
import latchkey_client_registry.routes
import latchkey_permissions.routes
import latchkey_records.routes
import latchkey_token.routes
from latchkey_kit.web.routes import Family, Route
from latchkey_permissions.handlers.catalogue import PutCatalogue
from latchkey_permissions.handlers.why import Why
from latchkey_records.domain.catalogue import KINDS
from latchkey_records.handlers.export import Export
from latchkey_records.handlers.rest import Rest

_READING = {"json_body": "body", "query": "query", "enter": "query"}
_CALLABLES: dict[str, type] = {"put_catalogue": PutCatalogue, "why": Why}
"""Handlers that routes know by their parameter's name only."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path. ``body`` and ``query`` are what is read, ``None`` for nothing."""

    service: str
    method: str
    path: str
    handler: Callable[..., Any]
    body: Any = None
    query: Any = None

    @property
    def name(self) -> str:
        """Of the handler: ``OAuthClients.create``."""
        return self.handler.__qualname__.removesuffix(".__call__")

    @property
    def description(self) -> str:
        """The words of the handler, before it says what it raises."""
        words = inspect.cleandoc(self.handler.__doc__ or "").partition("\nRaises:")[0]
        return "\n\n".join(" ".join(part.split()) for part in words.split("\n\n")).replace("``", "`").strip()


def operations() -> Iterator[Operation]:
    """All of them, but OAuth's own endpoints, which the RFCs describe."""
    for service, route in _routes():
        if route.family is Family.API and route.path.startswith("/v1/") and route.method != "*" and _is_real(route):
            handler = _function(route.handler)
            yield Operation(
                service=service, method=route.method, path=route.path, handler=handler, **dict(_reads(handler))
            )


def _routes() -> Iterator[tuple[str, Route]]:
    models = [(kind.route, Rest, Export) for kind in KINDS]
    built = (
        ("auth", latchkey_auth.routes.managed),
        ("token", latchkey_token.routes.managed),
        ("client-registry", latchkey_client_registry.routes.public),
        ("permissions", latchkey_permissions.routes.public),
        ("permissions", latchkey_permissions.routes.managed),
        ("audit", latchkey_audit.routes.public),
        ("audit", latchkey_audit.routes.proof),
        ("audit", latchkey_audit.routes.consumers),
    )
    for service, build in built:
        for route in build(**_handlers(build)):
            yield service, route
    for route in latchkey_records.routes.public(_nothing, models):  # type: ignore[arg-type]  # classes for objects
        yield "records", route


def _handlers(build: Callable[..., Any]) -> dict[str, Any]:
    """A class for every object that the routes ask for: its methods stand for theirs."""
    wanted = inspect.signature(build).parameters.values()
    return {
        one.name: one.annotation if inspect.isclass(one.annotation) else _CALLABLES.get(one.name, _nothing)
        for one in wanted
    }


def _nothing(_request: object) -> None:
    """What is served without being an operation of its own."""


def _is_real(route: Route) -> bool:
    return route.handler is not _nothing


def _function(handler: Any) -> Callable[..., Any]:
    found = handler.__call__ if inspect.isclass(handler) else handler
    while isinstance(found, functools.partial):
        found = found.func
    return found


def _reads(handler: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """What a handler decodes: the type that its code names."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(handler)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = node.args[-1] if node.args else None
            if called in _READING and isinstance(named, ast.Name):
                yield _READING[called], handler.__globals__[named.id]


def parameters_in(path: str) -> list[str]:
    """Names in the braces of a path."""
    return re.findall(r"{(\w+)}", path)
