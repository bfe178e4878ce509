"""Every answer has the format that its readers expect, whatever was sent and whatever broke."""

import asyncio
import base64
import contextlib
import gzip
import hashlib
import io

import aiohttp
import msgspec
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.service import Definition, Surface
from latchkey_kit.settings import Common
from latchkey_kit.telemetry import facts
from latchkey_kit.testing.services import credential
from latchkey_kit.web import routes
from latchkey_kit.web.bodies import answer, json_body, query
from latchkey_kit.web.problems import Problem
from latchkey_oauth.errors import OAuthError, invalid_grant
from latchkey_oauth.token_string import opaque


class Item(msgspec.Struct, frozen=True):
    name: str


class Body(msgspec.Struct, frozen=True):
    title: str
    items: tuple[Item, ...] = ()


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: int = 10


FAILURES = {
    "oauth": invalid_grant(),
    "problem": Problem(409, "conflict", "It was changed meanwhile.", "Read it again.", private="revision 3"),
    "peer": PeerUnavailable("/x: answered 500"),
    "bug": ValueError("canary-detail"),
    "redirect": web.HTTPFound("/elsewhere"),
    "unavailable": OAuthError("temporarily_unavailable", "Later.", 503, headers={"Retry-After": "2"}),
}


async def fail(request):
    raise FAILURES[request.match_info["how"]]


async def echo(request):
    return answer(await json_body(request, Body))


async def filtered(request):
    return answer(query(request, Filter))


async def known(request):
    about = facts.current()
    return answer({"request": about.request_id, "agent": about.agent, "address": about.address})


async def let_in(request):
    request[routes.CONNECTION] = "c" * 32
    return web.Response()


async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"data")
    return response


async def error_page(request, problem):
    return web.Response(text=f"<h1>{problem.title}</h1>", status=problem.status, content_type="text/html")


async def is_guest(name, digest):
    return (name, digest) == ("partner", hashlib.sha256(b"a secret").hexdigest())


@contextlib.asynccontextmanager
async def running(settings, clock, entropy):
    yield Surface(
        public=(
            routes.oauth("GET", "/oauth/{how}", fail),
            routes.api("GET", "/v1/{how}", fail),
            routes.page("GET", "/page/{how}", fail),
            routes.api("POST", "/echo", echo, open_to_browsers=True),
            routes.oauth("POST", "/oauth-echo", echo),
            routes.api("GET", "/filtered", filtered),
            routes.api("GET", "/known", known),
            routes.api("GET", "/let-in", let_in),
            routes.api("GET", "/stream", stream, open_to_browsers=True),
        ),
        internal=(
            routes.asked("/internal/echo", echo, by=("auth",)),
            routes.asked("/internal/guests", echo, by=("auth",), guests=is_guest),
        ),
        error_page=error_page,
    )


DEFINITION = Definition(name="sample", settings=Common, running=running)


@pytest.fixture
async def served(serving_service):
    async with serving_service(DEFINITION) as served:
        yield served


@pytest.fixture
def ask(http, served):
    async def ask(method, path, **options):
        async with http.request(method, served.public_url + path, allow_redirects=False, **options) as response:
            return response, await response.text()

    return ask


@pytest.fixture
def post(http, served):
    async def post(body, **headers):
        headers = {"Content-Type": "application/json"} | headers
        async with http.post(served.public_url + "/echo", data=io.BytesIO(body), headers=headers) as response:
            return response, msgspec.json.decode(await response.read())

    return post


async def test_oauth_routes_speak_rfc_6749(ask):
    response, text = await ask("GET", "/oauth/oauth")
    assert (response.status, response.content_type) == (400, "application/json")
    assert msgspec.json.decode(text)["error"] == "invalid_grant"
    assert response.headers["Cache-Control"] == "no-store"
    response, text = await ask("GET", "/oauth/problem")
    assert (response.status, msgspec.json.decode(text)["error"]) == (409, "invalid_request")


async def test_api_routes_speak_problem_details(ask):
    response, text = await ask("GET", "/v1/problem")
    assert (response.status, response.content_type) == (409, "application/problem+json")
    document = msgspec.json.decode(text)
    assert document["code"] == "conflict"
    assert document["detail"] == "Read it again."
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert "revision 3" not in text


async def test_pages_show_the_error_page(ask):
    response, text = await ask("GET", "/page/problem")
    assert (response.status, text) == (409, "<h1>It was changed meanwhile.</h1>")


@pytest.mark.parametrize(
    ("path", "code"), [("/oauth/peer", "temporarily_unavailable"), ("/v1/peer", "temporarily_unavailable")]
)
async def test_a_peer_that_is_away_is_503_with_retry_after_in_the_routes_own_format(ask, path, code):
    response, text = await ask("GET", path)
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    document = msgspec.json.decode(text)
    assert code in (document.get("error"), document.get("code"))


@pytest.mark.parametrize("path", ["/oauth/bug", "/v1/bug", "/page/bug"])
async def test_a_bug_is_500_without_detail_and_the_log_has_it(ask, path):
    with capture_logs() as lines:
        response, text = await ask("GET", path)
    assert response.status == 500
    assert "canary-detail" not in text
    assert "Traceback" not in text
    (line,) = [line for line in lines if line["event"] == "unexpected_error"]
    assert str(line["exc_info"]) == "canary-detail"


async def test_the_line_about_a_request_names_the_connection_that_let_it_in(ask):
    with capture_logs() as lines:
        await ask("GET", "/let-in")
        await ask("GET", "/known")
    by_route = {line["route"]: line for line in lines if line["event"] == "request"}
    assert by_route["/let-in"]["connection"] == "c" * 32
    assert "connection" not in by_route["/known"]


