"""Reading the form of an OAuth endpoint (RFC 6749 §3.2, RFC 7009 §2.1)."""

from typing import Final

from aiohttp import web

from latchkey_oauth import parameters
from latchkey_oauth.errors import invalid_request
from latchkey_oauth.parameters import Parameters

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""Headers of every answer (RFC 6749 §5.1)."""
_FORM = "application/x-www-form-urlencoded"


async def read_form(request: web.Request) -> Parameters:
    """Decode the body; ``invalid_request`` for another content type and for what cannot be read."""
    if request.content_type != _FORM:
        raise invalid_request(f"Send the parameters as {_FORM}.")
    return parameters.decode(await request.read())
