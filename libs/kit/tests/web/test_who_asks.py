"""Callers of the internal port, and what is believed about anybody who asks."""

import base64

import aiohttp
import msgspec
import pytest

from latchkey_kit.testing.services import credential
from latchkey_oauth.token_string import opaque


async def test_a_caller_without_credential_or_with_a_wrong_one_is_401(http, served):
    def basic(text):
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    wrong = (
        {}, {"Authorization": "nonsense"}, {"Authorization": "Basic !!!"}, {"Authorization": "Basic /w=="},
        {"Authorization": "Bearer " + base64.b64encode(f"auth:{credential('auth')}".encode()).decode()},
        basic("auth:wrong"), basic(f"nobody:{credential('auth')}"), basic("auth"), basic(":"),
    )  # fmt: skip
    for headers in wrong:
        async with http.post(f"{served.internal_url}/internal/echo", data=b"{}", headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Basic ")
            assert (await response.json(content_type=None))["code"] == "unknown_caller"


async def test_a_known_caller_that_may_not_ask_is_403(http, served):
    for caller, status in (("auth", 200), ("token", 403)):
        headers = {"Authorization": aiohttp.encode_basic_auth(caller, credential(caller))}
        headers["Content-Type"] = "application/json"
        body = b'{"title":"x"}'
        async with http.post(f"{served.internal_url}/internal/echo", data=body, headers=headers) as response:
            assert response.status == status


async def test_a_guest_comes_in_where_guests_are_welcome(http, served):
    for path, name, secret, status in (
        ("guests", "partner", "a secret", 200),
        ("guests", "partner", "a guess", 401),
        ("guests", "stranger", "a secret", 401),
        ("guests", "auth", credential("auth"), 200),
        ("guests", "auth", "a secret", 401),
        ("guests", "token", credential("token"), 403),
        ("echo", "partner", "a secret", 401),
    ):
        headers = {"Authorization": aiohttp.encode_basic_auth(name, secret), "Content-Type": "application/json"}
        url = f"{served.internal_url}/internal/{path}"
        async with http.post(url, data=b'{"title":"x"}', headers=headers) as response:
            assert response.status == status, (path, name)


async def test_internal_routes_are_not_on_the_public_port(ask):
    response, _ = await ask("POST", "/internal/echo", data=b"{}")
    assert response.status == 404


async def test_a_request_id_is_taken_only_when_harmless(ask):
    secret = opaque("lk_cs_", bytes(32))
    for given, taken in (
        ("abc-123.DEF_4", True), ("short", False), ("x" * 65, False), ("with space", False), (secret, False),
    ):  # fmt: skip
        response, text = await ask("GET", "/known", headers={"X-Request-Id": given})
        assert (response.headers["X-Request-Id"] == given) is taken
        assert msgspec.json.decode(text)["request"] == response.headers["X-Request-Id"]


async def test_the_callers_address_is_an_address_or_the_socket_s(ask):
    for given, known in (("203.0.113.9, 10.0.0.1", "203.0.113.9"), ("<script>", "127.0.0.1")):
        _, text = await ask("GET", "/known", headers={"X-Forwarded-For": given})
        assert msgspec.json.decode(text)["address"] == known


@pytest.mark.parametrize("agent", [b"a\x0bb", b"a\x1b[31mb", b"a\xffb", "a\u2028b".encode(), b"a\r\n b", b"a\x00b"])
async def test_a_user_agent_never_brings_control_characters_in(agent, raw):
    status, text = await raw(b"GET /known HTTP/1.1\r\nHost: x\r\nUser-Agent: " + agent)
    assert status in (200, 400)
    if status == 200:
        told = msgspec.json.decode(text)["agent"]
        assert told.isprintable()
        assert told.startswith("a")


async def test_a_secret_in_a_user_agent_is_not_taken_over(ask):
    for secret in (opaque("lk_cs_", bytes(32)), "lk_rt_" + "7" * 86, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"):
        for agent in (f"curl/8 {secret}", secret, "x" * 195 + secret):
            _, text = await ask("GET", "/known", headers={"User-Agent": agent})
            assert secret[6:20] not in text
            assert agent[:5] in text or agent == secret
