"""What PostgreSQL, NATS and Traefik have in common: one child process, stopped whatever happens."""

import abc
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Self

from latchkey_embedded.child import Child, until_ready
from latchkey_embedded.errors import PartError


@dataclass
class Server(abc.ABC):
    """A server as a child process: `async with` starts it and stops it."""

    name: ClassVar[str]
    stopping: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    """The signals that it is stopped with, and the seconds that each is given."""
    _child: Child | None = field(default=None, init=False, repr=False)

    @property
    def child(self) -> Child:
        """The server's process, for a supervisor. Raises PartError before the first start."""
        if self._child is None:
            raise PartError(f"{self.name} was not started.")
        return self._child

    @abc.abstractmethod
    async def start(self) -> None:
        """Start the server and return when it answers. Raises PartError with the reason when it does not."""

    async def stop(self) -> None:
        """Stop the server. Safe to call twice."""
        if self._child is not None:
            await self._child.stop(*self.stopping)

    async def _launch(self, child: Child, answers: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
        """Start its process and wait until it answers; one that does not in time is stopped."""
        self._child = child
        child.start()
        try:
            await until_ready(child, answers, seconds=seconds)
        except BaseException:
            await self.stop()
            raise

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
