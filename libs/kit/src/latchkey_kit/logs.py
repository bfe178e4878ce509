"""Structured logs on standard output: one event name in snake_case and values, never a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError

from latchkey_kit import facts
from latchkey_kit.settings import Secret

_SECRET_KEY = re.compile(
    r"^(code|.*cookie)$|(^|[_-])(token|secret|password|authorization|assertion|verifier|credential|csrf)s?$"
    r"|(^|[_-])(api|master|private|signing)[_-]?keys?$",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"lk_(?:ac|rt|cs|key|pat)_[0-9A-Za-z]+"  # our typed strings
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?<=://)[^/@\s]*:[^/@\s]*(?=@)"  # user and password in an address
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{16,}"  # the value of an Authorization header
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)",
    re.DOTALL,
)
REDACTED = "***"


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor that blanks values by the name of their key and by their looks, at any depth."""
    return {key: REDACTED if _SECRET_KEY.search(key) else _clean(value) for key, value in line.items()}


def without_secrets(text: str) -> str:
    """Blank what looks like a secret of ours: for others' words that are kept, such as the name of a browser."""
    return _SECRET_TEXT.sub(REDACTED, text)


def _clean(value: Any) -> Any:
    if isinstance(value, Secret):
        return REDACTED
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return redact(None, "", {str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, int | float | bool) or value is None:
        return value
    return without_secrets(str(value))


def _with_request(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor that names the request under way; its trace by the names that OpenTelemetry has for them."""
    about = facts.current()
    if about.request_id is not None:
        line.setdefault("request_id", about.request_id)
    if about.span is not None:
        line.setdefault("trace_id", about.span.trace_id)
        line.setdefault("span_id", about.span.span_id)
    return line


def _without_its_bytes(record: logging.LogRecord) -> bool:
    """Filter that tells of a request that is not HTTP in one line: what was sent may hold anything, codes too."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "malformed_http %s", (type(error).__name__,), None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def configure(service: str, level: str = "info", form: str = "json") -> None:
    """Set up logging of this process. ``form`` is ``json`` or ``pretty``. Libraries' logs take the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_request,
        lambda _logger, _method, line: {"service": service, **line},
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if form == "pretty" else structlog.processors.JSONRenderer()
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
