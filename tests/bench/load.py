"""The load generator, a process of its own: chains of requests, each over one connection, one after the other.

Raw sockets, and no more of HTTP than our answers need, so that one core of it outruns the one core that it measures.
"""

import asyncio
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop

_BLANK_LINE = b"\r\n\r\n"
_LENGTH = b"content-length:"
_USUAL = ("Host: 127.0.0.1", "User-Agent: sync/1.0", "X-Forwarded-For: 203.0.113.7")
"""What the gateway and every client of sense send."""


class Job(msgspec.Struct, kw_only=True):
    """What to send. ``bodies`` are dealt out to the chains, and a chain ends when there are no more of them.

    With ``follow``, the name of a member of the answer, a chain takes only its first body from there: later ones are
    ``pattern`` with what the last answer had in the place of ``*``.
    """

    port: int
    path: str
    chains: int
    seconds: float
    bodies: list[str]
    repeat: bool = False
    """Begin again with the first body, for ever."""
    follow: str = ""
    pattern: str = ""
    turns: int = 0
    """Requests of one chain at most; 0 is no limit."""
    headers: list[str] = []
    content_type: str = "application/x-www-form-urlencoded"
    collect: list[str] = []
    """Names of members that are wanted of every answer."""


class Done(msgspec.Struct, kw_only=True):
    """What came of it, in seconds; ``answers`` came within them, and what was under way is waited for afterwards."""

    answers: int
    seconds: float
    cpu: float
    latencies: list[float]
    """Of every tenth answer, sorted."""
    failures: list[str]
    last: list[str]
    """What each chain followed, as it was in the end."""
    collected: dict[str, list[str]]
    size: int
    """Bytes of an answer's body."""


class Chain(asyncio.Protocol):
    """One connection."""

    def __init__(self, job: Job, bodies: Iterator[str]) -> None:
        self._job = job
        self._bodies = bodies
        lines = [f"POST {job.path} HTTP/1.1", *_USUAL, f"Content-Type: {job.content_type}", *job.headers]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode()
        self._buffer = b""
        self._sent_at = 0.0
        self.stopping = False
        self.ended = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.collected: list[list[str]] = []
        self.failure = ""
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection was closed: {error}")

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        start = data.find(_BLANK_LINE) + len(_BLANK_LINE)
        if start < len(_BLANK_LINE):
            return
        place = data[:start].lower().find(_LENGTH) + len(_LENGTH)
        length = int(data[place : data.find(b"\r", place)])
        if len(data) >= start + length:
            self._buffer = b""
            self._answered(data, start)

    def send(self) -> None:
        """Send the next request, or end."""
        body = None
        if not self.stopping and not (self._job.turns and len(self.latencies) >= self._job.turns):
            body = self._next_body()
        if body is None:
            self._end("")
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._head + b"%d\r\n\r\n%b" % (len(body), body))

    def followed(self) -> str:
        return self._member(self._job.follow) if self._job.follow and self.body else ""

    def _answered(self, data: bytes, start: int) -> None:
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.body = data[start:]
        if not data.startswith(b"HTTP/1.1 200"):
            self._end(data[:600].decode(errors="replace"))
            return
        if self._job.collect:
            self.collected.append([self._member(name) for name in self._job.collect])
        self.send()

    def _member(self, name: str) -> str:
        mark = f'"{name}":"'.encode()
        start = self.body.find(mark) + len(mark)
        return self.body[start : self.body.find(b'"', start)].decode()

    def _next_body(self) -> bytes | None:
        if self._job.follow and self.body:
            return self._job.pattern.replace("*", self.followed()).encode()
        body = next(self._bodies, None)
        return None if body is None else body.encode()

    def _end(self, failure: str) -> None:
        if not self.ended.done():
            self.failure = failure
            self.ended.set_result(None)
            self._transport.close()


async def run(job: Job) -> Done:
    """Do a job until its time is over, or every chain has ended."""
    chains = await _connected(job)
    begun, cpu = time.perf_counter(), time.process_time()
    for chain in chains:
        chain.send()
    everyone = asyncio.gather(*(chain.ended for chain in chains))
    await asyncio.wait([everyone], timeout=job.seconds)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    answers = sum(len(chain.latencies) for chain in chains)
    for chain in chains:
        chain.stopping = True
    await everyone
    return Done(
        answers=answers,
        seconds=seconds,
        cpu=cpu,
        latencies=sorted(one for chain in chains for one in chain.latencies)[::10],
        failures=[chain.failure for chain in chains if chain.failure][:3],
        last=[chain.followed() for chain in chains],
        collected=_columns(job.collect, [one for chain in chains for one in chain.collected]),
        size=max(len(chain.body) for chain in chains),
    )


async def _connected(job: Job) -> list[Chain]:
    bodies = _endless(job.bodies) if job.repeat else iter(job.bodies)
    chains = [Chain(job, bodies) for _ in range(job.chains)]
    for chain in chains:
        await asyncio.get_running_loop().create_connection(lambda chain=chain: chain, "127.0.0.1", job.port)
    return chains


def _columns(names: list[str], rows: list[list[str]]) -> dict[str, list[str]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _endless(bodies: list[str]) -> Iterator[str]:
    while True:
        yield from bodies


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(asked))))
