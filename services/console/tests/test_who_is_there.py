"""Who gets to the pages, and in which workspace."""

import re

import pytest


async def test_a_stranger_is_sent_to_sign_in_and_back(browser, house):
    house.person = None
    page = await browser.get("/apps?type=public")
    assert (page.status, page.where) == (303, "/login?next=/apps%3Ftype%3Dpublic")


async def test_htmx_of_a_session_that_ended_leaves_the_page(browser, house):
    house.person = None
    page = await browser.get("/apps", **{"HX-Request": "true"})
    assert (page.status, page.headers["HX-Redirect"]) == (401, "/login?next=/apps")


async def test_without_the_flag_of_the_role_the_section_says_so(browser, house):
    house.give(app_center=False)
    page = await browser.get("/apps")
    assert page.status == 403
    assert "Your role here does not include the App Center." in page.words


@pytest.mark.parametrize(
    ("right", "room"),
    [("oauthclient", "/apps"), ("auditlog", "/audit"), ("role", "/roles"), ("member", "/members")],
)
async def test_a_menu_names_what_the_role_lets_one_look_at_and_nothing_else(browser, house, right, room):
    house.give({right: ["view"]})
    page = await browser.get("/docs")
    links = set(re.findall(r'<a href="([^"]*)"', page.text))
    rooms = links & {"/apps", "/audit", "/roles", "/members", "/staff"}
    assert rooms == {room}


@pytest.mark.parametrize(("rights", "where"), [({}, "/profile/applications"), ({"oauthclient": ["view"]}, "/apps")])
async def test_everybody_begins_where_there_is_something_to_see(browser, house, rights, where):
    house.give(rights)
    assert (await browser.get("/")).where == where


@pytest.mark.parametrize(("rights", "first"), [({}, "/profile/applications"), ({"oauthclient": ["view"]}, "/apps")])
async def test_who_joined_a_moment_ago_is_told_so_where_they_begin(browser, house, rights, first):
    house.give(rights)
    assert (await browser.get("/")).where == first
    assert (await browser.get("/?said=joined")).where == f"{first}?said=joined"
    assert (await browser.get("/?said=deleted")).where == first


@pytest.mark.parametrize("path", ["/apps", "/apps/new"])
async def test_pages_are_kept_by_no_cache_and_run_no_script_but_ours(browser, path):
    page = await browser.get(path)
    assert page.headers["Cache-Control"] == "no-store"
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
