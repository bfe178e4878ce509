"""Secrets in places that are not theirs: what a careless app, a broken proxy or a hurried person sends."""

import asyncio
import base64
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from yarl import URL

from latchkey_oauth.token_string import opaque, seal

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
AT_ONCE = 24
REQUEST = dict[str, Any]
FIELDS = (
    "grant_type", "code", "code_verifier", "refresh_token", "token", "token_type_hint", "client_id", "client_secret",
    "client_assertion", "redirect_uri", "scope", "resource", "state", "response_type", "code_challenge", "request",
    "email", "password", "csrf", "next", "decision", "tenant", "nothing",
)  # fmt: skip
HEADERS = (
    "Accept", "Content-Type", "Forwarded", "If-None-Match", "Last-Event-ID", "Mcp-Protocol-Version", "Mcp-Session-Id",
    "Origin", "Range", "Referer", "Traceparent", "Tracestate", "Baggage", "X-Forwarded-For", "X-Forwarded-Uri",
    "X-Latchkey-User", "X-Nothing",
)  # fmt: skip
OWN_WORDS = ("User-Agent", "X-Request-Id")
"""What is kept as it was sent, unless it looks like one of our strings."""


def access_token() -> str:
    """A JWT as ours look, signed by nobody."""
    parts = [json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": "1"}).encode(), os.urandom(300), os.urandom(64)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def sealed(kind: str) -> str:
    generation = 0 if kind == "code" else 1
    return seal(kind, os.urandom(16).hex(), generation, os.urandom(20), 1, os.urandom(32))


def random_text() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


TYPED: dict[str, Callable[[], str]] = {
    "code": lambda: sealed("code"),
    "refresh token": lambda: sealed("refresh"),
    "client secret": lambda: opaque("lk_cs_", os.urandom(32)),
    "access token": access_token,
}
PLAIN: dict[str, Callable[[], str]] = {
    "password": lambda: f"{os.urandom(24).hex()} \"Pä&+%s'\\<{{",
    "code verifier": random_text,
    "session cookie": random_text,
    "CSRF token": random_text,
    "internal credential": lambda: "pw_" + os.urandom(24).hex(),
}


def places(value: str, *, typed: bool) -> Iterator[tuple[str, REQUEST]]:
    """Name of a place → what of a request is different. ``below`` goes behind the path."""
    yield from _addresses(value)
    yield from _credentials(value)
    for name in (*HEADERS, *(OWN_WORDS if typed else ())):
        yield f"the header {name}", {"headers": {name: _in_header(value)}}
    for name in FIELDS:
        yield f"the form field {name}", {"data": {"grant_type": "refresh_token", "client_id": "0" * 32} | {name: value}}
    yield from _bodies(value)


def _addresses(value: str) -> Iterator[tuple[str, REQUEST]]:
    names = ("access_token", "token", "code", "password", "cursor", "action", "client", "user", "limit", "nothing")
    for name in names:
        yield f"the parameter {name}", {"below": "?" + urlencode({name: value})}
    yield "the name of a parameter", {"below": f"?{quote(value, safe='')}=1"}
    yield "the name of two parameters", {"below": f"?{quote(value, safe='')}=1&{quote(value, safe='')}=2"}
    yield "a parameter twice", {"below": "?" + urlencode([("limit", value), ("limit", value)])}
    yield "the path", {"below": "/" + quote(value, safe="")}
    yield "a fragment of nothing", {"below": f"/nothing/{quote(value, safe='')}/nothing"}


def _credentials(value: str) -> Iterator[tuple[str, REQUEST]]:
    sent = _in_header(value)
    packed = base64.b64encode
    for name, header in {
        "a bearer": f"Bearer {sent}",
        "half a bearer": f"Bearer {sent} {sent}",
        "another scheme": f"Digest {sent}",
        "no scheme": sent,
        "Basic as it is": f"Basic {sent}",
        "Basic without a colon": f"Basic {packed(value.encode()).decode()}",
        "the name of Basic": f"Basic {packed(f'{value}:x'.encode()).decode()}",
        "the password of Basic": f"Basic {packed(f'operator:{value}'.encode()).decode()}",
        "Basic cut off": f"Basic {packed(f'operator:{value}'.encode()).decode()[:-3]}",
    }.items():
        yield name, {"headers": {"Authorization": header}}
    yield "a cookie", {"headers": {"Cookie": f"latchkey_nothing={sent}"}}
    yield "the name of a cookie", {"headers": {"Cookie": f"{sent}=1; {sent}"}}
    yield "a header that is too long", {"headers": {"X-Nothing": sent * (150_000 // len(sent))}}
    yield "a token that is too long", {"headers": {"Authorization": "Bearer " + sent * (40_000 // len(sent))}}


def _bodies(value: str) -> Iterator[tuple[str, REQUEST]]:
    objects = {
        "a member": {"nothing": value},
        "the name of a member": {value: 1},
        "known members of a wrong kind": {"name": [value], "redirect_uris": value, "permissions": [value], "id": value},
        "known members": {"name": value, "redirect_uris": [value], "type": value, "preset": value, "nothing": 1},
        "a permission": {"name": "x", "permissions": {value: ["view"], "company": [value]}, "nothing": 1},
        "a method": {"jsonrpc": "2.0", "id": 1, "method": value, "params": {}},
        "a version": {"jsonrpc": value, "id": value, "method": "tools/list"},
        "a client's information": _mcp("initialize", protocolVersion=value, capabilities={value: {}},
                                       clientInfo={"name": value, "version": value}),
        "a tool": _mcp("tools/call", name=value, arguments={}),
        "an argument": _mcp("tools/call", name="perform_model_action", arguments={"model_route": value}),
        "the name of an argument": _mcp("tools/call", name="get_model_actions", arguments={value: value}),
        "a parameter of a tool": _mcp("tools/call", name="perform_model_action", arguments={
            "model_route": "companies", "operation": "list", "parameters": {"limit": value, value: 1}}),
        "a value of a tool": _mcp("tools/call", name="perform_model_action", arguments={
            "model_route": "companies", "operation": "create", "parameters": {"values": {"phase": value}}}),
        "arguments of a wrong kind": _mcp("tools/call", name="get_model_actions", arguments=value),
        "what is about a message": _mcp("tools/list", _meta={"progressToken": value, value: value}),
    }  # fmt: skip
    for name, content in objects.items():
        yield f"JSON: {name}", _body(json.dumps(content).encode(), JSON)
    raw = json.dumps({"password": value}).encode()
    yield "JSON cut off", _body(raw[:-2], JSON)
    yield "JSON as a form", _body(raw, FORM)
    yield "a form as JSON", _body(urlencode({"password": value}).encode(), JSON)
    yield "plain text", _body(value.encode(), "text/plain")
    yield (
        "a body of many parts",
        _body(
            f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{value}\r\n--x--\r\n'.encode(),
            "multipart/form-data; boundary=x",
        ),
    )
    form = urlencode({"grant_type": "refresh_token", "refresh_token": value, "client_secret": value}).encode()
    yield "a form with a parameter twice", _body(form + b"&" + form, FORM)
    yield "a form with broken escapes", _body(b"%zz=" + form, FORM)
    yield "the name of a field", _body(quote(value).encode() + b"=1&grant_type=refresh_token", FORM)
    packed = _body(gzip.compress(form), FORM)
    yield "a packed body", packed | {"headers": packed["headers"] | {"Content-Encoding": "gzip"}}
    said = _body(form, FORM)
    yield "a body that says it is packed", said | {"headers": said["headers"] | {"Content-Encoding": "gzip"}}
    yield "a body that is too large", _body(form * (1_200_000 // len(form)), FORM)


def call(value: str) -> REQUEST:
    """A tool call with a secret as an argument."""
    return _mcp("tools/call", name="get_model_actions", arguments={"nothing": value, "model_route": value})


def _mcp(method: str, **params: Any) -> REQUEST:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def _body(content: bytes, kind: str) -> REQUEST:
    return {"data": content, "headers": {"Content-Type": kind}}


def _in_header(value: str) -> str:
    return value.encode().decode("latin-1")


async def send(http, base: str, request: REQUEST, *, method: str, headers: dict[str, str]) -> int:
    """One request; what has a body is posted. Returns the status."""
    body = request.get("data")
    if body is not None and method == "GET":
        method = "POST"
    async with http.request(
        method, URL(base + request.get("below", ""), encoded=True),
        data=io.BytesIO(body) if isinstance(body, bytes) else body,
        headers=headers | request.get("headers", {}), allow_redirects=False,
    ) as response:  # fmt: skip
        await response.read()
        return response.status


async def at_once(jobs: list) -> list:
    """Run all, some at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job):
        async with gate:
            return await job()

    return await asyncio.gather(*map(one, jobs))
