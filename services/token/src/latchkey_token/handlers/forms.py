"""Reading the form of an OAuth endpoint (RFC 6749 §3.2, RFC 7009 §2.1)."""

from typing import Final

from aiohttp import hdrs, web

from latchkey_oauth import parameters
from latchkey_oauth.client_auth import ClientCredentials, client_credentials
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


def read_credentials(request: web.Request, form: Parameters) -> ClientCredentials:
    """Read how the client names itself; ``invalid_request`` for two headers, of which each reader may believe another.

    Else as ``client_credentials``.
    """
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    if len(given) > 1:
        raise invalid_request("The Authorization header is repeated.")
    return client_credentials(given[0] if given else None, form)
