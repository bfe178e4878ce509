"""Redirect URIs: which may be registered, and which match (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1 and §4.1)."""

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

MAX_LENGTH = 2_000
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
# Apps without a domain in their scheme that people really connect; others need one (RFC 8252 §7.1).
CUSTOM_SCHEMES = frozenset({"claude", "cursor", "vscode", "vscode-insiders", "vscodium", "windsurf", "zed"})

_EXECUTABLE = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
# What an authorization response adds: a second one would let two readers disagree.
_RESPONSE_NAMES = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()+,;=]|%[0-9A-Fa-f]{2})*")
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::([1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9][0-9]{0,4}))?((?:[/?][^#]*)?)")
_HIGHEST_PORT = 65_535


class _Parts(NamedTuple):
    scheme: str  # lower case
    authority: str | None
    path: str
    query: str
    fragment: str | None


def acceptable(uri: str, *, custom_schemes: Collection[str] = CUSTOM_SCHEMES) -> str | None:
    """`None` if a redirect URI may be registered, else the reason in plain words (never quoting the URI)."""
    unfit = _unfit_text(uri)
    if unfit is not None:
        return unfit
    parts = _split(uri)
    if parts is None:
        return "A redirect URL is absolute: it begins with a scheme such as https:."
    if parts.fragment is not None:
        return "A redirect URL has no fragment (#)."
    if not _RESPONSE_NAMES.isdisjoint(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return "The query of a redirect URL must leave code, state, iss and error to the authorization response."
    return _unfit_place(parts, custom_schemes)


def matches(registered: str, presented: str) -> bool:
    """Whether a presented redirect URI is the registered one: byte for byte, only the port of http loopback is free."""
    if registered == presented:
        return True
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(presented)
    if ours is None or theirs is None or int(theirs[2] or 1) > _HIGHEST_PORT:
        return False
    return ours[1] == theirs[1] and ours[3] == theirs[3]


def host_for_people(uri: str) -> str:
    """Where a redirect URI leads, for the consent page: `claude.ai`, or words for an app on this computer."""
    parts = _split(uri)
    if parts is None:
        return "an unknown address"
    if parts.scheme not in {"http", "https"}:
        return f"the app that opens {parts.scheme}: links"
    authority = (parts.authority or "").rpartition("@")[2].lower()
    found = _AUTHORITY.fullmatch(authority)
    if found is None or not found[1]:
        return "an unknown address"
    return "an app on this computer" if found[1] in LOOPBACK_HOSTS else authority


def _split(uri: str) -> _Parts | None:
    found = _URI.fullmatch(uri)
    if found is None:
        return None
    return _Parts(found[1].lower(), found[2], found[3], found[4] or "", found[5])


def _unfit_text(uri: str) -> str | None:
    if not uri or len(uri) > MAX_LENGTH:
        return f"A redirect URL has 1 to {MAX_LENGTH} characters."
    if "*" in uri:
        return "A redirect URL is exact: wildcards are not supported."
    if not _CHARACTERS.fullmatch(uri):
        return "A redirect URL has only the characters of RFC 3986: no spaces, backslashes or bare non-ASCII letters."
    return None


def _unfit_place(parts: _Parts, custom_schemes: Collection[str]) -> str | None:
    if parts.scheme in _EXECUTABLE:
        return "A redirect URL with this scheme would run or read something in the browser."
    if any(unquote(segment) in {".", ".."} for segment in parts.path.split("/")):
        return "The path of a redirect URL has no . or .. segments."
    if parts.scheme in {"http", "https"}:
        return _unfit_web(parts)
    if "." in parts.scheme or parts.scheme in custom_schemes:
        return "A redirect URL has no user name or password." if "@" in (parts.authority or "") else None
    return "A redirect URL is https, http on this computer (127.0.0.1, [::1], localhost), or an app's own scheme."


def _unfit_web(parts: _Parts) -> str | None:
    authority = parts.authority or ""
    if "@" in authority:
        return "A redirect URL has no user name or password."
    found = _AUTHORITY.fullmatch(authority)
    if found is None or int(found[2] or 1) > _HIGHEST_PORT or not _is_host(found[1]):
        return "A redirect URL has a host name, written in ASCII, and a port from 1 to 65535 if any."
    if parts.scheme == "http" and found[1].lower() not in LOOPBACK_HOSTS:
        return "A redirect URL is https; http only on this computer (127.0.0.1, [::1], localhost)."
    return None


def _is_host(host: str) -> bool:
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
            return True
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            # Browsers read any host that ends in a number as an IPv4 address: 2130706433 is 127.0.0.1.
            IPv4Address(host)
            return True
    except AddressValueError:
        return False
    return all(_LABEL.fullmatch(label) for label in labels)
