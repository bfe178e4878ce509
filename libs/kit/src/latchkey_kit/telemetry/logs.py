"""Structured logs on standard output: one event name in snake_case and values, never a secret."""

import json
import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import msgspec
import structlog
from aiohttp.http_exceptions import HttpProcessingError

from latchkey_kit.clock import SystemClock
from latchkey_kit.telemetry import facts, redaction

_CLOCK = SystemClock()
_ENCODER = json.JSONEncoder()  # five times as slow as msgspec, and takes anything


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor that blanks secrets in a line. What is added after it is ours, and held no secret when it was made."""
    return {key: redaction.redact(value, key) for key, value in line.items()}


def _with_request(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor that names the request under way; its trace by the names that OpenTelemetry has for them."""
    about = facts.current()
    if about.request_id is not None:
        line.setdefault("request_id", about.request_id)
    if about.span is not None:
        line.setdefault("trace_id", about.span.trace_id)
        line.setdefault("span_id", about.span.span_id)
    return line


def _as_json(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    """Processor that writes a line that was redacted, so that its values are plain; in ASCII, whatever they are."""
    try:
        text = msgspec.json.encode(line).decode()
    except (UnicodeEncodeError, OverflowError):  # half a character, or a number beyond 64 bits
        return _ENCODER.encode(line)
    return text if text.isascii() else _ENCODER.encode(line)


def _with_time(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor that says when, in UTC (RFC 3339)."""
    line["timestamp"] = _CLOCK.now().isoformat().removesuffix("+00:00") + "Z"
    return line


def _without_its_bytes(record: logging.LogRecord) -> bool:
    """Filter that tells of a request that is not HTTP in one line: what was sent may hold anything, codes too."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "malformed_http %s", (type(error).__name__,), None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process: a line like any other, for a bare traceback repeats whatever the exception holds."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        structlog.get_logger().critical("uncaught_exception", exc_info=error)


def configure(service: str, level: str = "info", form: str = "json") -> None:
    """Set up logging of this process. ``form`` is ``json`` or ``pretty``. Libraries' logs take the same way."""
    shared: list[Any] = [
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.add_log_level,
        _with_time,
        _with_request,
        lambda _logger, _method, line: {"service": service, **line},
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if form == "pretty" else _as_json
    numeric = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[bare, *shared, renderer]))
    logging.basicConfig(handlers=[handler], level=max(numeric, logging.WARNING), force=True)
    logging.getLogger("aiohttp.server").addFilter(_without_its_bytes)
    sys.excepthook = _uncaught
