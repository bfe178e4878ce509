"""Asking the processes that serve the feed: all at once, and the first answer counts."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from latchkey_kit.requests import PeerUnavailable


class Head(Protocol):
    """One of them."""

    async def send(self, method: str, path: str, *, params: dict[str, str] | None = None) -> bytes: ...


class Heads:
    """Each answers from the primary with what was committed when the ask came in, so any answer is as good."""

    def __init__(self, heads: Sequence[Head]) -> None:
        self._heads = heads
        self._late: set[asyncio.Future[bytes]] = set()

    async def send(self, method: str, path: str, *, params: dict[str, str] | None = None) -> bytes:
        """Ask; returns the body of the first 2xx answer.

        Raises:
            PeerUnavailable: nobody answered.
            PeerRefused: the last of them said no.

        """
        self._give_up_late_ones()
        waiting = {asyncio.ensure_future(head.send(method, path, params=params)) for head in self._heads}
        failure: BaseException = PeerUnavailable("no address to ask")
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for ask in done:
                    if (error := ask.exception()) is None:
                        return ask.result()
                    failure = error
        finally:
            self._late |= waiting
        raise failure

    def _give_up_late_ones(self) -> None:
        """Cut off who has not answered since the last ask; who is only slower keeps its connection by then."""
        for ask in self._late:
            ask.cancel()
        self._late.clear()

    async def close(self) -> None:
        late = tuple(self._late)
        self._give_up_late_ones()
        await asyncio.gather(*late, return_exceptions=True)
