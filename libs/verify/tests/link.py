"""A cable between a verifier and its owners that a test can cut, in one direction or in both."""

import asyncio
import contextlib


class Link:
    """A TCP proxy. ``asks`` and ``answers`` say which direction lets bytes through; what does not is held back."""

    def __init__(self, target):
        self._target = target
        self.asks = asyncio.Event()
        self.answers = asyncio.Event()
        self.heal()
        self._tasks = set()
        self.url = ""

    def heal(self):
        self.asks.set()
        self.answers.set()

    @contextlib.asynccontextmanager
    async def up(self):
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _carry(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        there, back = await asyncio.open_connection(*self._target.removeprefix("http://").split(":"))
        with contextlib.closing(writer), contextlib.closing(back), contextlib.suppress(OSError):
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, back, self.asks))
                both.create_task(_pump(there, writer, self.answers))


async def _pump(reader, writer, open_):
    while data := await reader.read(65536):
        await open_.wait()
        writer.write(data)
        await writer.drain()
    await open_.wait()
    writer.close()
