"""What a page can do without."""

from collections.abc import Awaitable
from typing import TypeVar

from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.web.problems import Problem

AnswerT = TypeVar("AnswerT")


async def if_there(asking: Awaitable[AnswerT]) -> AnswerT | None:
    """The answer, or ``None`` when the owner is away or says no: the page then shows less, and says so."""
    try:
        return await asking
    except (PeerUnavailable, PeerRefused, Problem):
        return None
