"""``GET /feed``: what a verifier pulls four times a second."""

from typing import Annotated

import msgspec
from aiohttp import web

from latchkey_kit.web.bodies import answer, query
from latchkey_kit.web.routes import GUEST
from latchkey_token.feed.heads import Heads

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``after``: the head that the verifier goes on from. ``applied``: the head that it decides by."""

    after: Number
    verifier: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_.-]{1,100}$")]
    applied: Number | None = None


class Feed:
    """Whoever asks with an ``applied`` head counts as a verifier; others only look."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads

    async def __call__(self, request: web.Request) -> web.Response:
        asked = query(request, FeedQuery)
        verifier = None if asked.applied is None else _named(request, asked.verifier)
        return answer(await self._heads.page(asked.after, verifier, asked.applied or 0))


def _named(request: web.Request, verifier: str) -> str:
    """A verifier's name; those of others cannot pass for ours, which have no colon."""
    guest = request.get(GUEST)
    return f"{guest}:{verifier}" if guest else verifier
