"""Who gets to the pages, and in which workspace."""

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


@pytest.mark.parametrize(("app_center", "first"), [(True, "/apps"), (False, "/profile/applications")])
async def test_who_joined_a_moment_ago_is_told_so_where_they_begin(browser, house, app_center, first):
    house.give(app_center=app_center)
    assert (await browser.get("/")).where == first
    assert (await browser.get("/?said=joined")).where == f"{first}?said=joined"
    assert (await browser.get("/?said=deleted")).where == first


@pytest.mark.parametrize("path", ["/apps", "/apps/new"])
async def test_pages_are_kept_by_no_cache_and_run_no_script_but_ours(browser, path):
    page = await browser.get(path)
    assert page.headers["Cache-Control"] == "no-store"
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
