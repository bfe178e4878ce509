"""Every answer has the format that its readers expect, whatever was sent and whatever broke."""

import msgspec
import pytest
from structlog.testing import capture_logs


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


async def test_nul_in_a_path_is_400_in_the_routes_own_format(ask):
    response, text = await ask("GET", "/oauth/%00")
    assert (response.status, msgspec.json.decode(text)["error"]) == (400, "invalid_request")


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
async def test_a_request_that_is_not_http_is_a_4xx_without_trace(request_head, raw):
    status, text = await raw(request_head)
    assert 400 <= status < 500
    assert b"Traceback" not in text


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
