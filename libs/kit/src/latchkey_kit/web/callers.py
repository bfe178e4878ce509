"""Who is asking on the internal port: HTTP Basic (RFC 7617), a name and a credential for each caller."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import GUEST, Route

OPERATOR: Final = "operator"
"""The caller whose requests are the staff's."""
BY_STAFF: Final = "X-Latchkey-By-Staff"
"""Header by which one service tells another, whom it asks, that staff began it."""


class Caller(NamedTuple):
    """Who somebody says they are, and the SHA-256 (hexadecimal) of the credential that goes with it."""

    name: str
    digest: str


def caller_of(request: web.Request, known: Mapping[str, str]) -> str:
    """Name of the caller.

    ``known`` maps names to the SHA-256 (hexadecimal) of their credential.

    Raises:
        Problem: 401 when the credential is missing or wrong.

    """
    caller = said(request)
    if caller is None or not hmac.compare_digest(caller.digest, known.get(caller.name, "")):
        raise _refused()
    return caller.name


async def admit(request: web.Request, route: Route, known: Mapping[str, str]) -> None:
    """Let in the services that the route is for, and its guests; note in the facts of the request who is staff.

    Raises:
        Problem: 401 when the credential is missing or wrong, 403 when the route is for others.

    """
    caller = said(request)
    if caller is not None and caller.name not in known and route.guests is not None:
        if not await route.guests(*caller):
            raise _refused()
        request[GUEST] = caller.name
        return
    name = caller_of(request, known)
    if name not in route.callers:
        raise Problem(403, "caller_not_allowed", "This request is not for you to make.")
    if name == OPERATOR or BY_STAFF in request.headers:
        # The middleware that entered the facts takes them away again, these included.
        facts.enter(msgspec.structs.replace(facts.current(), bystaff=True))


def said(request: web.Request) -> Caller | None:
    """Who the caller says they are; nothing is checked."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return Caller(name, hashlib.sha256(secret.encode()).hexdigest()) if scheme.lower() == "basic" else None


def _refused() -> Problem:
    headers = {"WWW-Authenticate": 'Basic realm="internal"'}
    return Problem(401, "unknown_caller", "Name yourself with a credential that is known here.", headers=headers)
