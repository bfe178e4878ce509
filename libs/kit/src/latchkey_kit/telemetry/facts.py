"""What is known of the request under way: it goes into every log line, event and onward request."""

import contextlib
import contextvars
from collections.abc import Iterator

import msgspec

from latchkey_kit.telemetry.trace import Span


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """``span`` is this request's own place in its trace.

    ``address`` and ``agent`` are the caller's network address and user agent, cut to a sane length. ``bystaff``: the
    operator's command asks for it, directly or through another service.
    """

    request_id: str | None = None
    span: Span | None = None
    address: str | None = None
    agent: str | None = None
    bystaff: bool = False


_current: contextvars.ContextVar[RequestFacts] = contextvars.ContextVar("request_facts", default=RequestFacts())  # noqa: B039 - frozen


def current() -> RequestFacts:
    return _current.get()


def enter(facts: RequestFacts) -> contextvars.Token[RequestFacts]:
    return _current.set(facts)


def leave(token: contextvars.Token[RequestFacts]) -> None:
    _current.reset(token)


@contextlib.contextmanager
def about(facts: RequestFacts) -> Iterator[None]:
    """Let these be the facts for the time of the block."""
    token = enter(facts)
    try:
        yield
    finally:
        leave(token)