async def test_a_redirect_is_answered_with_the_request_id(ask):
    response, _ = await ask("GET", "/v1/redirect")
    assert (response.status, response.headers["Location"]) == (302, "/elsewhere")
    assert response.headers["X-Request-Id"]


async def test_an_unknown_path_is_404_and_a_wrong_method_405_with_allow(ask):
    response, text = await ask("GET", "/nothing")
    assert (response.status, response.content_type) == (404, "application/problem+json")
    assert msgspec.json.decode(text)["code"] == "not_found"
    response, text = await ask("DELETE", "/echo")
    assert (response.status, response.content_type) == (405, "application/problem+json")
    assert "POST" in response.headers["Allow"]


async def test_another_content_type_is_415(post):
    response, document = await post(b"title=x", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (response.status, document["code"]) == (415, "unsupported_media_type")


async def test_a_body_above_a_mebibyte_is_413(post):
    response, document = await post(b'{"title":"' + b"x" * 1024 * 1024 + b'"}')
    assert (response.status, document["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b"\xff\xfe", b'{"title":"\xff"}', b'{"title":"\xed\xa0\x80"}',
        rb'{"title":"\ud800"}', rb'{"title":"\ud800 and more"}', b'{"title":"\x00"}', rb'{"title":"a\u0000b"}',
        rb'{"title":"x","other":"\\\u0000"}', b"[" * 500_000, b'{"title":"x","unknown":' + b"[" * 500_000,
        b'{"title":1}', b"{}", b"null",
    ],
)  # fmt: skip
async def test_a_body_that_is_not_right_is_400(post, body):
    response, document = await post(body)
    assert (response.status, document["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, deflate", "\xff", "x" * 500])
@pytest.mark.parametrize("body", [b'{"title":"x"}', gzip.compress(b'{"title":"x"}', mtime=0), b""])
async def test_a_packed_body_is_400_in_the_routes_own_format(served, coding, body):
    for path, code in ((b"/echo", "code"), (b"/oauth-echo", "error")):
        head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % (
            path,
            len(body),
        )
        status, text = await _raw(served, head + b"Content-Encoding: " + coding.encode("latin-1"), body)
        assert (status, msgspec.json.decode(text)[code]) == (400, "invalid_request")
        assert b"Content-Encoding" in text


async def test_a_body_that_says_it_is_not_packed_is_read(post):
    response, document = await post(b'{"title":"x"}', **{"Content-Encoding": "Identity"})
    assert (response.status, document["title"]) == (200, "x")


async def test_text_that_only_looks_like_nul_is_kept(post):
    response, document = await post(rb'{"title":"\\u0000"}')
    assert (response.status, document["title"]) == (200, r"\u0000")


async def test_an_error_points_to_the_member(post):
    _, document = await post(b'{"title":"x","items":[{"name":"a"},{"name":1}]}')
    assert document["errors"] == [{"pointer": "/items/1/name", "message": "Expected `str`, got `int`"}]


@pytest.mark.parametrize("address", ["limit=1&limit=2", "limit=ten", "other=1", "limit=%00", "%00=1"])
async def test_a_query_that_is_not_right_is_400(ask, address):
    response, text = await ask("GET", f"/filtered?{address}")
    assert response.status == 400
    assert msgspec.json.decode(text)["code"] == "invalid_request"


async def test_nul_in_a_path_is_400_in_the_routes_own_format(ask):
    response, text = await ask("GET", "/oauth/%00")
    assert (response.status, msgspec.json.decode(text)["error"]) == (400, "invalid_request")


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
async def test_a_user_agent_never_brings_control_characters_in(served, agent):
    status, text = await _raw(served, b"GET /known HTTP/1.1\r\nHost: x\r\nUser-Agent: " + agent)
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


async def test_a_parameter_given_twice_is_named_to_the_caller_alone(ask):
    with capture_logs() as lines:
        response, text = await ask("GET", "/filtered?hidden=1&hidden=2")
    assert response.status == 400
    assert msgspec.json.decode(text)["errors"] == [{"pointer": "/hidden", "message": "This is given twice."}]
    assert "hidden" not in str(lines)


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /known HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 150_000,
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x",
        b"GET /known HTTP/1.1\r\nHost: x\r\nbroken header",
        b"GET /\xff HTTP/1.1\r\nHost: x",
        b"NONSENSE",
    ],
    ids=["header", "line", "broken", "bytes", "nonsense"],
)
async def test_a_request_that_is_not_http_is_a_4xx_without_trace(served, request_head):
    status, text = await _raw(served, request_head)
    assert 400 <= status < 500
    assert b"Traceback" not in text


async def _raw(served, head, body=b""):
    reader, writer = await asyncio.open_connection(served.settings.host, served.settings.port)
    writer.write(head + b"\r\nConnection: close\r\n\r\n" + body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    whole = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    head, _, body = whole.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def test_a_preflight_opens_only_what_is_open_to_browsers(ask):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    response, _ = await ask("OPTIONS", "/echo", headers=asked)
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    response, _ = await ask("OPTIONS", "/oauth-echo", headers=asked)
    assert response.status == 405
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_errors_and_streams_are_open_to_browsers_too(ask):
    for method, path in (("POST", "/echo"), ("GET", "/stream")):
        response, _ = await ask(method, path)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "WWW-Authenticate" in response.headers["Access-Control-Expose-Headers"]
        assert response.headers["X-Request-Id"]
    response, _ = await ask("GET", "/known")
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_head_is_answered_as_get_without_a_body(ask):
    response, text = await ask("HEAD", "/known")
    assert (response.status, text) == (200, "")


async def test_answers_do_not_name_what_serves_them(ask):
    for path in ("/known", "/nothing", "/v1/bug"):
        response, _ = await ask("GET", path)
        assert "aiohttp" not in response.headers["Server"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
