"""Changing one's own password: who knows the current one, in a session that goes on while all others end."""

import asyncio

import msgspec
import pytest

from latchkey_contracts.requests.people import UserSwitch
from latchkey_kit.testing.waiting import eventually

SAM, RITA = "sam@acme.test", "rita@acme.test"
CHANGE, SESSION = "/password/change", "latchkey_session_8080"
OLD, NEW = "latchkey", "a new password"
RIGHT = {"current": OLD, "password": NEW, "again": NEW}


async def change(browser, **typed):
    return await browser.submit(await browser.get(CHANGE), CHANGE, **{**RIGHT, **typed})


async def is_signed_in(browser):
    return (await browser.get("/login")).texts("h1") != ["Sign in"]


def marked(page):
    """The fields that are said to be wrong."""
    return [one["name"] for one in page.attributes("input") if "aria-invalid" in one]


@pytest.fixture
async def sam(browser):
    await browser.sign_in(SAM)
    return browser


async def test_the_password_is_another_one_and_only_this_session_goes_on(world, sam, new_browser):
    phone, tablet, rita = [await new_browser(world) for _ in range(3)]
    for other, email in ((phone, SAM), (tablet, SAM), (rita, RITA)):
        await other.sign_in(email)
    answer = await change(sam)
    assert (answer.status, answer.location) == (303, "/profile/sessions?said=password_changed&ended=2")
    assert [await is_signed_in(one) for one in (sam, phone, tablet, rita)] == [True, False, False, True]
    assert (await phone.sign_in(SAM)).status == 403
    assert (await phone.sign_in(SAM, NEW)).status == 303


async def test_the_session_that_goes_on_has_a_new_id_and_the_old_one_is_nobodys(world, sam, new_browser):
    page, before = await sam.get(CHANGE), sam.cookies()[SESSION]
    thief = await new_browser(world)
    thief.session.cookie_jar.update_cookies({SESSION: before.value})
    assert await is_signed_in(thief)
    [row] = await world.execute("SELECT id, csrf_secret FROM session")
    await change(sam)
    after = sam.cookies()[SESSION]
    assert after.value != before.value
    assert (after["httponly"], after["samesite"], after["path"]) == (True, "Lax", "/")
    assert not await is_signed_in(thief)
    [now] = await world.execute("SELECT id, csrf_secret FROM session")
    assert now["id"] == row["id"], "for its owner it is the same one"
    assert now["csrf_secret"] != row["csrf_secret"]
    stale = await sam.submit(page, CHANGE, current=NEW, password="yet another", again="yet another")
    assert (stale.status, stale.texts("h1")) == (403, ["Change your password"])
    assert (await change(sam, current=NEW, password="yet another", again="yet another")).status == 303


async def test_each_tenant_of_the_person_is_told_and_no_password_is_written(world, browser, new_browser):
    await browser.sign_in(RITA)
    await (await new_browser(world)).sign_in(RITA)
    await change(browser)
    told = await world.events("user.password_changed")
    assert {one.tenantid for one in told} == set(world.tenants.values())
    assert {one.userid for one in told} == {world.users[RITA]}
    assert [msgspec.json.decode(one.data) for one in told] == [{"user": world.users[RITA], "sessions": 1}] * 2
    assert await world.events("user.sessions_ended") == []
    written = b"".join(row["body"] for row in await world.execute("SELECT body FROM outbox"))
    assert OLD.encode() + b'"' not in written
    assert NEW.encode() not in written
    [row] = await world.execute("SELECT password_hash FROM app_user WHERE email = $1", RITA)
    assert row["password_hash"].startswith("$argon2id$")


async def test_a_wrong_current_password_is_said_beside_its_field_and_told(world, sam, new_browser):
    other = await new_browser(world)
    await other.sign_in(SAM)
    page = await change(sam, current="wrong-password")
    assert (page.status, marked(page)) == (403, ["current"])
    assert {"class": "wrong", "role": "alert", "id": "current-error"} in page.attributes("p")
    assert "This is not your current password." in page.text
    assert "wrong-password" not in page.text
    assert NEW not in page.text
    [event] = await eventually(lambda: world.events("user.sign_in_failed"))
    assert (event.tenantid, event.userid) == (world.tenants["acme"], world.users[SAM])
    assert msgspec.json.decode(event.data)["reason"] == "wrong_current_password"
    assert await is_signed_in(other)
    assert await world.events("user.password_changed") == []
    assert (await (await new_browser(world)).sign_in(SAM, NEW)).status == 403


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"current": ""}, ["current"]),
        ({"password": "short", "again": "short"}, ["password"]),
        ({"again": "another one"}, ["again"]),
        ({"password": OLD, "again": OLD}, ["password"]),
        ({"password": "", "again": "", "current": ""}, ["current", "password"]),
        ({"password": "x" * 1_001, "again": "x" * 1_001}, ["password"]),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(world, sam, typed, wrong):
    page = await change(sam, **typed)
    assert (page.status, marked(page)) == (400, wrong)
    assert all("value" not in one for one in page.attributes("input") if one["type"] == "password")
    assert await is_signed_in(sam)
    assert await world.events("user.sign_in_failed") == [], "no password was tried"
    assert (await change(sam)).status == 303


