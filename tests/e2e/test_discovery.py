"""Finding the way in, as a client walks it."""

import httpx2
import pytest
from apps import REDIRECT
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from pydantic import AnyUrl

from latchkey_cli.demo.assistant import Memory
from latchkey_cli.demo.client import Credentials


def parameter(challenge: str, name: str) -> str:
    return challenge.partition(f'{name}="')[2].partition('"')[0]


async def test_chain_of_metadata_leads_from_a_refusal_to_endpoints_that_answer(house, carly):
    status, _, headers = await house.ask("POST", "/v1/mcp", json={})
    assert status == 401
    assert "error" not in headers["WWW-Authenticate"], "no token was sent, so none was bad"
    assert parameter(headers["WWW-Authenticate"], "scope") == "inclusive"
    url = parameter(headers["WWW-Authenticate"], "resource_metadata")
    _, resource, _ = await house.ask("GET", url.removeprefix(house.origin))
    assert resource["resource"] == house.mcp
    (issuer,) = resource["authorization_servers"]
    _, server, _ = await house.ask("GET", "/.well-known/oauth-authorization-server")
    tokens = await house.app("claude-connector").connect(carly)  # looks at `iss` of the authorization response, too
    assert issuer == server["issuer"] == tokens.claims["iss"] == house.origin
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    for name, url in server.items():
        if name.endswith(("_endpoint", "_uri")):
            assert url.startswith(house.origin)
            method = "GET" if name in ("authorization_endpoint", "jwks_uri") else "POST"
            answered, _, _ = await house.ask(method, url.removeprefix(house.origin))
            assert answered in (200, 400, 401), name


async def test_both_places_of_resource_metadata_say_the_same(house):
    documents = [
        (await house.ask("GET", f"/.well-known/oauth-protected-resource{path}"))[1] for path in ("", "/v1/mcp", "/v1")
    ]
    assert documents[0] == documents[1]
    assert documents[2]["resource"] == house.api


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_official_client_connects_by_itself_in_both_eras(house, sam, mode):
    known = house.app("claude-connector")
    memory = Memory(Credentials(client_id=known.client_id, client_secret=known.client_secret))
    back = {}

    async def open_browser(url):
        back.update(await sam.authorize(url))

    async def answer():
        return AuthorizationCodeResult(code=back["code"], state=back["state"], iss=back["iss"])

    provider = OAuthClientProvider(
        server_url=house.mcp, storage=memory, redirect_handler=open_browser, callback_handler=answer,
        client_metadata=OAuthClientMetadata(client_name="Test", redirect_uris=[AnyUrl(REDIRECT)]),
    )  # fmt: skip
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(house.mcp, http_client=http), mode=mode) as client,
    ):
        found = await client.call_tool(
            "perform_model_action", {"model_route": "companies", "operation": "list", "parameters": {"limit": 50}}
        )
    house.used |= {memory.tokens.access_token, *memory.history}
    assert len(found.structured_content["data"]) == 5


async def test_token_for_one_door_does_not_open_the_other(house, carly):
    app = house.app("sync-demo")
    for_api, for_mcp = await app.connect(carly, resource=house.api), await app.connect(carly, resource=house.mcp)
    assert (await house.ask("GET", "/v1/companies", for_api.access))[0] == 200
    assert (await house.tool(for_mcp.access, "get_model_actions"))[0] == 200
    status, _, headers = await house.ask("GET", "/v1/companies", for_mcp.access)
    metadata = f"{house.origin}/.well-known/oauth-protected-resource"
    assert (status, parameter(headers["WWW-Authenticate"], "resource_metadata")) == (401, f"{metadata}/v1")
    status, _, headers = await house.tool(for_api.access, "get_model_actions")
    assert (status, parameter(headers["WWW-Authenticate"], "resource_metadata")) == (401, f"{metadata}/v1/mcp")
    assert parameter(headers["WWW-Authenticate"], "error") == "invalid_token"


async def test_mcp_endpoint_takes_post_only_and_only_with_a_token(house, carly):
    tokens = await house.app("claude-connector").connect(carly)
    for method in ("GET", "DELETE", "HEAD", "PUT"):
        assert (await house.ask(method, "/v1/mcp"))[0] == 401, method
        assert (await house.ask(method, "/v1/mcp", tokens.access))[0] == 405, method
    assert (await house.ask("OPTIONS", "/v1/mcp"))[0] == 204
