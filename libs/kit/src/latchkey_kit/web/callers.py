"""Who is asking on the internal port: HTTP Basic (RFC 7617), a name and a credential for each caller."""

import hashlib
import hmac
from collections.abc import Mapping

import aiohttp
from aiohttp import web

from latchkey_kit.web.problems import Problem


def caller_of(request: web.Request, known: Mapping[str, str]) -> str:
    """Name of the caller.

    ``known`` maps names to the SHA-256 (hexadecimal) of their credential.

    Raises:
        Problem: 401 when the credential is missing or wrong.

    """
    try:
        given = aiohttp.BasicAuth.decode(request.headers.get("Authorization", ""), encoding="utf-8")
    except ValueError:
        raise _refused() from None
    digest = hashlib.sha256(given.password.encode()).hexdigest()
    if not hmac.compare_digest(digest, known.get(given.login, "")):
        raise _refused()
    return str(given.login)


def _refused() -> Problem:
    headers = {"WWW-Authenticate": 'Basic realm="internal"'}
    return Problem(401, "unknown_caller", "Name yourself with a credential that is known here.", headers=headers)
