"""Who is asking on the internal port: HTTP Basic (RFC 7617), a name and a credential for each caller."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from aiohttp import web

from latchkey_kit.web.problems import Problem


def caller_of(request: web.Request, known: Mapping[str, str]) -> str:
    """Name of the caller.

    ``known`` maps names to the SHA-256 (hexadecimal) of their credential.

    Raises:
        Problem: 401 when the credential is missing or wrong.

    """
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise _refused() from None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if scheme.lower() != "basic" or not hmac.compare_digest(digest, known.get(name, "")):
        raise _refused()
    return name


def _refused() -> Problem:
    headers = {"WWW-Authenticate": 'Basic realm="internal"'}
    return Problem(401, "unknown_caller", "Name yourself with a credential that is known here.", headers=headers)
