"""Noise at every door: a clear no in the door's own format, never our fault."""

import asyncio

import pytest
from yarl import URL

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
OAUTH = ("/oauth/token", "/oauth/revoke")
PAGES = ("/oauth/authorize", "/login", "/logout")
APIS = ("/v1/oauth-clients", "/v1/companies", "/v1/mcp")
BODIES = {
    "nothing": b"",
    "NUL": b"grant_type=refresh_token&refresh_token=%00&client_id=%00",
    "raw NUL": b"\x00\x00\x00",
    "invalid UTF-8": b"grant_type=\xff\xfe&token=%ff%fe&email=%ff&password=%ff",
    "twice": b"grant_type=refresh_token&grant_type=refresh_token&token=a&token=b&email=a&email=b&password=x",
    "bad percent-encoding": b"grant_type=%zz&token=%&refresh_token=%u0041",
    "JSON": b'{"grant_type": "refresh_token"}',
    "JSON NUL": b'{"name": "a\\u0000b", "permissions": {"\\u0000": ["view"]}}',
    "half a character": b'{"name": "\\ud800"}',
    "deep JSON": b"[" * 50_000,
    "deep object": b'{"name":' * 5_000,
    "large number": b'{"name": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"name": NaN}',
    "wrong types": b'{"name": [], "redirect_uris": {}, "permissions": 5}',
    "many parameters": b"&".join(b"a%d=1" % number for number in range(20_000)),
    "1 MB and more": b"a" * (1024 * 1024 + 10),
}
TYPES = (FORM, JSON, "text/plain", "multipart/form-data", "application/json; charset=utf-7", "no;;=", "")


def speaks_its_format(path: str, status: int, headers, body) -> bool:
    if path in OAUTH:
        return isinstance(body, dict) and isinstance(body.get("error"), str) and headers["Cache-Control"] == "no-store"
    if path in PAGES:
        return headers["Content-Type"].startswith("text/html")
    return isinstance(body, dict) and ("title" in body or body.get("jsonrpc") == "2.0")


@pytest.mark.parametrize("path", [*OAUTH, *PAGES, *APIS])
async def test_malformed_bodies_are_refused_in_the_format_of_the_endpoint(house, carly, path):
    tokens = await house.app("admin-cli").connect(carly, resource=[house.api, house.mcp])

    async def send(name, body, kind):
        headers = {"Content-Type": kind} if kind else {}
        token = tokens.access if path in APIS else None
        status, answer, got = await house.ask("POST", path, token, data=body, headers=headers, allow_redirects=False)
        if (path, status) == ("/logout", 303):  # without a session there is nothing to end
            return
        assert 400 <= status < 500, (name, kind, status)
        assert speaks_its_format(path, status, got, answer), (name, kind, status, answer)

    for name, body in BODIES.items():
        await asyncio.gather(*(send(name, body, kind) for kind in TYPES))


@pytest.mark.parametrize(
    "path", ["/v1/companies", "/v1/mcp", "/oauth/token", "/login", "/.well-known/oauth-authorization-server"]
)
async def test_absurd_headers_are_no_fault_of_ours(house, path):
    absurd = (
        {"Authorization": "Bearer " + "A" * 30_000}, {"Authorization": "Basic \xff\xfe"},
        {"Authorization": "Basic ===="}, {"Authorization": "Bearer a b"},
        {"Cookie": "a=" + "b" * 30_000}, {"Cookie": "latchkey_session=%00; ;=;"},
        {"Content-Length": "-1"}, {"Content-Type": "\xff"}, {"Accept": ",;q=x"}, {"X-Request-Id": "a\tb" * 100},
        {"Traceparent": "00-zz"}, {"Origin": "http://["}, {"If-None-Match": '"' * 100}, {"Range": "bytes=5-1"},
        {"Expect": "200-maybe"}, {"Mcp-Protocol-Version": "\xff"}, {"Content-Encoding": "zip"},
    )  # fmt: skip
    for headers in absurd:
        method = "GET" if path.startswith("/.well") or path == "/v1/companies" else "POST"
        status, _, _ = await house.ask(method, path, headers=headers)
        assert status < 500, headers


@pytest.mark.parametrize(
    "query",
    ["?limit=%00", "?limit=0", "?limit=9999999999999999999", "?limit=1&limit=2", "?cursor=%ff", "?cursor=AAAA", "?%",
     "?=", "?limit=%u0041", "?nothing=1", "?" + "a" * 20_000],
)  # fmt: skip
async def test_malformed_queries_are_refused(house, carly, query):
    tokens = await house.app("admin-cli").connect(carly, resource=house.api)
    for path in ("/v1/companies", "/v1/oauth-clients", "/v1/connections", "/v1/audit-events"):
        address = URL(house.origin + path + query, encoded=True)
        async with house.http.get(address, headers={"Authorization": f"Bearer {tokens.access}"}) as answer:
            assert answer.status == 200 or 400 <= answer.status < 500, (path, answer.status)
            assert answer.content_type in ("application/json", "application/problem+json", "text/plain"), path


async def test_unknown_paths_are_not_found_as_json(house):
    for path in (
        "/v1",
        "/v1/nothing",
        "/oauth/register",
        "/internal/perform",
        "/feed",
        "/readyz",
    ):
        status, body, headers = await house.ask("GET", path)
        assert (status, body["code"], headers["Content-Type"]) == (404, "not_found", "application/problem+json"), path


async def test_nobody_becomes_somebody_else_by_a_header(house, carly, sam):
    hers, his = [await house.app("sync-demo").connect(one, scope="inclusive") for one in (carly, sam)]
    claims = hers.claims
    claimed = {
        "X-Latchkey-User": claims["sub"], "X-Latchkey-Tenant": claims["tid"], "X-Latchkey-Connection": claims["sid"],
        "X-Latchkey-Client": claims["client_id"], "X-Latchkey-Scope": "company:remove",
        "X-Forwarded-User": claims["sub"], "X-Forwarded-Email": "carly@acme.test", "X-User": claims["sub"],
        "X-Forwarded-Uri": "/login", "X-Forwarded-Method": "OPTIONS", "X-Forwarded-Host": "evil.test",
    }  # fmt: skip
    status, body, _ = await house.ask("GET", "/v1/companies?limit=100", his.access, headers=claimed)
    assert (status, len(body["data"])) == (200, 5)
    assert (await house.ask("GET", "/v1/companies", headers=claimed))[0] == 401
    _, document, _ = await house.ask("GET", "/.well-known/oauth-authorization-server", headers=claimed)
    assert document["issuer"] == house.origin
