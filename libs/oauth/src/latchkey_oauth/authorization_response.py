"""Where an authorization request sends the browser back to (RFC 6749 §4.1.2, RFC 9207).

Only ever with a redirect URI that was proven to belong to the client. Every answer carries `iss`.
"""

from urllib.parse import quote, urlencode

from latchkey_oauth.errors import OAuthError


def success(redirect_uri: str, *, code: str, state: str | None, iss: str) -> str:
    return _append(redirect_uri, {"code": code, "state": state, "iss": iss})


def failure(redirect_uri: str, error: OAuthError, *, state: str | None, iss: str) -> str:
    return _append(redirect_uri, {**error.body(), "state": state, "iss": iss})


def _append(redirect_uri: str, parameters: dict[str, str | None]) -> str:
    """Add parameters behind the query that a redirect URI already has, which stays byte for byte."""
    sent = {name: value for name, value in parameters.items() if value}
    # %20 rather than +: both kinds of decoder read it.
    added = urlencode(sent, quote_via=quote, safe="")
    if "?" not in redirect_uri:
        return f"{redirect_uri}?{added}"
    return redirect_uri + ("" if redirect_uri.endswith(("?", "&")) else "&") + added
