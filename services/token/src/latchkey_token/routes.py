"""Path → handler."""

from latchkey_kit.web.routes import Handler, Route, internal, oauth


def public(*, token: Handler) -> tuple[Route, ...]:
    return (
        oauth("POST", "/oauth/token", token, open_to_browsers=True),
        # revoke, jwks, metadata, connections
    )


def inside(*, grants: Handler, apply: Handler) -> tuple[Route, ...]:
    return (
        internal("/internal/grants", grants, callers={"auth"}),
        internal("/internal/token/apply", apply, callers={"client-registry", "permissions", "auth"}),
        # feed, jwks
    )
