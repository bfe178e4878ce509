"""Bearer tokens in HTTP: reading them, and asking for better ones (RFC 6750 §2.1 and §3, RFC 9728 §5.1)."""

import re

from latchkey_oauth.errors import checked_description

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9\-._~+/]+=*)")
_URL = re.compile(r"https?://[\x21\x23-\x5b\x5d-\x7e]+")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


INVALID_TOKEN = "The access token is invalid, expired or revoked."  # noqa: S105 - a sentence
INSUFFICIENT_SCOPE = "The access token does not hold the right this needs."
"""What an `error_description` says, and the title of a problem that goes with the challenge."""


def bearer_token(header: str | None) -> str | None:
    """Token of an `Authorization` header, `None` if there is no well-formed one."""
    found = _BEARER.fullmatch(header) if header is not None else None
    return found[1] if found else None


def bearer_sent(header: str | None) -> bool:
    """Whether a header tries to present a bearer token, well-formed or not: then the challenge has to say `error`."""
    return header is not None and header.partition(" ")[0].lower() == "bearer"


def unauthorized(
    *,
    resource_metadata: str,
    scope: str | None = None,
    token_sent: bool = False,
    description: str = INVALID_TOKEN,
) -> str:
    """Value of `WWW-Authenticate` for a 401. An error is named only if a token was sent (RFC 6750 §3.1)."""
    error = ("invalid_token", description) if token_sent else None
    return _challenge(resource_metadata, scope, error)


def insufficient_scope(
    *,
    resource_metadata: str,
    scope: str,
    description: str = INSUFFICIENT_SCOPE,
) -> str:
    """Value of `WWW-Authenticate` for a 403: `scope` is all that the operation needs, words parted by one space."""
    return _challenge(resource_metadata, scope, ("insufficient_scope", description))


def _challenge(resource_metadata: str, scope: str | None, error: tuple[str, str] | None) -> str:
    # The order stands: some clients take the first match of a name anywhere in the line.
    if not _URL.fullmatch(resource_metadata):
        raise ValueError("resource_metadata is an absolute http or https URL")
    parameters = [f'resource_metadata="{resource_metadata}"']
    if scope:
        if not _SCOPE.fullmatch(scope):
            raise ValueError("a scope is words parted by one space, without quotes and backslashes")
        parameters.append(f'scope="{scope}"')
    if error is not None:
        code, description = error
        parameters += [f'error="{code}"', f'error_description="{checked_description(description)}"']
    return "Bearer " + ", ".join(parameters)
