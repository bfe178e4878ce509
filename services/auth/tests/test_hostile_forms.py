"""Forms that other sites, old pages or broken programs send."""

import asyncio
import io
from urllib.parse import urlencode, urlsplit

import pytest

from latchkey_contracts.requests.grants import GrantsCreate

AUTHORIZE = "/oauth/authorize"
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    "headers", [{"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Origin": "null"}]
)
@pytest.mark.parametrize("action", ["/login", "/logout", AUTHORIZE])
async def test_a_form_of_another_site_is_refused(world, browser, headers, action):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    fields = consent.form(AUTHORIZE)["fields"] | {"decision": "authorize"}
    path = world.authorize() if action == AUTHORIZE else action
    answer = await browser.post(path, fields, headers=headers)
    assert answer.status == 403
    assert (await browser.get("/login")).texts("h1") == ["You are signed in"]
    assert not any(isinstance(question, GrantsCreate) for question in world.neighbours.questions)


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost:8080"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {}]
)
async def test_our_own_forms_pass_whatever_the_browser_tells_of_them(world, browser, headers):
    page = await browser.get("/login")
    fields = page.form("/login")["fields"] | {"email": "sam@acme.test", "password": "latchkey"}
    assert (await browser.post("/login", fields, headers=headers)).status == 303


_WRONG_TOKENS = ["", "x", "A" * 43, "漢"]


async def test_a_decision_without_this_sessions_token_is_refused(world, browser):
    await browser.sign_in("sam@acme.test")
    for csrf in _WRONG_TOKENS:
        consent = await browser.get(world.authorize())
        for decision in ("authorize", "cancel"):
            answer = await browser.submit(consent, AUTHORIZE, decision=decision, csrf=csrf)
            assert answer.status == 403
            assert answer.texts("h1") == ["This page is no longer valid."]
        assert not any(isinstance(question, GrantsCreate) for question in world.neighbours.questions)


async def test_a_token_of_another_session_or_form_is_refused(world, browser, new_browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    other = await new_browser(world)
    await other.sign_in("rita@acme.test")
    fields = consent.form(AUTHORIZE)["fields"] | {"decision": "authorize"}
    assert (await other.post(world.authorize(), fields)).status == 403
    fields["csrf"] = consent.form("/logout")["fields"]["csrf"]
    assert (await browser.post(world.authorize(), fields)).status == 403


async def test_signing_out_needs_the_token(world, browser):
    await browser.sign_in("sam@acme.test")
    assert (await browser.post("/logout", {})).status == 403
    assert (await browser.get("/login")).texts("h1") == ["You are signed in"]


async def test_nobody_can_be_signed_in_by_a_form_they_were_not_shown(world, browser, new_browser):
    attacker = await new_browser(world)
    form = (await attacker.get("/login")).form("/login")["fields"]
    fields = form | {"email": "kim@globex.test", "password": "latchkey"}
    answer = await browser.post("/login", fields)
    assert answer.status == 403
    assert "latchkey_session_8080" not in browser.cookies()


_ELSEWHERE = [
    EVIL,
    "//evil.example",
    "/\\evil.example",
    "/oauth/authorize?x\r\nLocation: https://evil.example",
    "/oauth/authorize/../../evil?x",
    "/oauth/authorize",
    "/oauth/authorize@evil.example?x",
    "/oauth/authorizeevil?x",
    " /oauth/authorize?x",
    "javascript:alert(1)",
    "/oauth/authorize?" + "x" * 8_000 + "漢",
]


async def test_next_leads_nowhere_else(world, browser):
    for elsewhere in _ELSEWHERE:
        page = await browser.get("/login")
        answer = await browser.submit(page, "/login", email="sam@acme.test", password="latchkey", next=elsewhere)
        assert (answer.status, answer.location) == (303, "/")
        assert "Location" not in (await browser.get("/login?" + urlencode({"next": elsewhere}))).headers
        out = await browser.submit(await browser.get("/login"), "/logout", next=elsewhere)
        assert (out.status, out.location) == (303, "/login")


_ODD_DECISIONS = [None, "", "AUTHORIZE", "yes", "authorize ", "漢"]


async def test_an_odd_decision_authorizes_nothing(world, browser):
    await browser.sign_in("sam@acme.test")
    for decision in _ODD_DECISIONS:
        consent = await browser.get(world.authorize())
        extra = {} if decision is None else {"decision": decision}
        answer = await browser.submit(consent, AUTHORIZE, **extra)
        assert answer.status == 400
        assert not any(isinstance(question, GrantsCreate) for question in world.neighbours.questions)


_BROKEN = [
    b"csrf=%00",
    b"csrf=%FF",
    b"csrf=\xff\xfe",
    b"csrf=%ED%A0%80",
    b"csrf=a&csrf=b",
    b"csrf=%Z",
    b"decision=" + b"x" * 10_000,
    b"decision=authorize&decision=cancel",
    b"a=b&" * 200,
    b"",
]


@pytest.mark.parametrize("action", ["/login", "/logout", AUTHORIZE])
async def test_a_broken_form_gets_a_clear_page(world, browser, action):
    await browser.sign_in("sam@acme.test")
    path = world.authorize() if action == AUTHORIZE else action
    for body in _BROKEN:
        answer = await browser.post(path, body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (400, 403), body
        assert len(answer.texts("h1")) == 1


_CONTENT_TYPES = ["application/json", "multipart/form-data; boundary=x", "text/plain"]


async def test_another_content_type_is_refused(world, browser):
    for content_type in _CONTENT_TYPES:
        answer = await browser.post("/login", b"{}", headers={"Content-Type": content_type})
        assert answer.status == 415


async def test_a_body_beyond_all_measure_is_refused(world, browser):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.post("/login", io.BytesIO(b"x" * (2 * 1024 * 1024)), headers=headers)
    assert answer.status == 413
    assert len(answer.texts("h1")) == 1


_RAW_LINES = [
    b"GET /oauth/authorize?client_id=\xff\xfe HTTP/1.1",
    b"GET /oauth/authorize?client_id=\xed\xa0\x80 HTTP/1.1",
]


async def test_raw_bytes_in_the_address_are_no_trouble(world):
    for line in _RAW_LINES:
        where = urlsplit(world.served.public_url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(
            line + b"\r\nHost: localhost\r\nCookie: latchkey_session_8080=\xff\xfe\r\nConnection: close\r\n\r\n"
        )
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert b" 400 " in answer.splitlines()[0]


async def test_an_empty_cookie_does_not_keep_anybody_from_signing_in(browser):
    await browser.get("/login")
    (name,) = (name for name in browser.cookies() if "sign_in" in name)
    browser.session.cookie_jar.clear()
    page = await browser.get("/login", headers={"Cookie": f"{name}="})
    answer = await browser.submit(page, "/login", email="sam@acme.test", password="latchkey")
    assert answer.status == 303
