"""Request parameters: form bodies and query strings, each name at most once (RFC 6749 §3.1, §3.2; RFC 8707 §2)."""

import re
from urllib.parse import unquote_to_bytes

import msgspec

from latchkey_oauth.errors import OAuthError, invalid_request

MAX_BYTES = 65_536
MAX_PARAMETERS = 64
MAX_VALUE_BYTES = 8_192

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Parameters(msgspec.Struct, frozen=True):
    """What one request said: `values` by name, never empty, and every `resource` in the order sent."""

    values: dict[str, str]
    resources: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """Value of a parameter, `None` if it was left out or empty."""
        return self.values.get(name)

    def require(self, name: str) -> str:
        """Value of a parameter that must be there; `invalid_request` if it is not. `name` is our own word."""
        value = self.values.get(name)
        if value is None:
            raise invalid_request(f"The parameter {name} is missing.")
        return value

    def __repr__(self) -> str:
        """Names only: the values hold codes, tokens and secrets."""
        return f"Parameters({', '.join(sorted(self.values))})"


def decode(encoded: bytes | str) -> Parameters:
    """Decode an `application/x-www-form-urlencoded` body or a raw query string; `invalid_request` if it is malformed.

    An empty value counts as left out, an unknown name is kept and harms nobody, a repeated name is refused even if one
    of its values is empty: two parsers could disagree on which one counts.
    """
    values: dict[str, str] = {}
    resources: list[str] = []
    seen: set[str] = set()
    for name, value in _pairs(_as_bytes(encoded)):
        if name == "resource":
            resources.extend([value] if value else [])
            continue
        if name in seen:
            raise invalid_request("A parameter is repeated.")
        seen.add(name)
        if value:
            values[name] = value
    return Parameters(values, tuple(resources))


def form_decoded(raw: bytes) -> str | None:
    """Text of one form-encoded name or value, `None` for a broken escape, invalid UTF-8 or a NUL."""
    try:
        if b"%" not in raw and b"+" not in raw:  # as nearly all are
            text = raw.decode()
        elif _BROKEN_ESCAPE.search(raw):
            return None
        else:
            text = unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _as_bytes(encoded: bytes | str) -> bytes:
    if isinstance(encoded, bytes):
        raw = encoded
    else:
        try:
            # HTTP servers carry bytes that are not UTF-8 through a str as lone surrogates.
            raw = encoded.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise _malformed() from None
    if len(raw) > MAX_BYTES:
        raise invalid_request("The request is too large.")
    return raw


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    parts = [part for part in raw.split(b"&") if part]
    if len(parts) > MAX_PARAMETERS:
        raise invalid_request("There are too many parameters.")
    return [_pair(part) for part in parts]


def _pair(part: bytes) -> tuple[str, str]:
    raw_name, _, raw_value = part.partition(b"=")
    name, value = form_decoded(raw_name), form_decoded(raw_value)
    if name is None or value is None:
        raise _malformed()
    if len(value) * 4 > MAX_VALUE_BYTES and len(value.encode()) > MAX_VALUE_BYTES:
        raise invalid_request("A parameter is too long.")
    return name, value


def _malformed() -> OAuthError:
    return invalid_request("The parameters are not valid form-encoded UTF-8.")
