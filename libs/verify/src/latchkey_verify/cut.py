"""A block of code that is cut off when its bearer may no longer be served."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from latchkey_verify.bearer import Bearer
from latchkey_verify.streams import Reason, Streams


class Cut:
    """``async with``: its task is cancelled when the bearer dies, expires or the lease is lost.

    Leaving the block then raises the reason, an `InvalidToken` or a `NoLease`. Unless ``armed``, the block is left
    alone until `arm` is called.
    """

    def __init__(self, streams: Streams, bearer: Bearer, *, armed: bool) -> None:
        self._streams = streams
        self._bearer = bearer
        self._armed = armed
        self._watch = contextlib.ExitStack()
        self._inside = False
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._reason: Reason | None = None
        self._handle: asyncio.Handle | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task else 0
        self._inside = True
        if self._armed:
            self._watch.enter_context(self._streams.watching(self._bearer, self._cut))
        return self

    def arm(self) -> None:
        """Cut from now on; does nothing once the block is left."""
        if not self._inside or self._armed:
            return
        self._armed = True
        reason = self._streams.refusal(self._bearer)
        if reason is None:
            self._watch.enter_context(self._streams.watching(self._bearer, self._cut))
        else:
            self._cut(reason)

    async def checkpoint(self) -> None:
        """Go on only if the bearer may be served now, armed or not; else the block is cut, and this never returns."""
        reason = self._streams.refusal(self._bearer)
        if reason is None:
            return
        if not self._inside:
            raise reason
        self._cut(reason)
        await asyncio.get_running_loop().create_future()

    def _cut(self, reason: Reason) -> None:
        if self._inside and self._reason is None and self._task is not None:
            self._reason = reason
            # Not in the middle of whatever the task is doing now: the cancellation must meet a task that waits.
            self._handle = asyncio.get_running_loop().call_soon(self._task.cancel)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._inside = False
        self._watch.close()
        if self._reason is None or self._task is None or self._handle is None:
            return
        if self._task.cancelling() <= self._cancelling:  # it was quicker than the cancellation
            self._handle.cancel()
        elif self._task.uncancel() > self._cancelling:  # somebody else cancels it, too
            return
        if kind is None or issubclass(kind, asyncio.CancelledError):
            raise self._reason from None
