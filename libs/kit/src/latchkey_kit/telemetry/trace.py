"""W3C Trace Context: which trace a piece of work belongs to, as ``traceparent`` carries it from part to part.

Latchkey records no spans of its own. It keeps the trace whole, so that its log lines, its events and the spans of
whoever does record them meet under one id. ``tracestate`` is not carried on.
"""

import re
from typing import Final, Self

import msgspec

from latchkey_kit.entropy import Entropy

_TRACE_BYTES: Final = 16
_SPAN_BYTES: Final = 8
_KNOWN_FLAGS: Final = 0x03
"""Sampled, and random trace id (level 2). Others must not be passed on."""
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})(?P<span>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<later>-.*)?"
)


class Span(msgspec.Struct, frozen=True):
    """One piece of work in a trace. Ids as OpenTelemetry writes them: 32 and 16 hexadecimal digits."""

    trace_id: str
    span_id: str
    flags: int = 0

    def __str__(self) -> str:
        """The ``traceparent`` of what this span causes, version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"

    def child(self, entropy: Entropy) -> Self:
        """A span that this one causes."""
        return type(self)(self.trace_id, entropy.bytes(_SPAN_BYTES).hex(), self.flags)


def new(entropy: Entropy) -> Span:
    """Start a trace. It is not marked as sampled, for we record no spans: whoever does decides for itself."""
    drawn = entropy.bytes(_TRACE_BYTES + _SPAN_BYTES).hex()
    return Span(drawn[: 2 * _TRACE_BYTES], drawn[2 * _TRACE_BYTES :])


def parse(text: str) -> Span | None:
    """Read a ``traceparent``; ``None`` if it is not valid (then a trace begins, as the standard wants it).

    A later version is read by the part that version 00 defines; version 00 itself has nothing behind its flags.
    """
    found = _TRACEPARENT.fullmatch(text)
    if found is None or (found["later"] is not None and found["version"] == "00"):
        return None
    return Span(found["trace"], found["span"], int(found["flags"], 16) & _KNOWN_FLAGS)


def child_of(span: Span | None, entropy: Entropy) -> Span:
    """A child of the span, or the first of a trace of its own where there is none."""
    return new(entropy) if span is None else span.child(entropy)
