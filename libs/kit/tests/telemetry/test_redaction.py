"""Whatever a secret is wrapped in, it is not read again; what is no secret stays."""

import io
import json
import logging
import sys
from urllib.parse import quote, urlencode

import asyncpg
import msgspec
import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from latchkey_kit.telemetry import logs
from latchkey_kit.telemetry.redaction import REDACTED, is_secret, redact, without_secrets
from latchkey_oauth.token_string import opaque, seal

CANARY = "zQ7canaryX9"
NAMES = (
    "code", "token", "access_token", "refresh_token", "id_token", "client_secret", "clientSecret", "accessToken",
    "password", "new_password", "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "cookies", "csrf",
    "code_verifier", "client_assertion", "x-api-key", "apiKey", "private_key", "master_key", "device_code", "jwt",
    "credentials",
)  # fmt: skip
PLAIN_NAMES = (
    "status_code", "grant_type", "token_type", "tokens_issued", "codec", "scope", "redirect_uri", "code_challenge",
    "client_id", "problem", "key", "keyboard", "secretary", "error", "passwordless", "token_endpoint",
)  # fmt: skip

octets = st.binary(min_size=32, max_size=32)
typed = st.one_of(
    st.builds(lambda raw, age: seal("code", raw[:16].hex(), age, raw[:20], 1, raw), octets, st.just(0)),
    st.builds(lambda raw, age: seal("refresh", raw[:16].hex(), age, raw[:20], 1, raw), octets, st.integers(1, 2**31)),
    st.builds(lambda raw, kind: opaque(f"lk_{kind}_", raw), octets, st.sampled_from(("cs", "key", "pat"))),
    st.from_regex(
        r"eyJ[\w-]{8,40}\.eyJ[\w-]{8,80}\.[\w-]{20,80}", fullmatch=True, alphabet=st.characters(codec="ascii")
    ),
)
around = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
passwords = st.builds(lambda before, after: before + CANARY + after, around, around)
WRAPS = (
    lambda name, value: {name: value},
    lambda name, value: {"headers": CIMultiDict({name: value})},
    lambda name, value: [({"deep": {name: [value]}},)],
    lambda name, value: urlencode({"a": "1", name: value, "z": "2"}),
    lambda name, value: f"https://app.example/cb?{urlencode({name: value})}#{name}={quote(value, safe='')}",
    lambda name, value: URL("https://app.example/cb").with_query({name: value}),
    lambda name, value: json.dumps({"a": 1, name: value, "z": [2]}),
    lambda name, value: json.dumps({"a": 1, name: value}, ensure_ascii=False, indent=1),
    lambda name, value: msgspec.json.encode({name: value}),
    lambda name, value: str({"a": 1, name: value, "z": 2}),
    lambda name, value: f"Request({name.replace('-', '_')}={value!r}, status=400)",
    lambda name, value: ValueError(f"cannot read { ({name: value})!r}"),
    lambda name, value: json.dumps({"body": json.dumps({name: value.replace("\\", "").replace('"', "")})}),
    lambda name, value: f"detail={urlencode({name: value})!r}",
    lambda name, value: f'{{"cut": 1, "{name}": {json.dumps(value)[:-1]}',
)


@given(typed, around, st.integers(0, 8))
def test_our_strings_are_blanked_by_their_looks_even_when_cut(secret, text, cut):
    shown = secret[: len(secret) - cut]
    for value in (f"{text} {shown}", [shown], {"x": {"y": shown}}, KeyError(shown), shown.encode(), f"'{shown}'{text}"):
        assert secret[8:30] not in repr(redact(value))


@given(st.sampled_from(NAMES), passwords)
@example("password", f"'\"{CANARY}\\'\"\\")
@example("Cookie", f"a=b; {CANARY}; c")
def test_what_is_called_a_secret_is_blanked_whatever_it_is_and_stands_in(name, secret):
    for wrap in WRAPS:
        assert CANARY not in repr(redact(wrap(name, secret)))


@given(st.sampled_from(("Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie")), around)
def test_a_header_line_is_blanked_to_its_end(name, text):
    line = f"{name}: x{''.join(text.split())} {CANARY}; {CANARY}"
    assert CANARY not in without_secrets(f"GET / HTTP/1.1\r\n{line}\r\nHost: a")
    assert without_secrets(f"{name}: a\r\nHost: a").endswith("Host: a")


@given(st.sampled_from(PLAIN_NAMES), st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_what_is_no_secret_stays(name, value):
    assert not is_secret(name)
    for kept in ({name: value}, f"{name}={value}", json.dumps({name: value}), f"{name}: {value}"):
        assert redact(kept) == kept


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()), st.lists))
def test_nothing_is_too_odd_to_be_looked_at(value):
    assert json.dumps(redact({"value": value})) is not None


HOSTILE = (
    "://",
    "://:",
    ":",
    "=",
    "eyJ",
    "eyJ.",
    "bearer ",
    "token=",
    "token='",
    'token"',
    "-----BEGIN ",
    "\\",
    "code=[",
)


@pytest.mark.parametrize("start", HOSTILE)
def test_long_hostile_text_is_read_once(start):
    for rest in HOSTILE:
        without_secrets(start + rest * 20_000)
        without_secrets((start + rest) * 10_000 + "@")


@pytest.mark.parametrize("cut", [f'{{"password": "{CANARY}\\', f"{{'password': '{CANARY}\\", f"password='{CANARY}"])
def test_a_value_that_was_cut_is_blanked_to_the_end(cut):
    assert CANARY not in without_secrets(cut)


def test_values_that_the_database_repeats_are_blanked():
    refused = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    refused.detail = f"Key (hash)=({CANARY}) already exists."
    unsendable = asyncpg.DataError(f"invalid input for query argument $1: '{CANARY}' (expected bytes)")
    for error in (refused, unsendable):
        shown = redact(error)
        assert CANARY not in shown
        assert REDACTED in shown
    assert "unique constraint" in redact(refused)


@pytest.fixture
def written(monkeypatch):
    """Log as a service does, in either form; gives what reads everything that was written."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def start(form):
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        logs.configure("token", "debug", form)
        return out.getvalue

    yield start
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_neither_our_lines_nor_those_of_libraries_repeat_a_secret(written, form):
    read = written(form)
    for name in NAMES:
        for wrap in WRAPS:
            held = wrap(name, CANARY)
            structlog.get_logger().info("seen", detail=held, **{name: CANARY})
            logging.getLogger("aiohttp.server").error("seen %s", held)
            error = ValueError(held)
            structlog.get_logger().error("failed", exc_info=error)
            logging.getLogger("asyncio").error("failed", exc_info=error)
    assert read().count("failed") == 2 * len(NAMES) * len(WRAPS)
    assert CANARY not in read()
