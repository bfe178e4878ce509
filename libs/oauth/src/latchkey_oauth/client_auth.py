"""Client authentication as a token request presents it (RFC 6749 §2.3.1, §3.2.1; RFC 7617)."""

import base64
from typing import Literal

import msgspec

from latchkey_oauth.errors import OAuthError, invalid_client, invalid_request
from latchkey_oauth.parameters import MAX_VALUE_BYTES, Parameters, form_decoded

Method = Literal["basic", "post", "none"]

_FIRST_PRINTABLE = " "
_DELETE = "\x7f"


class ClientCredentials(msgspec.Struct, frozen=True):
    """Who a client says it is, and the secrets to try, in this order; none of them for a public client.

    There are two when HTTP Basic can be read form-decoded or as it stands: the RFC asks for the first, many clients
    send the second. `method` is for wording: a Basic header with an empty password has no secret either.
    """

    client_id: str
    secrets: tuple[str, ...]
    method: Method

    @property
    def basic(self) -> bool:
        """Whether a refusal has to name Basic: `invalid_client(basic=credentials.basic)`."""
        return self.method == "basic"

    def __repr__(self) -> str:
        """Everything but the secrets."""
        return f"ClientCredentials({self.client_id!r}, method={self.method!r})"


def client_credentials(authorization: str | None, parameters: Parameters) -> ClientCredentials:
    """Read the one authentication method that a request uses.

    `authorization` is the header as it came, `None` without one. Raises `invalid_request` for two methods at once or
    two different ids, `invalid_client` for none, an unreadable or an unsupported one.
    """
    if parameters.get("client_assertion") or parameters.get("client_assertion_type"):
        raise invalid_client("Client assertions are not supported here: use a client secret.")
    if authorization is not None:
        return _from_header(authorization, parameters)
    client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
    if client_id is None:
        raise invalid_client("The parameter client_id is missing.")
    if secret is None:
        return ClientCredentials(client_id, (), "none")
    return ClientCredentials(client_id, (secret,), "post")


def _from_header(authorization: str, parameters: Parameters) -> ClientCredentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client("The Authorization header must be HTTP Basic here.")
    if parameters.get("client_secret") is not None:
        raise invalid_request("Use one client authentication method: either HTTP Basic or client_secret, not both.")
    raw_id, raw_secret = _basic(encoded.strip(" "))
    decoded_id, decoded_secret = form_decoded(raw_id.encode()), form_decoded(raw_secret.encode())
    client_id = decoded_id or raw_id
    if parameters.get("client_id") not in {None, client_id}:
        raise invalid_request("client_id differs from the one in the Authorization header.")
    secrets = tuple(dict.fromkeys(secret for secret in (decoded_secret, raw_secret) if secret))
    return ClientCredentials(client_id, secrets, "basic")


def _basic(encoded: str) -> tuple[str, str]:
    if len(encoded) > MAX_VALUE_BYTES:
        raise _unreadable()
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except ValueError:  # not base64, not ASCII, or not UTF-8
        raise _unreadable() from None
    client_id, colon, secret = text.partition(":")
    if not colon or not client_id or any(char < _FIRST_PRINTABLE or char == _DELETE for char in text):
        raise _unreadable()
    return client_id, secret


def _unreadable() -> OAuthError:
    return invalid_client("The Authorization header is not readable as HTTP Basic.", basic=True)
