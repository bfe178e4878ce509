"""Asking another service, over HTTP on its internal port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar, cast

import aiohttp
import msgspec
import structlog

from latchkey_contracts.requests import Ask
from latchkey_kit.addresses import Addresses
from latchkey_kit.entropy import Entropy, SystemEntropy
from latchkey_kit.telemetry import facts, metrics
from latchkey_kit.web.callers import BY_STAFF
from latchkey_kit.web.problems import Document

AnswerT = TypeVar("AnswerT")
_OUR_FAULT = ("unknown_caller", "caller_not_allowed")
"""Codes that tell of our settings, not of the question."""
_ATTEMPT = aiohttp.ClientTimeout(total=None, connect=1)
"""For one instance; the time for all of them is the peer's own."""
_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""RFC 9110 §9.2.2: doing it twice is the same as doing it once."""
_OUTCOMES = {2: "answered", 4: "refused"}
_SendTo = Callable[[str], Awaitable[tuple[int, bytes]]]
log = structlog.get_logger()


class PeerUnavailable(Exception):  # noqa: N818 - it is a state, not a mistake
    """No answer, or a 5xx: whoever needed it answers 503, unless it can do better.

    ``problem`` is what the peer itself said of its 5xx, ``None`` when it said nothing that can be read.
    """

    def __init__(self, message: str, problem: Document | None = None) -> None:
        super().__init__(message)
        self.problem = problem


class PeerRefused(Exception):  # noqa: N818 - it is an answer
    """The owner said no (4xx), with a problem document."""

    def __init__(self, problem: Document) -> None:
        super().__init__(problem.title)
        self.problem = problem


class Peer:
    """One other service, as this one sees it. ``caller`` and ``secret`` are this service's name and credential.

    ``url`` is the base address of its internal port, or several, comma-separated: its instances. They take turns;
    one that cannot be connected to is left out for a while and the next is asked. ``timeout`` in seconds is for a
    whole answer, from whichever instance it comes.

    What was sent is not sent twice. When a connection breaks after that, an idle one that the peer closed at the very
    moment included, the peer may have done what it was asked: we cannot tell, and say so (`PeerUnavailable`); the
    caller, who knows what the question means, may ask again. Methods that are idempotent by definition are the
    exception, and are sent once more (aiohttp does the same with a connection that it kept). An `Ask` is a POST and
    never is, even if it only reads. It is rare: we close idle connections after 15 seconds, the services far later.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        caller: str,
        secret: str,
        *,
        timeout: float = 5,
        entropy: Entropy | None = None,
    ) -> None:
        self._session = session
        self._timeout = timeout
        self._addresses = Addresses(url)
        self._auth = aiohttp.encode_basic_auth(caller, secret)
        self._entropy = entropy or SystemEntropy()

    async def ask(self, question: Ask[AnswerT]) -> AnswerT:
        """Send a request and read its typed answer.

        Raises:
            PeerUnavailable: no answer in time, or the peer failed.
            PeerRefused: the peer's no.

        """
        kind = type(question)
        body = await self.send("POST", kind.path, msgspec.json.encode(question))
        return cast("AnswerT", _decode(body, kind.answer))

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send any request with our credential; returns the body of a 2xx answer; raises as `ask`."""
        sent = self._headers() | dict(headers or {})

        async def send_to(address: str) -> tuple[int, bytes]:
            async with self._session.request(
                method,
                address + path,
                data=body,
                params=params,
                headers=sent,
                timeout=_ATTEMPT,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()

        try:
            status, answer = await self._first_answer(send_to, repeatable=method in _REPEATABLE)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PeerUnavailable(f"{path}: {type(error).__name__}") from error
        if 200 <= status < 300:
            return answer
        if not 400 <= status < 500:
            raise PeerUnavailable(f"{path}: answered {status}", _problem_in(answer))
        problem = _decode(answer, Document)
        if problem.code in _OUR_FAULT:
            log.error("peer_does_not_know_us", path=path, problem=problem.code)
            raise PeerUnavailable(f"{path}: {problem.code}")
        raise PeerRefused(problem)

    async def stream(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[bytes]:
        """Give the body of a long answer to a ``GET``, piece by piece, however long it takes; raises as `ask`.

        Only the first instance that can be connected to is asked.
        """
        sent = self._headers() | dict(headers or {})
        now = asyncio.get_running_loop().time()
        address = next(iter(self._addresses.in_turn(now)))
        try:
            async with self._session.get(
                address + path, params=params, headers=sent, timeout=_ATTEMPT, allow_redirects=False
            ) as response:
                if 400 <= response.status < 500:
                    raise PeerRefused(_decode(await response.read(), Document))
                if response.status != 200:
                    raise PeerUnavailable(f"{path}: answered {response.status}")
                async for piece in response.content.iter_any():
                    yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PeerUnavailable(f"{path}: {type(error).__name__}") from error

    async def _first_answer(self, send_to: _SendTo, *, repeatable: bool) -> tuple[int, bytes]:
        """Ask one instance after the other, as long as asking another cannot do the same thing twice."""
        now = asyncio.get_running_loop().time
        failure: Exception = PeerUnavailable("no address is set")
        async with asyncio.timeout(self._timeout):
            for address in self._addresses.in_turn(now()):
                outcome = "silent"
                try:
                    status, answer = await send_to(address)
                except (aiohttp.ClientError, OSError) as error:
                    if isinstance(error, _NOTHING_SENT):
                        outcome = "unreachable"
                    elif not repeatable:
                        raise
                    failure = error
                else:
                    outcome = _OUTCOMES.get(status // 100, "failed")
                    self._addresses.answered(address)
                    return status, answer
                finally:
                    metrics.peer_requests.labels(_shown(address), outcome).inc()
                    if outcome in ("unreachable", "silent"):
                        self._addresses.failed(address, now())
        raise failure

    def _headers(self) -> dict[str, str]:
        """Who asks, and what is known of the request that makes us ask."""
        headers = {"Authorization": self._auth, "Content-Type": "application/json"}
        about = facts.current()
        if about.request_id:
            headers["X-Request-Id"] = about.request_id
        if about.span:
            headers["traceparent"] = str(about.span.child(self._entropy))
        if about.address:
            headers["X-Forwarded-For"] = about.address
        if about.agent:
            headers["User-Agent"] = about.agent
        if about.bystaff:
            headers[BY_STAFF] = "1"
        return headers


def _shown(address: str) -> str:
    """Host and port, without the user and password that an address may hold."""
    return address.partition("://")[2].rpartition("@")[2]


def _problem_in(body: bytes) -> Document | None:
    with contextlib.suppress(PeerUnavailable):
        return _decode(body, Document)
    return None


def _decode(body: bytes, wanted: type[AnswerT]) -> AnswerT:
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PeerUnavailable("the answer is not understood") from error
