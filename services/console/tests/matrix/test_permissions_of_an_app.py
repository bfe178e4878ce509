"""The matrix in the page of an app: shown, saved, refused."""

import re

import pytest

from latchkey_contracts.requests.console import LinesAnswer, LinesOf

CLIENT = "a" * 32
PAGE = f"/apps/{CLIENT}"
MODELS = {
    "models": [
        {
            "name": "company", "route": "companies", "title": "Company", "plural": "companies",
            "actions": ["create", "view", "update", "remove", "export"], "management": False,
            "fields": [
                {"name": "name", "title": "Name", "type": "text", "writable": True},
                {"name": "arr", "title": "ARR", "type": "number", "writable": False},
            ],
        },
    ]
}  # fmt: skip


@pytest.fixture
def owners(house, put_app):
    put_app(permissions={"company": {"view": "*", "update": {"except": ["arr"]}}})
    house.on("permissions", "GET", "/v1/catalogue", MODELS)
    house.on("permissions", "POST", LinesOf.path, LinesAnswer(lines=(), scope=()))
    return house


def told(house):
    (sent,) = house.asked("client-registry", "PATCH", ".*")
    return sent.body


async def test_a_form_that_nobody_touched_changes_nothing(owners, browser):
    page = await browser.get(PAGE)
    answer = await browser.post(PAGE, page.form(PAGE))
    assert answer.status == 303
    assert not owners.asked("client-registry", "PATCH", ".*")


async def test_what_is_ticked_is_what_is_saved(owners, browser):
    page = await browser.get(PAGE)
    fields = [pair for pair in page.form(PAGE) if pair[1] != "company.name:view"] + [("permissions", "company:remove")]
    owners.refuse("client-registry", "PATCH", ".*", 403, "beyond_yourself", permissions__company="Not yours.")
    answer = await browser.post(PAGE, fields)
    wanted = {"company": {"view": {"except": ["name"]}, "update": "*", "remove": "*"}}
    assert told(owners) == {"permissions": wanted}
    assert answer.status == 403
    assert re.search(r'<p class="problem" id="permissions-company-problem">Not yours.</p>', answer.text)
    again = [value for name, value in answer.form(PAGE) if name == "permissions"]
    assert {"company:remove", "company:view", "company.arr:view"} <= set(again)
    assert "company.name:view" not in again


async def test_everything_may_be_taken_away(owners, browser):
    owners.refuse("client-registry", "PATCH", ".*", 409, "busy")
    page = await browser.get(PAGE)
    await browser.post(PAGE, [pair for pair in page.form(PAGE) if pair[0] != "permissions" or not pair[1]])
    assert told(owners) == {"permissions": {}}


async def test_a_form_without_boxes_leaves_permissions_alone(owners, browser):
    owners.refuse("client-registry", "PATCH", ".*", 409, "busy")
    page = await browser.get(PAGE)
    fields = [("name", "Other") if name == "name" else (name, value) for name, value in page.form(PAGE)]
    await browser.post(PAGE, [pair for pair in fields if pair[0] != "permissions"])
    assert told(owners) == {"name": "Other"}


async def test_who_may_only_look_ticks_nothing_and_can_still_search(owners, browser):
    owners.give({"oauthclient": ["view"]})
    text = (await browser.get(PAGE)).text.partition('id="permissions-matrix"')[2].partition("</table>")[0]
    boxes = re.findall(r'<input type="checkbox" class="[^>]*>', text)
    assert boxes
    assert all(" disabled" in box for box in boxes)
    assert " disabled" not in re.search(r'<input type="search"[^>]*>', text).group()
    assert not any(name == "permissions" and value for name, value in (await browser.get(PAGE)).form(PAGE))
