"""`/roles/teams`: made, filled, renamed and removed."""

import pytest

TEAM = "d" * 32
SAM, RITA = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def team(town):
    """The one team, as permissions knows it."""
    known = {"id": TEAM, "name": "North", "members": [SAM]}
    town.house.on("permissions", "GET", "/v1/teams", lambda _: {"data": [known], "next_cursor": None})
    town.house.on("permissions", "GET", f"/v1/teams/{TEAM}", lambda _: known)
    town.house.on("permissions", "PATCH", f"/v1/teams/{TEAM}", lambda sent: known.update(sent.body) or known)
    town.house.on("permissions", "DELETE", f"/v1/teams/{TEAM}", None)
    town.house.on("permissions", "POST", "/v1/teams", known)
    return known


async def test_teams_are_listed_made_and_filled(browser, house, team):
    assert "North 1" in (await browser.get("/roles/teams")).words
    page = await browser.post("/roles/teams", {"name": " North "})
    assert page.where == f"/roles/teams/{TEAM}?said=made"
    assert house.asked("permissions", "POST", "/v1/teams")[0].body == {"name": "North"}
    form = (await browser.get(page.where)).form(f"/roles/teams/{TEAM}")
    assert ("member", SAM) in form
    assert ("member", RITA) not in form
    assert (await browser.post(f"/roles/teams/{TEAM}", [*form, ("member", RITA)])).where.endswith("said=saved")
    assert team["members"] == [SAM, RITA]


async def test_a_team_without_anybody_is_saved_so(browser, team):
    await browser.post(f"/roles/teams/{TEAM}", {"name": "North"})
    assert team["members"] == []


async def test_what_is_refused_stands_beside_it_and_the_ticks_stay(browser, house):
    house.refuse("permissions", "PATCH", ".*", 403, "beyond_yourself", members="Your own role sees less.")
    page = await browser.post(f"/roles/teams/{TEAM}", [("name", "South"), ("member", RITA)])
    assert page.status == 403
    assert 'id="members-problem">Your own role sees less.' in page.text
    assert {("name", "South"), ("member", RITA)} <= set(page.form(f"/roles/teams/{TEAM}"))
    house.refuse("permissions", "POST", "/v1/teams", 409, "name_taken", "This name is taken.")
    page = await browser.post("/roles/teams", {"name": "North"})
    assert 'id="name-problem">This name is taken.' in page.text


async def test_a_team_is_removed_and_twice_is_once(browser, house):
    assert "Remove the team North?" in (await browser.get(f"/roles/teams/{TEAM}")).words
    assert (await browser.post(f"/roles/teams/{TEAM}/remove")).where == "/roles/teams?said=removed"
    house.refuse("permissions", "DELETE", ".*", 404, "not_found")
    assert (await browser.post(f"/roles/teams/{TEAM}/remove")).where == "/roles/teams?said=removed"


async def test_who_may_only_look_is_shown_no_form(browser, house):
    house.give({"role": ["view"], "member": ["view"]})
    page = await browser.get(f"/roles/teams/{TEAM}")
    assert "Save team" not in page.words
    assert "Sam sam@acme.test" in page.words
    assert "New team" not in (await browser.get("/roles/teams")).words
