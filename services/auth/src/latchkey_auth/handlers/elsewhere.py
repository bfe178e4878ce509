"""What nobody serves: a path without a page, and a method that a page does not take."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from latchkey_kit.marking import N_
from latchkey_kit.web.problems import Problem, not_found


async def no_page(_request: web.Request) -> web.Response:
    raise not_found(N_("This address has no page."))


async def nothing(_request: web.Request) -> web.Response:
    raise not_found()


def only(*methods: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler for every other method of a path (405)."""

    async def refuse(_request: web.Request) -> web.Response:
        allowed = {"Allow": ", ".join(methods)}
        raise Problem(405, "method_not_allowed", N_("That method is not for this address."), headers=allowed)

    return refuse
