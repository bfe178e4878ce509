"""What went wrong with a part of a page is said in that part: the rest of the page stays."""

from collections.abc import Callable

from aiohttp import web

from latchkey_console.desk import AtDesk, Desk
from latchkey_console.pages import ConsolePages
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem


def in_place(pages: ConsolePages, handler: AtDesk, where: Callable[[Desk], str] | None = None) -> AtDesk:
    """A handler whose refusals fit where its answer would stand, or where a selector says.

    For a browser without script they are pages, as everywhere.
    """

    async def answer(desk: Desk) -> web.StreamResponse:
        try:
            return await handler(desk)
        except (Problem, PeerUnavailable) as error:
            if not desk.is_partial:
                raise
            problem = error if isinstance(error, Problem) else problems.unavailable(private=str(error))
        target = {"HX-Retarget": where(desk), "HX-Reswap": "innerHTML"} if where else {}
        values = {"problem": problem, "again": desk.request.path_qs if desk.request.method == "GET" else None}
        return pages.page("apps/problem.html", desk, values, problem.status, headers={**problem.headers, **target})

    return answer
