"""Asking another service, over HTTP on its internal port."""

from typing import TypeVar, cast

import aiohttp
import msgspec
import structlog

from latchkey_contracts.requests import Ask
from latchkey_kit import facts
from latchkey_kit.web.problems import Document

AnswerT = TypeVar("AnswerT")
_OUR_FAULT = ("unknown_caller", "caller_not_allowed")
"""Codes that tell of our settings, not of the question."""
log = structlog.get_logger()


class PeerUnavailable(Exception):  # noqa: N818 - it is a state, not a mistake
    """No answer, or a 5xx: whoever needed it answers 503."""


class PeerRefused(Exception):  # noqa: N818 - it is an answer
    """The owner said no (4xx), with a problem document."""

    def __init__(self, problem: Document) -> None:
        super().__init__(problem.title)
        self.problem = problem


class Peer:
    """One other service, as this one sees it. ``caller`` and ``secret`` are this service's name and credential.

    ``timeout`` in seconds is for a whole answer.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: str, caller: str, secret: str, *, timeout: float = 5
    ) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=1)
        self._url = url.rstrip("/")
        self._auth = aiohttp.encode_basic_auth(caller, secret)

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
        self, method: str, path: str, body: bytes | None = None, *, params: dict[str, str] | None = None
    ) -> bytes:
        """Send any request with our credential; returns the body of a 2xx answer."""
        about = facts.current()
        headers = {"Authorization": self._auth, "Content-Type": "application/json"}
        if about.request_id:
            headers["X-Request-Id"] = about.request_id
        if about.traceparent:
            headers["traceparent"] = about.traceparent
        if about.address:
            headers["X-Forwarded-For"] = about.address
        if about.agent:
            headers["User-Agent"] = about.agent
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=body,
                params=params,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PeerUnavailable(f"{path}: {type(error).__name__}") from error
        if 200 <= status < 300:
            return answer
        if not 400 <= status < 500:
            raise PeerUnavailable(f"{path}: answered {status}")
        problem = _decode(answer, Document)
        if problem.code in _OUR_FAULT:
            log.error("peer_does_not_know_us", path=path, problem=problem.code)
            raise PeerUnavailable(f"{path}: {problem.code}")
        raise PeerRefused(problem)


def _decode(body: bytes, wanted: type[AnswerT]) -> AnswerT:
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PeerUnavailable("the answer is not understood") from error
