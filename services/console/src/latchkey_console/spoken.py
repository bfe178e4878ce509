"""What went wrong, said where somebody looks: in the part of a page that was asked for, or on a page of its own."""

from collections.abc import Callable

from aiohttp import web

from latchkey_console.desk import AtDesk, Desk, Section
from latchkey_console.pages import ConsolePages
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem


def spoken(
    pages: ConsolePages,
    handler: AtDesk,
    *,
    lacking: Section | None = None,
    where: Callable[[Desk], str] | None = None,
    swaps: bool = False,
) -> AtDesk:
    """A handler whose refusals fit where its answers do; for a browser without script they are pages.

    ``lacking``: the section that an owner's 403 tells of. ``where``: the selector of another place for them. ``swaps``:
    a form's answer is what the form stood in, so that a refusal leaves nothing to try again with but the page.
    """

    async def answer(desk: Desk) -> web.StreamResponse:
        try:
            return await handler(desk)
        except PeerUnavailable as error:
            problem = problems.unavailable(private=str(error))
        except Problem as raised:
            problem = raised
        refused = lacking is not None and problem.status == 403
        if desk.is_partial:
            asked = desk.request.method == "GET"
            values = {
                "problem": problem,
                "lacking": lacking if refused else None,
                "again": desk.request.path_qs if asked else None,
                "gone": swaps and not asked,
            }
            target = {"HX-Retarget": where(desk), "HX-Reswap": "innerHTML"} if where else {}
            return pages.page("problem.html", desk, values, problem.status, headers={**problem.headers, **target})
        if refused:
            return pages.page("no_access.html", desk, {"section": lacking}, 403)
        raise problem

    return answer
