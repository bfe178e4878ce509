"""Redirect URLs that somebody wants to register."""

from latchkey_oauth.redirect_uri import acceptable

MOST = 50
"""An event tells of all of them, and NATS takes no event of more than 256 kB."""


def problems(redirect_uris: tuple[str, ...]) -> dict[int | None, str]:
    """What is wrong with each, by its place; with all of them together under ``None``. Empty when all is well.

    None at all is well: some apps tell theirs only when the client is there. It cannot be authorized until then.
    """
    if len(redirect_uris) > MOST:
        return {None: f"At most {MOST} redirect URLs."}
    reasons = {index: acceptable(uri) for index, uri in enumerate(redirect_uris)}
    return {index: reason for index, reason in reasons.items() if reason is not None}
