"""Sign-in, sessions and sign-out."""

import asyncio

import pytest

from latchkey_kit.testing.waiting import eventually


async def test_signing_in_alone_shows_who_is_signed_in(world, browser):
    answer = await browser.sign_in("  SAM@acme.test ")
    assert (answer.status, answer.location) == (303, "/")
    page = await browser.get("/login")
    assert page.texts("h1") == ["You are signed in"]
    assert "sam@acme.test" in page.text
    [event] = await world.events("user.signed_in")
    assert event.tenantid == world.tenants["acme"]


async def test_who_is_sent_to_sign_in_comes_back(world, browser):
    answer = await browser.sign_in("sam@acme.test", at="/login?next=/apps/1%3Ftab%3Daudit")
    assert (answer.status, answer.location) == (303, "/apps/1?tab=audit")
    again = await browser.get("/login?next=/profile/applications")
    assert (again.status, again.location) == (303, "/profile/applications")


async def test_each_tenant_of_a_user_sees_the_sign_in(world, browser):
    await browser.sign_in("rita@acme.test")
    seen = {event.tenantid for event in await world.events("user.signed_in")}
    assert seen == set(world.tenants.values())


async def test_wrong_password_and_unknown_user_look_the_same(world, browser):
    wrong = await browser.sign_in("sam@acme.test", "wrong-password")
    unknown = await browser.sign_in("sxm@acme.test", "wrong-password")
    assert wrong.status == unknown.status == 403
    assert wrong.text.replace("sam@", "sxm@") == unknown.text
    assert "The e-mail address or the password is wrong." in wrong.text
    assert {"role": "alert", "class": "alert", "id": "alert"} in wrong.attributes("p")
    assert wrong.headers.keys() == unknown.headers.keys()
    [event] = await eventually(lambda: world.events("user.sign_in_failed"))
    assert event.tenantid == world.tenants["acme"]


async def test_a_failed_sign_in_keeps_the_way_on_and_never_the_password(world, browser):
    request = world.authorize()
    again = await browser.sign_in("sam@acme.test", "wrong-password", at=request)
    assert "wrong-password" not in again.text
    assert again.form("/login")["fields"]["email"] == "sam@acme.test"
    assert "to continue to Acme Sync" in again.texts("p")
    answer = await browser.submit(again, "/login", password="latchkey")
    assert answer.location == request


async def test_what_a_sign_in_is_for_is_believed_of_our_own_form_alone(browser):
    page = await browser.get("/login")
    typed = {"email": "sam@acme.test", "password": "wrong-password", "app": "Your Bank"}
    answer = await browser.submit(page, "/login", **typed, csrf="made-up")
    assert answer.status == 403
    assert "Your Bank" not in answer.text


@pytest.mark.parametrize("fields", [{"email": ""}, {"password": ""}, {"email": "", "password": ""}])
async def test_an_empty_field_is_asked_for(world, browser, fields):
    page = await browser.get("/login")
    answer = await browser.submit(page, "/login", **{"email": "sam@acme.test", "password": "latchkey", **fields})
    assert answer.status == 400
    assert "Enter your e-mail address and your password." in answer.text


async def sign_in_from(browser, address, password="latchkey", email="sam@acme.test"):
    fields = (await browser.get("/login")).form("/login")["fields"] | {"email": email, "password": password}
    return await browser.post("/login", fields, headers={"X-Forwarded-For": address})


async def test_guessing_from_one_address_ends_there_and_locks_out_nobody_elsewhere(world, browser):
    for _ in range(10):
        assert (await browser.sign_in("sam@acme.test", "wrong-password")).status == 403
    throttled = await browser.sign_in("sam@acme.test", "wrong-password")
    assert throttled.status == 429
    assert 0 < int(throttled.headers["Retry-After"]) <= 900
    assert (await browser.sign_in("kim@globex.test", "wrong-password")).status == 403
    assert (await browser.sign_in(" SAM@acme.test")).status == 429, "the right one is not told from the wrong ones"
    assert (await sign_in_from(browser, "192.0.2.7", "wrong-password")).status == 429, (
        "the account has failed too often"
    )
    assert (await sign_in_from(browser, "192.0.2.7")).status == 303


async def test_one_address_does_not_take_the_place_of_all_others(world, browser):
    fields = (await browser.get("/login")).form("/login")["fields"] | {"password": "wrong-password"}

    async def guess(number, address):
        sent = fields | {"email": f"nobody-{number}@acme.test"}
        return (await browser.post("/login", sent, headers={"X-Forwarded-For": address})).status

    flood = [guess(number, "192.0.2.7") for number in range(60)]
    *turned_away, other = await asyncio.gather(*flood, guess(60, "192.0.2.8"))
    assert other == 403
    assert set(turned_away) == {403, 503}


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", 429),
        ("2001:db8::1", "2001:db8:0:1::1", 303),
        ("::ffff:192.0.2.1", "192.0.2.1", 429),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", 303),
    ],
)
async def test_addresses_that_one_customer_chooses_from_count_as_one(world, browser, first, then, status):
    for _ in range(10):
        assert (await sign_in_from(browser, first, "wrong-password")).status == 403
    assert (await sign_in_from(browser, then)).status == status


