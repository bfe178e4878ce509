"""The endpoint as HTTP: who comes in, and what noise gets."""

import io

import pytest

from latchkey_kit.testing.services import ORIGIN
from latchkey_mcp.calls import Call

METADATA = f"{ORIGIN}/.well-known/oauth-protected-resource/v1/mcp"
CHALLENGE = f'Bearer resource_metadata="{METADATA}", scope="inclusive"'
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
METHODS = ["GET", "HEAD", "DELETE", "PUT", "PATCH", "POST"]


async def test_without_a_token_every_method_is_challenged(send):
    for method in METHODS:
        for path in ("", "/"):
            answer = await send(method=method, token=None, path=path)
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, CHALLENGE), (method, path)


async def test_with_a_token_only_post_is_taken(send):
    for method in METHODS:
        answer = await send(LIST, method=method)
        assert answer.status == (200 if method == "POST" else 405), method
        assert answer.headers.get("Allow") == (None if method == "POST" else "POST")


@pytest.mark.parametrize("path", ["", "/"])
async def test_one_answer_is_one_json_document(send, path):
    answer = await send(LIST, path=path)
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert answer.headers.getall("Content-Type") == ["application/json"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len((await answer.json())["result"]["tools"]) == 3


async def test_token_for_another_audience_is_refused(send, issuer):
    answer = await send(LIST, token=issuer.mint(aud=f"{ORIGIN}/v1"))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith(f'{CHALLENGE}, error="invalid_token"')


async def test_token_is_taken_from_the_header_only(send, issuer):
    assert (await send(LIST, token=None, path=f"?access_token={issuer.mint()}")).status == 401


async def test_without_lease_the_answer_is_503(send, owners, clock):
    owners.away.add("/feed")
    await owners.asked_again("/feed")
    clock.advance(2)
    answer = await send(LIST)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_pages_of_other_sites_are_refused(send):
    for origin in ("https://evil.test", "null", "http://[", "http://localhost.evil.test", "//", "é"):
        assert (await send(LIST, Origin=origin)).status == 403, origin


async def test_our_own_pages_and_tools_on_this_computer_may_ask(send):
    for origin in (ORIGIN, "http://localhost:6274", "http://127.0.0.1:1", "http://[::1]:8080"):
        answer = await send(LIST, Origin=origin)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*"), origin


async def test_preflight_needs_no_token(send):
    answer = await send(method="OPTIONS", token=None, Origin="http://localhost:6274")
    assert answer.status == 204
    assert "MCP-Protocol-Version" in answer.headers["Access-Control-Allow-Headers"]


NOISE = [
    b"", b"{", b"[]", b"null", b"\x00", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000, b"1" * 10_000,
    b'{"jsonrpc": "2.0"}', b'{"jsonrpc": "2.0", "id": {}, "method": 5}', b'[{"jsonrpc": "2.0", "id": 1}]',
]  # fmt: skip


@pytest.mark.parametrize("version", [{}, {"MCP_Protocol_Version": "2026-07-28"}, {"MCP_Protocol_Version": "1999"}])
async def test_noise_is_refused_as_the_callers_fault(send, version):
    for body in NOISE:
        assert 400 <= (await send(body, **version)).status < 500, body[:60]


async def test_too_much_is_413(send):
    assert (await send(io.BytesIO(b" " * (1024 * 1024 + 1)))).status == 413


async def test_other_formats_are_refused(send):
    for headers in ({"Content_Type": "text/plain"}, {"Accept": "text/html"}, {"Content_Encoding": "gzip"}):
        assert (await send(LIST, **headers)).status in (400, 406, 415), headers


async def test_half_a_character_and_deep_arguments_are_explained(send, records):
    for inner in (b'"\\ud800"', b"[" * 900 + b"]" * 900, b"1" * 400, b'"\\u0000"'):
        body = (
            b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "perform_model_action", '
            b'"arguments": {"model_route": "companies", "operation": "list", "parameters": {"x": ' + inner + b"}}}}"
        )
        answer = await send(body)
        assert answer.status < 500, inner


async def test_metadata_names_the_resource_and_its_authorization_server(served, http):
    for path in ("/.well-known/oauth-protected-resource/v1/mcp", "/.well-known/oauth-protected-resource"):
        async with http.get(served.public_url + path) as answer:
            document = await answer.json()
        assert document["resource"] == f"{ORIGIN}/v1/mcp"
        assert document["authorization_servers"] == [ORIGIN]
        assert document["scopes_supported"] == ["inclusive"]
        assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_token_stays_out_of_what_is_printed():
    assert "eyJ" not in repr(Call(access_token="eyJhbGciOi"))
