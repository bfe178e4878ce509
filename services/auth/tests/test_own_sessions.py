"""`/v1/logins`: where somebody is signed in, and ending it."""

import msgspec

from latchkey_contracts.requests.console import OWNERS

SAM, RITA = "sam@acme.test", "rita@acme.test"


async def is_signed_in(browser):
    return (await browser.get("/login")).texts("h1") != ["Sign in"]


async def test_people_see_their_own_sessions_and_which_one_they_use(at_console, new_browser, world):
    await at_console(RITA)
    desk = await at_console(SAM)
    phone = await new_browser(world)
    page = await phone.get("/login")
    form = page.form("/login")["fields"] | {"email": SAM, "password": "latchkey"}
    await phone.post("/login", form, headers={"User-Agent": "Phone/1.0", "X-Forwarded-For": "198.51.100.7"})
    status, answer = await desk.ask("GET", "/v1/logins")
    assert status == 200
    assert all(
        set(one) == {"id", "created_at", "last_seen_at", "address", "agent", "current"} for one in answer["data"]
    )
    assert [one["current"] for one in answer["data"]].count(True) == 1
    [other] = [one for one in answer["data"] if not one["current"]]
    assert (other["agent"], other["address"]) == ("Phone/1.0", "198.51.100.7")


async def test_a_session_is_ended_from_elsewhere_once(at_console, world):
    desk, other = await at_console(SAM), await at_console(SAM)
    _, listed = await desk.ask("GET", "/v1/logins")
    [there] = [one["id"] for one in listed["data"] if not one["current"]]
    assert await desk.ask("DELETE", f"/v1/logins/{there}") == (204, None)
    assert not await is_signed_in(other.browser)
    assert await is_signed_in(desk.browser)
    assert (await desk.ask("DELETE", f"/v1/logins/{there}"))[0] == 404
    [event] = await world.events("user.sessions_ended")
    assert (event.tenantid, event.userid) == (world.tenants["acme"], world.users[SAM])
    assert msgspec.json.decode(event.data) == {"user": world.users[SAM], "sessions": 1}


async def test_nobody_ends_somebody_elses_session(at_console, world):
    sam, rita = await at_console(SAM), await at_console(RITA)
    _, listed = await sam.ask("GET", "/v1/logins")
    for session in (listed["data"][0]["id"], "0" * 32, "nonsense"):
        assert (await rita.ask("DELETE", f"/v1/logins/{session}"))[0] == 404
    assert await is_signed_in(sam.browser)
    assert await world.events("user.sessions_ended") == []


async def test_all_other_sessions_are_ended_and_this_one_stays(at_console, world):
    desk, *others = [await at_console(RITA) for _ in range(3)]
    sam = await at_console(SAM)
    assert await desk.ask("DELETE", "/v1/logins") == (200, {"ended": 2})
    assert [await is_signed_in(one.browser) for one in (desk, *others, sam)] == [True, False, False, True]
    assert await desk.ask("DELETE", "/v1/logins") == (200, {"ended": 0})
    told = await world.events("user.sessions_ended")
    assert {one.tenantid for one in told} == set(world.tenants.values())
    assert [msgspec.json.decode(one.data)["sessions"] for one in told] == [2, 2]


async def test_sessions_that_are_over_are_not_shown_and_not_counted(at_console, world):
    desk = await at_console(SAM)
    await at_console(SAM)
    _, listed = await desk.ask("GET", "/v1/logins")
    [other] = [one["id"] for one in listed["data"] if not one["current"]]
    await world.execute("UPDATE session SET expires_at = clock_timestamp() WHERE id = $1", other)
    _, listed = await desk.ask("GET", "/v1/logins")
    assert [one["current"] for one in listed["data"]] == [True]
    assert (await desk.ask("DELETE", f"/v1/logins/{other}"))[0] == 404
    assert await desk.ask("DELETE", "/v1/logins") == (200, {"ended": 0})


async def test_staff_without_a_workspace_see_their_sessions_too(at_console):
    desk = await at_console("stacy@staff.test", staff=True)
    _, listed = await desk.ask("GET", "/v1/logins")
    assert [one["current"] for one in listed["data"]] == [True]


async def test_who_belongs_to_no_workspace_sees_and_ends_their_sessions_and_gets_to_nothing_else(at_console, world):
    email = "odette@nowhere.test"
    user = await world.add_user(email, "Odette")
    desk = await at_console(email)
    _, listed = await desk.ask("GET", "/v1/logins")
    assert [one["current"] for one in listed["data"]] == [True]
    assert await desk.ask("DELETE", "/v1/logins") == (200, {"ended": 0})
    other = await at_console(email)
    assert await desk.ask("DELETE", "/v1/logins") == (200, {"ended": 1})
    assert not await is_signed_in(other.browser)
    [event] = await world.events("user.sessions_ended")
    assert (event.tenantid, event.userid) == (None, user)
    for method, path in (("GET", "/v1/members"), ("GET", "/v1/invitations"), ("GET", "/v1/tenants")):
        assert (await desk.ask(method, path))[0] in (401, 403), path
    assert set(await desk.assertions()) == {"auth"}, "no other owner is told of them"
    assert set(await (await at_console(SAM)).assertions()) == set(OWNERS)


async def test_when_a_session_was_used_is_noted_once_a_minute(at_console, world):
    desk = await at_console(SAM)
    await world.execute("UPDATE session SET last_seen_at = clock_timestamp() - interval '1 hour'")
    await desk.ask("GET", "/v1/logins")
    [row] = await world.execute(
        "SELECT last_seen_at, last_seen_at > clock_timestamp() - interval '1 minute' AS now FROM session"
    )
    assert row["now"]
    await desk.ask("GET", "/v1/logins")
    assert await world.execute("SELECT 1 FROM session WHERE last_seen_at = $1", row["last_seen_at"])


async def test_only_the_console_asks_and_only_with_the_word_of_auth(at_console):
    desk = await at_console(SAM)
    assert (await desk.send("GET", "/v1/logins", None, ""))[0] == 401
    assert (await desk.send("GET", "/v1/logins", None, "", caller="records"))[0] == 403
