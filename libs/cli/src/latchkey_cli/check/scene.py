"""What the rules look at, and how long they may wait for what is under way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from latchkey_cli.check.databases import Databases
from latchkey_cli.check.finding import Finding
from latchkey_cli.check.heads import Heads
from latchkey_cli.check.logs import Logs
from latchkey_kit.clock import Clock

_PAUSE = 0.2


class Scene:
    """``patience``: seconds for what was committed to reach those that must know it, over all rules.

    ``lease`` of the verifiers, and ``skew``, by which clocks of machines may differ, are in seconds, too.
    """

    def __init__(
        self,
        databases: Databases,
        logs: Logs | None,
        heads: Heads,
        clock: Clock,
        *,
        patience: float,
        lease: float,
        skew: float,
    ) -> None:
        self.databases = databases
        self.heads = heads
        self.logs = logs
        self.lease = lease
        self.skew = skew
        self._clock = clock
        self._until = clock.boot() + patience

    async def rounds(self) -> AsyncIterator[None]:
        """Look again and again, at least once more, until patience is over; leave when there is nothing to wait for."""
        yield
        while self._clock.boot() < self._until:
            await asyncio.sleep(_PAUSE)
            yield


Rule = Callable[[Scene], Awaitable[list[Finding]]]
"""Proves one thing, or says who breaks it."""