async def test_failures_are_held_back_together_with_those_of_signing_in(world, sam, new_browser):
    for _ in range(5):
        assert (await change(sam, current="wrong-password")).status == 403
    elsewhere = await new_browser(world)
    for _ in range(5):
        assert (await elsewhere.sign_in(SAM, "wrong-password")).status == 403
    throttled = await change(sam, current="wrong-password")
    assert throttled.status == 429
    assert 0 < int(throttled.headers["Retry-After"]) <= 900
    assert "Too many wrong passwords." in throttled.texts("p")[0]
    assert (await elsewhere.sign_in(SAM, "wrong-password")).status == 429
    assert len(await eventually(lambda: world.events("user.sign_in_throttled"))) == 1
    assert (await change(sam)).status == 429, "the right one is not told from the wrong ones"


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(world, browser):
    page = await browser.get(CHANGE)
    assert (page.status, page.location) == (303, "/login?next=/password/change")
    assert (await browser.sign_in(SAM, at=page.location)).location == CHANGE
    form = (await browser.get(CHANGE)).form(CHANGE)["fields"] | RIGHT
    await world.execute("DELETE FROM session")
    answer = await browser.post(CHANGE, form)
    assert (answer.status, answer.location) == (303, "/login?next=/password/change")
    assert await world.events("user.password_changed") == []


async def test_a_form_of_another_session_or_site_does_nothing(world, sam, new_browser):
    fields = (await sam.get(CHANGE)).form(CHANGE)["fields"] | RIGHT
    other = await new_browser(world)
    await other.sign_in(SAM)
    assert (await other.post(CHANGE, fields)).status == 403
    assert (await sam.post(CHANGE, fields, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await sam.post(CHANGE, fields | {"csrf": "x"})).status == 403
    assert await world.events("user.password_changed") == []
    assert (await sam.post(CHANGE, fields)).status == 303


async def test_a_link_for_a_new_password_that_lies_about_is_good_no_more(world, sam, new_browser):
    link = await world.password_link(SAM)
    await change(sam)
    assert (await (await new_browser(world)).get(link)).status == 404


async def test_nothing_is_changed_for_who_is_disabled_meanwhile(world, sam):
    page = await sam.get(CHANGE)
    await world.operator.ask(UserSwitch(email=SAM, disabled=True))
    answer = await sam.submit(page, CHANGE, **RIGHT)
    assert (answer.status, answer.location) == (303, "/login?next=/password/change")
    assert await world.events("user.password_changed") == []


async def test_the_same_form_twice_changes_it_once(world, sam, new_browser):
    page, second = await sam.get(CHANGE), await new_browser(world)
    second.session.cookie_jar.update_cookies({SESSION: sam.cookies()[SESSION].value})
    await sam.submit(page, CHANGE, **RIGHT)
    answer = await second.submit(page, CHANGE, **RIGHT)
    assert (answer.status, answer.location) == (303, "/login?next=/password/change")
    assert len(await world.events("user.password_changed")) == 1


async def test_of_two_at_the_same_moment_one_changes_it_and_the_other_signs_in_again(world, sam, new_browser):
    """The check of a password takes a while: what it was checked against, and the session, are looked at again."""
    other = await new_browser(world)
    await other.sign_in(SAM)
    pages = [await one.get(CHANGE) for one in (sam, other)]
    theirs = {"password": "the other one's", "again": "the other one's"}
    answers = await asyncio.gather(
        sam.submit(pages[0], CHANGE, **RIGHT), other.submit(pages[1], CHANGE, **RIGHT | theirs)
    )
    assert sorted(one.location for one in answers) == [
        "/login?next=/password/change", "/profile/sessions?said=password_changed&ended=1",
    ]  # fmt: skip
    assert len(await world.events("user.password_changed")) == 1
    won = answers[0].location.startswith("/profile")
    assert [await is_signed_in(one) for one in (sam, other)] == [won, not won]
    good = NEW if won else theirs["password"]
    assert (await (await new_browser(world)).sign_in(SAM, good)).status == 303


async def test_another_method_is_not_for_this_address(browser):
    answer = await browser.send("PUT", CHANGE)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
