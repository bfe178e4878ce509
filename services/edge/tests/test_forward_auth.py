"""What the gateway and, through it, a client hears."""

import nats
import pytest

from latchkey_contracts.feed import PUSH_SUBJECT
from latchkey_edge.handlers.check import is_mcp
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN

MCP = f"{ORIGIN}/v1/mcp"
API_CHALLENGE = f'Bearer resource_metadata="{ORIGIN}/.well-known/oauth-protected-resource/v1", scope="inclusive"'
MCP_CHALLENGE = f'Bearer resource_metadata="{ORIGIN}/.well-known/oauth-protected-resource/v1/mcp", scope="inclusive"'


async def test_living_bearer_passes_without_a_word(check, issuer):
    answer = await check("/v1/companies?limit=5", issuer.mint())
    assert (answer.status, answer.headers["Content-Length"]) == (200, "0")
    assert not [name for name in answer.headers if name.lower().startswith("x-latchkey")]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "PURGE", "options"])
async def test_no_token_is_challenged_whatever_the_method(check, method):
    answer = await check(method=method)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, API_CHALLENGE)
    assert answer.content_type == "application/problem+json"
    assert (await answer.json())["code"] == "token_missing"


@pytest.mark.parametrize("target", ["/v1/mcp", "/v1/mcp/", "/v1/mcp?x=/v1/companies", "/v1/%6dcp"])
async def test_mcp_endpoint_takes_tokens_for_the_mcp_audience_only(check, issuer, target):
    assert (await check(target, issuer.mint(aud=MCP))).status == 200
    refused = await check(target, issuer.mint())
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith(f'{MCP_CHALLENGE}, error="invalid_token"')
    assert (await check(target)).headers["WWW-Authenticate"] == MCP_CHALLENGE


@pytest.mark.parametrize("target", ["/v1/companies", "/v1/mcpx", "/v1", "/v1/companies?/v1/mcp", "/", "", "noise"])
async def test_everything_else_takes_tokens_for_the_api_audience_only(check, issuer, target):
    assert (await check(target, issuer.mint())).status == 200
    refused = await check(target, issuer.mint(aud=MCP))
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith(f'{API_CHALLENGE}, error="invalid_token"')


async def test_scripts_of_other_origins_can_read_a_refusal(check):
    answer = await check(Origin="http://localhost:6274")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


async def test_preflight_passes_without_a_token(check):
    assert (await check(method="OPTIONS", Origin="http://localhost:6274")).status == 200


async def test_identity_headers_are_not_believed(check):
    claimed = {"X-Latchkey-User": "2" * 32, "X-Latchkey-Tenant": "1" * 32, "X-Latchkey-Connection": "c" * 32}
    assert (await check(**claimed)).status == 401


async def test_pushed_kill_closes_the_door(check, issuer, owners, nats_server):
    token = issuer.mint()
    assert (await check(token=token)).status == 200
    client = await nats.connect(nats_server)
    try:

        async def pushed_and_refused():
            await client.publish(PUSH_SUBJECT, owners.push_of(entry))
            await client.flush()
            return (await check(token=token)).status == 401

        entry = owners.kill()
        owners.entries.clear()  # the pull must not be what brings it
        await eventually(pushed_and_refused)
    finally:
        await client.close()


async def test_pulled_kill_closes_the_door(check, issuer, owners):
    token = issuer.mint()
    assert (await check(token=token)).status == 200
    owners.kill()
    await owners.asked_again("/feed")
    assert (await check(token=token)).status == 401


async def test_without_lease_the_answer_is_503(check, issuer, owners, clock):
    token = issuer.mint()
    assert (await check(token=token)).status == 200
    owners.away.add("/feed")
    await owners.asked_again("/feed")
    clock.advance(2)
    answer = await check(token=token)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/nothing/v1/unknown", "/v1/companies", "/check/more", "/check"])
async def test_unknown_path_is_not_found_in_the_format_of_the_apis(edge, http, path):
    async with http.post(edge.public_url + path) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
        assert (await answer.json())["code"] == "not_found"


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer \x80", "Bearer " + "A" * 65536, "Bearer a.b.c", "bearer  x y"]
)
async def test_noise_is_an_invalid_token_and_never_our_fault(check, authorization):
    answer = await check(Authorization=authorization)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [("/v1/mcp", True), ("/v1/mcp/x", True), ("/v1/mcpx", False), ("//v1/mcp", False), ("%", False)],
)
def test_mcp_path_is_told_apart(target, wanted):
    assert is_mcp(target) is wanted
