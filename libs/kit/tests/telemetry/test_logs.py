"""No secret reaches a log line: not by its key, not by its looks, not in an exception."""

import io
import json
import logging
import sys

import pytest
import structlog
from aiohttp.http_exceptions import LineTooLong

from latchkey_kit.settings import Secret
from latchkey_kit.telemetry import facts, logs
from latchkey_kit.telemetry.redaction import REDACTED
from latchkey_kit.telemetry.trace import Span

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.fixture
def lines(monkeypatch):
    """Log as a service does, and read what came out."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    logs.configure("token", "debug")

    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "key",
    [
        "token", "access_token", "refresh_token", "client_secret", "password", "Authorization", "code", "code_verifier",
        "client_assertion", "Set-Cookie", "cookie", "master_key", "private_key", "x-api-key", "access-token",
        "credentials",
    ],
)  # fmt: skip
def test_a_value_is_blanked_by_its_key_at_any_depth(key):
    line = logs.redact(None, "", {key: "canary", "in": {key: "canary", "list": [{key: ["canary"]}, ({key: 1},)]}})
    assert "canary" not in repr(line)
    assert line[key] == REDACTED


@pytest.mark.parametrize(
    "text",
    [
        "lk_rt_canary", "lk_ac_canary", "lk_cs_canary", "lk_key_canary", "lk_pat_canary", JWT,
        "postgresql://user:canary@host/db", "Authorization: Bearer canary-canary-canary-1",
        "Basic Y2FuYXJ5LWNhbmFyeS1jYW5hcnk=",
        "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_a_value_is_blanked_by_its_looks(text):
    for value in (text, [text], {"deep": (text,)}, ValueError(text), text.encode()):
        shown = repr(logs.redact(None, "", {"event": "seen", "detail": value}))
        assert "canary" not in shown.replace("'detail'", "")
        assert JWT not in shown
        assert "Y2FuYXJ5" not in shown


def test_plain_values_stay_as_they_are():
    line = {"event": "refused", "status": 400, "problem": "invalid_request", "ms": 1.5, "ok": True, "none": None}
    assert logs.redact(None, "", dict(line)) == line
    assert logs.redact(None, "", {"codec": "x", "tokens_issued": 3})["codec"] == "x"


def test_a_setting_that_is_secret_is_blanked_under_any_key():
    assert logs.redact(None, "", {"url": Secret("canary")}) == {"url": REDACTED}


def test_a_line_has_service_level_time_and_request(lines):
    span = Span("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    token = facts.enter(facts.RequestFacts(request_id="request-1", span=span))
    structlog.get_logger().info("grant_issued", connection="c1")
    facts.leave(token)
    (line,) = lines()
    assert (line["event"], line["service"], line["level"]) == ("grant_issued", "token", "info")
    assert line["request_id"] == "request-1"
    assert (line["trace_id"], line["span_id"]) == (span.trace_id, span.span_id)
    assert line["connection"] == "c1"
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("value", ["Zürich", "half a character: \udcff", "a line\u2028more", 2**70, "\n"])
def test_whatever_a_value_is_its_line_is_one_line_of_ascii(value):
    text = logs._as_json(None, "", {"event": "seen", "value": value})
    assert json.loads(text)["value"] == value
    assert text.isascii()
    assert "\n" not in text


def test_exceptions_are_written_without_secrets(lines):
    try:
        _fail("cannot reach postgresql://user:canary@host/db with lk_rt_canary")
    except ValueError:
        structlog.get_logger().exception("unexpected_error")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "canary" not in line["exception"]


def test_lines_of_libraries_take_the_same_way(lines):
    try:
        _fail("lk_rt_canary2")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling %s", "lk_rt_canary1")
    (line,) = lines()
    assert line["event"] == "Error handling ***"
    assert line["service"] == "token"
    assert line["level"] == "error"
    assert "ValueError: ***" in line["exception"]
    assert not [key for key in line if key.startswith("_")]


def test_what_ends_a_process_is_a_line_without_secrets(lines):
    try:
        _fail("cannot start with lk_rt_canary")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    (line,) = lines()
    assert (line["event"], line["level"]) == ("uncaught_exception", "critical")
    assert "ValueError: cannot start with ***" in line["exception"]
    assert "canary" not in line["exception"]


def _fail(text):
    raise ValueError(text)


def test_a_request_that_is_not_http_is_one_line_without_its_bytes(lines):
    error = LineTooLong(b"/oauth/authorize?state=canary", 8190)
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "127.0.0.1", exc_info=error)
    logging.getLogger("aiohttp.server").error("Something else")
    malformed, other = lines()
    assert malformed["event"] == "malformed_http LineTooLong"
    assert (malformed["level"], other["level"]) == ("info", "error")
    assert "canary" not in repr(malformed)
