"""What somebody is told before they save permissions."""

import re

import pytest

from latchkey_contracts.requests.console import LinesAnswer, LinesOf
from latchkey_contracts.requests.permissions import ConsentLine

CLIENT = "a" * 32
PREVIEW = f"/apps/{CLIENT}/preview"
STORED = {"company": ["view", "remove"]}
MODELS = {
    "models": [
        {
            "name": "company", "route": "companies", "title": "Company", "plural": "companies",
            "actions": ["create", "view", "update", "remove", "export"], "management": False,
            "fields": [{"name": "name", "title": "Name", "type": "text", "writable": True, "fields": []}],
        },
        {
            "name": "role", "route": "roles", "title": "Role", "plural": "roles",
            "actions": ["view", "update"], "management": True, "fields": [],
        },
    ]
}  # fmt: skip
HTMX = {"HX-Request": "true"}


@pytest.fixture
def workspace(house, put_app):
    """An app that may view and remove companies, with twelve connections of nine people."""
    put_app(permissions=STORED)
    house.on("permissions", "GET", "/v1/catalogue", MODELS)
    line = ConsentLine(title="Company", sentence="View companies", details=("View only Name",))
    house.on("permissions", "POST", LinesOf.path, LinesAnswer(lines=(line,), scope=("company:view",)))
    house.on("token", "GET", "/v1/connections/count", {"living": 12, "users": 9, "last_used_at": None})
    house.give({"company": ["view", "update", "remove", "export"], "connection": ["view"], "role": ["view"]})
    return house


def ticks(*words):
    return [("permissions", word) for word in ("", *words)]


def all_of(*actions):
    return [word for one in actions for word in (f"company:{one}", f"company.name:{one}", f"company.*:{one}")]


async def test_it_says_what_stops_what_is_asked_for_anew_and_what_people_see(workspace, browser):
    page = await browser.post(PREVIEW, ticks(*all_of("view", "export")), **HTMX)
    assert page.status == 200
    assert "<html" not in page.text
    assert "Taken away. It stops at once on 12 connections of 9 people." in page.words
    assert "Remove companies" in page.words
    assert "Added. Who is connected already has to authorize the app again before it gets this." in page.words
    assert "Export companies" in page.words
    assert "View companies View only Name" in page.words
    assert "company:view" in page.words
    (asked,) = workspace.asked("permissions", "POST", LinesOf.path)
    assert asked.body == {"permissions": {"company": ["view", "export"]}}


async def test_nothing_changes_where_nothing_was_ticked_otherwise(workspace, browser):
    page = await browser.post(PREVIEW, ticks("company:remove", *all_of("view")), **HTMX)
    assert "When you save Nothing changes. What people see" in page.words


async def test_an_app_that_may_do_nothing_is_warned_of(workspace, browser):
    page = await browser.post(PREVIEW, ticks(), **HTMX)
    assert "Nothing is ticked: whoever wants to connect this app is told that there is nothing to grant." in page.words
    assert "What people see" not in page.words


async def test_what_the_own_role_lacks_and_what_cannot_be_found_is_said_first(workspace, browser):
    page = await browser.post(PREVIEW, ticks("role:update", *all_of("update")), **HTMX)
    assert re.search(r"Your own role does not hold this, .* Role Update roles", page.words)
    assert re.search(r"An app has to find a record .* Company View companies Role View roles", page.words)


async def test_nobody_is_connected_yet(workspace, browser):
    workspace.on("token", "GET", "/v1/connections/count", {"living": 0, "users": 0, "last_used_at": None})
    page = await browser.post(PREVIEW, ticks(*all_of("view", "export")), **HTMX)
    assert "Nobody has connected this app, so nothing stops." in page.words
    assert "Whoever connects the app from then on is asked for it." in page.words


@pytest.mark.parametrize("why", ["no right", "refused", "away"])
async def test_without_numbers_it_says_the_same_in_words(workspace, browser, why):
    if why == "no right":
        workspace.give({"company": ["view"]})
    elif why == "refused":
        workspace.refuse("token", "GET", "/v1/connections/count", 403, "not_allowed")
    else:
        workspace.away.add("token")
    page = await browser.post(PREVIEW, ticks(*all_of("view")), **HTMX)
    assert "Taken away. It stops at once, on every connection." in page.words
    assert len(workspace.asked("token", "GET", "/v1/connections/count")) == (why != "no right")


async def test_people_who_choose_for_themselves_are_not_bounded(workspace, put_app, browser):
    put_app(permissions=STORED, dynamic=True)
    page = await browser.post(PREVIEW, ticks(*all_of("view")), **HTMX)
    assert "It stops nothing while people choose from all that their role allows." in page.words


async def test_without_script_it_is_a_page_of_its_own(workspace, browser):
    page = await browser.post(PREVIEW, ticks(*all_of("view")))
    assert "<h1>What people will see</h1>" in page.text
    assert "Nothing is saved yet." in page.words
    assert "Taken away." in page.words


async def test_what_goes_wrong_is_said_in_the_place_of_the_preview(workspace, browser):
    workspace.away.add("client-registry")
    page = await browser.post(PREVIEW, ticks(), **HTMX)
    assert page.status == 503
    assert "<html" not in page.text
    assert "Temporarily unavailable. Please try again shortly." in page.words


async def test_an_app_of_somebody_else_is_not_there(workspace, browser):
    page = await browser.post(f"/apps/{'b' * 32}/preview", ticks())
    assert page.status == 404


async def test_a_page_of_another_session_previews_nothing(workspace, browser):
    page = await browser.post(PREVIEW, [*ticks(), ("csrf", "another")], **HTMX)
    assert page.status == 403
    assert "This page is no longer valid." in page.words
    assert not workspace.asked("permissions", "POST", LinesOf.path)


async def test_whoever_lacks_the_app_center_gets_none(workspace, browser):
    workspace.give(app_center=False)
    assert (await browser.post(PREVIEW, ticks(), **HTMX)).status == 403


async def test_names_of_others_stay_names(workspace, browser):
    line = ConsentLine(title="<b>Company\u202e</b>", sentence="<script>alert(1)</script>", strong=True)
    workspace.on("permissions", "POST", LinesOf.path, LinesAnswer(lines=(line,), scope=("company:view",)))
    page = await browser.post(PREVIEW, ticks(*all_of("view")), **HTMX)
    assert "<script>" not in page.text
    assert '<bdi class="title">&lt;b&gt;Company&lt;/b&gt;</bdi>' in page.text
