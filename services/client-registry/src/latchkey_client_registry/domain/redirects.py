"""Redirect URLs that somebody wants to register."""

from latchkey_kit.web.problems import FieldError
from latchkey_oauth.redirect_uri import acceptable

MOST = 50


def problems(redirect_uris: tuple[str, ...], *, client_type: str) -> tuple[FieldError, ...]:
    """What is wrong, each at its place; nothing when all may be registered."""
    if not redirect_uris:
        return (FieldError(pointer="/redirect_uris", message=f"A {client_type} client needs a redirect URL."),)
    if len(redirect_uris) > MOST:
        return (FieldError(pointer="/redirect_uris", message=f"At most {MOST} redirect URLs."),)
    return tuple(
        FieldError(pointer=f"/redirect_uris/{index}", message=reason)
        for index, uri in enumerate(redirect_uris)
        if (reason := acceptable(uri)) is not None
    )
