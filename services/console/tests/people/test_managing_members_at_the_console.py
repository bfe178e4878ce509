"""`/members`: who is there, inviting, changing a role, a password link, removing."""

import pytest

from latchkey_contracts.requests.console import NamedPerson

ADMIN, REP = "4" * 32, "5" * 32
CARLY, SAM, RITA = "2" * 32, "a" * 32, "b" * 32
INVITATION = "e" * 32


@pytest.fixture(autouse=True)
def _town(town):
    return town


async def test_members_are_listed_with_their_roles(browser):
    page = await browser.get("/members")
    assert "Sam sam@acme.test Rep 2 Oct 2026, 14:05 UTC" in page.words
    assert "Rita rita@acme.test No role" in page.words
    assert "Nobody is invited at the moment." in page.words


async def test_a_name_that_turns_the_page_around_does_not(browser, town):
    town.people[SAM] = NamedPerson(name="\u202e<script>alert(1)</script>", email="sam@acme.test")
    page = await browser.get("/members")
    assert "\u202e" not in page.text
    assert "<script>alert" not in page.text


async def test_the_next_page_is_asked_for_by_its_cursor(browser, town):
    rows = {"data": [{"id": SAM, "name": "Sam", "email": "s@a.test", "since": "2026-10-02T14:05:00Z"}]}
    town.house.on("auth", "GET", "/v1/members", rows | {"next_cursor": "a+b"})
    assert "/members?cursor=a%2Bb" in (await browser.get("/members")).text
    await browser.get("/members?cursor=a%2Bb")
    assert town.house.asked("auth", "GET", "/v1/members")[-1].params == {"cursor": "a+b"}


async def test_an_invitation_is_made_and_its_link_shown_once(browser, town):
    page = await browser.post("/members/invitations", {"email": " new@acme.test ", "role": REP})
    assert page.status == 201
    assert page.headers["Cache-Control"] == "no-store"
    assert "http://127.0.0.1:8080/invitation/once" in page.text
    assert town.house.asked("auth", "POST", "/v1/invitations")[0].body == {"email": "new@acme.test", "role": REP}
    later = await browser.get("/members")
    assert "/invitation/once" not in later.text
    assert "new@acme.test Rep Carly 29 Nov 2026, 10:00 UTC" in later.words
    assert (await browser.post(f"/members/invitations/{INVITATION}/withdraw")).where == "/members?said=withdrawn"
    assert town.invited == {}


async def test_withdrawing_twice_is_withdrawn(browser, town):
    town.house.refuse("auth", "DELETE", "/v1/invitations/.*", 404, "not_found")
    assert (await browser.post(f"/members/invitations/{INVITATION}/withdraw")).where == "/members?said=withdrawn"


async def test_what_is_wrong_with_an_invitation_stands_beside_it_and_the_rest_stays(browser, town):
    town.house.refuse("auth", "POST", "/v1/invitations", 409, "already_member", email="This person is a member.")
    page = await browser.post("/members/invitations", {"email": "sam@acme.test", "role": REP})
    assert page.status == 409
    assert 'id="email-problem">This person is a member.' in page.text
    assert set(page.form("/members/invitations")) >= {("email", "sam@acme.test"), ("role", REP)}
    empty = await browser.post("/members/invitations", {"email": "", "role": ""})
    assert empty.status == 400
    assert "Type an e-mail address." in empty.words
    assert "Choose a role." in empty.words


async def test_a_role_is_changed_and_taken_away(browser, town):
    assert (await browser.post(f"/members/{SAM}/role", {"role": ADMIN})).where == f"/members/{SAM}?said=role"
    assert town.had[SAM] == ADMIN
    assert (await browser.post(f"/members/{SAM}/role", {"role": ""})).status == 303
    assert SAM not in town.had


async def test_the_same_role_again_asks_for_nothing(browser, town):
    await browser.post(f"/members/{SAM}/role", {"role": REP})
    assert town.house.asked("permissions", "PUT", ".*") == []


async def test_a_role_that_is_above_oneself_is_refused_beside_the_choice(browser, town):
    town.house.refuse("permissions", "PUT", ".*", 403, "beyond_yourself", "Nobody grants above themselves.")
    page = await browser.post(f"/members/{SAM}/role", {"role": ADMIN})
    assert page.status == 403
    assert 'id="role-problem">Nobody grants above themselves.' in page.text
    assert ("role", ADMIN) in page.form(f"/members/{SAM}/role")


async def test_nobody_is_offered_to_change_themselves(browser):
    page = await browser.get(f"/members/{CARLY}")
    assert "This is you." in page.words
    for words in ("Save role", "Make password link", "Remove member"):
        assert words not in page.words


async def test_a_password_link_is_shown_once(browser):
    page = await browser.post(f"/members/{SAM}/password-link")
    assert page.status == 201
    assert "http://127.0.0.1:8080/password/once" in page.text
    assert "/password/once" not in (await browser.get(f"/members/{SAM}")).text


async def test_somebody_who_belongs_elsewhere_gets_no_password_link(browser, town):
    path = f"/v1/members/{SAM}/password-link"
    town.house.refuse("auth", "POST", path, 409, "belongs_elsewhere", "This account opens more than this workspace.")
    page = await browser.post(f"/members/{SAM}/password-link")
    assert page.status == 409
    assert "This account opens more than this workspace." in page.words


async def test_a_member_is_removed_and_twice_is_once(browser, town):
    assert "Remove Sam from Acme?" in (await browser.get(f"/members/{SAM}")).words
    assert (await browser.post(f"/members/{SAM}/remove")).where == "/members?said=removed"
    assert (await browser.get(f"/members/{SAM}")).status == 404
    town.house.refuse("auth", "DELETE", "/v1/members/.*", 404, "not_found")
    assert (await browser.post(f"/members/{SAM}/remove")).where == "/members?said=removed"
    town.house.on("auth", "DELETE", "/v1/members/.*", {"id": RITA, "pending": True})
    assert (await browser.post(f"/members/{RITA}/remove")).where == "/members?said=removing"


async def test_a_role_shows_no_more_than_its_rights(browser, house):
    house.give({"member": ["view"]})
    page = await browser.get(f"/members/{SAM}")
    for words in ("Save role", "Make password link", "Remove member"):
        assert words not in page.words
    assert "Invite somebody" not in (await browser.get("/members")).words
    house.give({"role": ["view"]})
    assert "member:view" in (await browser.get("/members")).words


async def test_an_owner_that_is_away_is_said_to_be(browser, house):
    house.away.add("auth")
    assert (await browser.get("/members")).status == 503