async def test_a_success_forgets_the_failures(world, browser):
    for _ in range(9):
        assert (await browser.sign_in("sam@acme.test", "wrong-password")).status == 403
    for _ in range(11):
        assert (await sign_in_from(browser, "127.0.0.1")).status == 303
        await browser.post("/logout", {})
        browser.session.cookie_jar.clear()


async def test_local_mode_is_patient(start, new_browser):
    async with start(local_mode=True) as world:
        browser = await new_browser(world)
        for _ in range(12):
            assert (await browser.sign_in("sam@acme.test", "wrong-password")).status == 403


async def test_a_session_has_a_new_id_after_each_sign_in_and_the_old_one_is_over(world, browser, new_browser):
    browser.session.cookie_jar.update_cookies({"latchkey_session_8080": "chosen-by-an-attacker"})
    page = await browser.get("/login")
    await browser.submit(page, "/login", email="sam@acme.test", password="latchkey")
    first = browser.cookies()["latchkey_session_8080"].value
    assert first != "chosen-by-an-attacker"
    await browser.get("/login")
    thief = await new_browser(world)
    thief.session.cookie_jar.update_cookies({"latchkey_session_8080": first})
    assert (await thief.get("/login")).texts("h1") == ["You are signed in"]

    fresh = await new_browser(world)
    form = await fresh.get("/login")
    fresh.session.cookie_jar.update_cookies({"latchkey_session_8080": first})
    answer = await fresh.submit(form, "/login", email="sam@acme.test", password="latchkey")
    assert any(cookie.startswith("latchkey_session_8080=") for cookie in answer.headers.getall("Set-Cookie"))
    assert not any(first in cookie for cookie in answer.headers.getall("Set-Cookie"))
    assert (await thief.get("/login")).texts("h1") == ["Sign in"]


async def test_the_session_is_stored_as_a_hash(world, browser):
    await browser.sign_in("sam@acme.test")
    value = browser.cookies()["latchkey_session_8080"].value
    [row] = await world.execute("SELECT id_hash, encode(id_hash, 'hex') AS hexed FROM session")
    assert value.encode() not in row["id_hash"]
    assert len(row["hexed"]) == 64


async def test_a_session_ends_by_database_time(world, browser):
    await browser.sign_in("sam@acme.test")
    await world.execute("UPDATE session SET expires_at = clock_timestamp()")
    assert (await browser.get("/login")).texts("h1") == ["Sign in"]


async def test_cookies_of_http_carry_the_port_and_are_closed_to_scripts(world, browser):
    await browser.sign_in("sam@acme.test")
    cookie = browser.cookies()["latchkey_session_8080"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["secure"]) == ("Lax", "/", "")


async def test_cookies_of_https_are_host_bound(start, new_browser):
    async with start(workspace_origin="https://ws.example") as world:
        browser = await new_browser(world)
        page = await browser.get("/login")
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("__Host-latchkey_sign_in=")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie
        value = cookie.split(";")[0]
        form = page.form("/login")["fields"] | {"email": "sam@acme.test", "password": "latchkey"}
        answer = await browser.post("/login", form, headers={"Cookie": value})
        assert answer.status == 303
        assert any(c.startswith("__Host-latchkey_session=") for c in answer.headers.getall("Set-Cookie"))


async def test_using_another_account_comes_back_to_the_same_request(world, browser):
    request = world.authorize()
    await browser.sign_in("rita@acme.test")
    consent = await browser.get(request)
    answer = await browser.submit(consent, "/logout")
    assert (answer.status, answer.location) == (303, request)
    assert (await browser.get(request)).texts("h1") == ["Sign in"]
    assert len(await world.events("user.signed_out")) == 2
    assert await world.execute("SELECT 1 FROM session") == []


async def test_a_decision_after_the_session_is_over_leads_to_signing_in(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    await world.execute("DELETE FROM session")
    answer = await browser.submit(consent, "/oauth/authorize", decision="authorize")
    assert (answer.status, answer.location) == (303, world.authorize())


async def test_the_outbox_holds_no_secret(world, browser):
    await browser.sign_in("sam@acme.test", "wrong-password")
    await browser.sign_in("sam@acme.test")
    session = browser.cookies()["latchkey_session_8080"].value
    await eventually(lambda: world.events("user.sign_in_failed"))
    written = b"".join(row["body"] for row in await world.execute("SELECT body FROM outbox"))
    assert b"wrong-password" not in written
    assert session.encode() not in written


async def test_signing_in_for_a_page_leads_back_to_it(browser):
    form = await browser.get("/login?next=/apps%3Ftab%3Dall")
    answer = await browser.submit(form, "/login", email="sam@acme.test", password="latchkey")
    assert (answer.status, answer.location) == (303, "/apps?tab=all")
    again = await browser.get("/login?next=/apps")
    assert (again.status, again.location) == (303, "/apps")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/v1/members"])
async def test_signing_in_leads_nowhere_else(browser, elsewhere):
    form = await browser.get("/login", params={"next": elsewhere})
    assert "next" not in form.form("/login")["fields"]
