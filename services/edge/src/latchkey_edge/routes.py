"""Path → handler. Everything else is *not found*, which is also what the gateway's last route asks for."""

from latchkey_kit.web.routes import Handler, Route, api


def public(*, check: Handler, away: Handler) -> tuple[Route, ...]:
    return (api("*", "/check", check), api("GET", "/away/{status:50[24]}", away))
