"""The errors of OAuth endpoints (RFC 6749 §4.1.2.1 and §5.2, RFC 8707 §2).

`OAuthError` is the only exception this package raises for bad input. `code` and `description` go on the wire; `private`
is for logs and audit and never leaves the house. A wrong use of this package by our own code is a `ValueError`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

# RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E.
_DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")
_CODE = re.compile(r"[a-z_]+")


def checked_description(text: str) -> str:
    """Return a sentence that may stand as `error_description`; `ValueError` for any other.

    Clients search a whole challenge for the first `scope=`, so no sentence may contain it. Descriptions are our own
    words and never quote what was sent.
    """
    if not _DESCRIPTION.fullmatch(text) or "scope=" in text.lower():
        raise ValueError("an error description is printable ASCII without quotes, backslashes and 'scope='")
    return text


class OAuthError(Exception):
    """An answer of an OAuth endpoint: `code` and `description` as JSON, or appended to a proven redirect URI."""

    def __init__(
        self,
        code: str,
        description: str,
        status: int = 400,
        *,
        headers: Mapping[str, str] | None = None,
        private: str | None = None,
    ) -> None:
        if not _CODE.fullmatch(code):
            raise ValueError("an error code is lower-case letters and underscores")
        super().__init__(code, checked_description(description))
        self.code = code
        self.description = description
        self.status = status
        self.headers: Mapping[str, str] = MappingProxyType(dict(headers or {}))
        self.private = private

    def body(self) -> dict[str, str]:
        """Members of the JSON body (RFC 6749 §5.2)."""
        return {"error": self.code, "error_description": self.description}


def invalid_request(description: str, *, private: str | None = None) -> OAuthError:
    return OAuthError("invalid_request", description, private=private)


def invalid_client(
    description: str = "Client authentication failed.", *, basic: bool = False, private: str | None = None
) -> OAuthError:
    """Refuse a client with 401; `basic` says that it came with HTTP Basic, which the answer then has to name."""
    headers = {"WWW-Authenticate": 'Basic realm="oauth", charset="UTF-8"'} if basic else None
    return OAuthError("invalid_client", description, 401, headers=headers, private=private)


def invalid_grant(
    description: str = "The code or refresh token is invalid, expired, revoked, or was issued to another client.",
    *,
    private: str | None = None,
) -> OAuthError:
    return OAuthError("invalid_grant", description, private=private)


def unauthorized_client(description: str, *, private: str | None = None) -> OAuthError:
    """Refuse a client that is who it says and may not use this grant type (RFC 6749 §5.2)."""
    return OAuthError("unauthorized_client", description, private=private)


def unsupported_grant_type(
    description: str = "grant_type must be authorization_code, refresh_token or client_credentials.",
    *,
    private: str | None = None,
) -> OAuthError:
    return OAuthError("unsupported_grant_type", description, private=private)


def unsupported_response_type(
    description: str = "response_type must be code.", *, private: str | None = None
) -> OAuthError:
    return OAuthError("unsupported_response_type", description, private=private)


def invalid_scope(description: str, *, private: str | None = None) -> OAuthError:
    return OAuthError("invalid_scope", description, private=private)


def invalid_target(
    description: str = "The requested resource is unknown to this server.", *, private: str | None = None
) -> OAuthError:
    """RFC 8707 §2."""
    return OAuthError("invalid_target", description, private=private)


def access_denied(
    description: str = "The user did not authorize the application.", *, private: str | None = None
) -> OAuthError:
    return OAuthError("access_denied", description, private=private)


def login_required() -> OAuthError:
    """For `prompt=none` when nobody is signed in (OpenID Connect Core §3.1.2.6, as the next two)."""
    return OAuthError("login_required", "The user has to sign in.")


def interaction_required() -> OAuthError:
    """For `prompt=none` when the user has to choose a workspace."""
    return OAuthError("interaction_required", "The user has to choose a workspace.")


def consent_required() -> OAuthError:
    """For `prompt=none` when the user has to be asked."""
    return OAuthError("consent_required", "The user has to be asked.")


def temporarily_unavailable(
    description: str = "The server cannot answer right now. Try again shortly.",
    *,
    retry_after: int = 1,
    private: str | None = None,
) -> OAuthError:
    """Answer 503; `retry_after` in whole seconds."""
    headers = {"Retry-After": str(retry_after)}
    return OAuthError("temporarily_unavailable", description, 503, headers=headers, private=private)
