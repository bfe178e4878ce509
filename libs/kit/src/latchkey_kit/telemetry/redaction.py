"""Blanking secrets in what is kept: by the name that stands before them, and by their looks."""

import functools
import re
from collections.abc import Mapping
from typing import Any, Final

from latchkey_kit.settings import Secret

REDACTED: Final = "***"
_SECRET_NAME = re.compile(
    r"^code$|cookies?$"
    r"|(^|_)(token|secret|password|passwd|passphrase|authorization|assertion|verifier|credential|csrf|jwt|bearer)s?$"
    r"|(^|_)(api|master|private|signing)_?keys?$"
    r"|(^|_)(auth|authorization|device|user)_code$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LOOKS = (
    ("lk_", re.compile(r"lk_(?:ac|rt|cs|rs|key|pat|inv|pwl)_[\w-]+")),  # our typed strings
    ("eyj", re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*")),  # a JWT, or what is left of one
    ("://", re.compile(r"(?<=://)[^/@\s:]*:[^/@\s]*(?=@)")),  # user and password in an address
    ("bearer ", re.compile(r"(?<=bearer )[\w.~+/=-]{16,}", re.IGNORECASE)),
    ("basic ", re.compile(r"(?<=basic )[\w.~+/=-]{16,}", re.IGNORECASE)),
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL)),
    ("detail:  ", re.compile(r"(?<=DETAIL:  )[^\n]+")),  # PostgreSQL's, with values of the row
    ("query argument $", re.compile(r"(?<=query argument \$)\d+: .*", re.DOTALL)),  # the driver's, with the value
)
"""A mark to look for in lower case, which is quick, before the pattern is."""
_WORDS = (
    "token", "secret", "passw", "passphrase", "authorization", "assertion", "verifier", "credential", "csrf", "jwt",
    "bearer", "cookie", "code", "key",
)  # fmt: skip
_QUOTED = r"(?:b?\"(?:[^\"\\]|\\.?)*+\"?|b?'(?:[^'\\]|\\.?)*+'?|\\[\"'](?:(?!\\[\"']).)*)"
_NAMED = re.compile(
    r"((?:token|secret|password|passwd|passphrase|authorization|assertion|verifier|credential|csrf|jwt|bearer|cookie)s?"
    r"|(?<![\w-])code|(?:auth|authorization|device|user)[_-]?code|(?:api|master|private|signing)[_-]?keys?)"
    r"(=|\\?[\"']\s*:\s*)"  # of a form, a query, a Python literal; or of JSON
    rf"(?:{_QUOTED}|[\[(]+\s*{_QUOTED}(?:\s*,\s*{_QUOTED})*)?[^\s&\"]*",
    re.DOTALL | re.IGNORECASE,
)
_HEADER = re.compile(r"((?:authorization|cookie)[ \t]*:[ \t]*)(?=[^\s\"'])[^\r\n]+", re.IGNORECASE)


def redact(value: Any, name: str = "") -> Any:
    """The value without secrets, at any depth; what is no plain value becomes text. ``name`` is what it is called."""
    if is_secret(name) or isinstance(value, Secret):
        return REDACTED
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            pass
        case bytes() | bytearray():
            value = value.decode(errors="replace")
        case Mapping():
            return {str(key): redact(inner, str(key)) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact(inner) for inner in value]
        case _:
            value = str(value)
    return without_secrets(value)


@functools.lru_cache(1024)
def is_secret(name: str) -> bool:
    """Whether what has this name is secret: ``client_secret``, ``clientSecret`` and ``Client-Secret`` alike."""
    return _SECRET_NAME.search(_HUMP.sub("_", name).replace("-", "_").lower()) is not None


def without_secrets(text: str) -> str:
    """Blank what looks like a secret, or is called one in a form, query, header, JSON or Python literal."""
    low = text.lower()
    if ("=" in text or ":" in text) and any(word in low for word in _WORDS):
        text = _NAMED.sub(rf"\1\2{REDACTED}", _HEADER.sub(rf"\1{REDACTED}", text))
    for mark, looks in _LOOKS:
        if mark in low:
            text = looks.sub(REDACTED, text)
    return text
