"""Choosing many boxes at once, without script: the page comes again with them checked, and nothing is decided."""

import pytest

from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, Resolution

AUTHORIZE = "/oauth/authorize"
COMPANY = ConsentLine(
    title="Company", sentence="View and update companies", strong=True, words=("company:view", "company:update")
)
TASK = ConsentLine(title="Task", sentence="View and export tasks", strong=True, words=("task:view", "task:export"))
ALL = (*COMPANY.words, *TASK.words)


@pytest.fixture
async def page(world, browser):
    world.add_client(dynamic=True)
    world.neighbours.resolution = Resolution(document="d" * 64, scope=ALL, lines=(COMPANY, TASK))
    await browser.sign_in("sam@acme.test")
    return await browser.get(world.authorize())


def presets(page):
    return [value for name, value in page.form(AUTHORIZE)["buttons"] if name == "preset"]


async def test_read_only_checks_what_only_looks_and_all_requested_the_rest(world, browser, page):
    assert presets(page) == ["read", "all"]
    less = await browser.submit(page, AUTHORIZE, preset="read")
    assert less.status == 200
    assert less.form(AUTHORIZE)["boxes"] == [("allow", "company:view"), ("allow", "task:view")]
    assert "2 of 4 are checked now. Nothing is authorized yet." in less.texts("p")
    more = await browser.submit(less, AUTHORIZE, preset="all")
    assert more.form(AUTHORIZE)["boxes"] == [("allow", word) for word in ALL]
    assert world.neighbours.all(GrantsCreate) == []


async def test_what_a_preset_left_is_what_is_granted(world, browser, page):
    less = await browser.submit(page, AUTHORIZE, preset="read")
    answer = await browser.submit(less, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    assert world.neighbours.last(GrantsCreate).scope == ("company:view", "task:view")


async def test_a_preset_shows_what_there_is_now(world, browser, page):
    world.neighbours.resolution = Resolution(document="e" * 64, scope=COMPANY.words, lines=(COMPANY,))
    less = await browser.submit(page, AUTHORIZE, preset="read")
    assert less.form(AUTHORIZE)["fields"]["document"] == "e" * 64
    assert less.form(AUTHORIZE)["boxes"] == [("allow", "company:view")]


async def test_enter_in_a_box_sends_nothing(page):
    first = next(button for button in page.attributes("button") if button["type"] == "submit" and "value" not in button)
    assert {"hidden", "disabled"} <= set(first) or first.get("class") == "link"
    form = page.text[page.text.index(f'action="{AUTHORIZE}') :]
    assert form.index('<button type="submit" hidden disabled>') < form.index('name="preset"')


async def test_there_is_no_preset_where_it_makes_no_difference(world, browser, page):
    looks = ConsentLine(title="Task", sentence="View tasks", words=("task:view",))
    world.neighbours.resolution = Resolution(document="d" * 64, scope=looks.words, lines=(looks,))
    assert presets(await browser.get(world.authorize())) == []
    world.add_client()
    world.neighbours.resolution = Resolution(document="d" * 64, scope=ALL, lines=(COMPANY, TASK))
    assert presets(await browser.get(world.authorize())) == []


@pytest.mark.parametrize(
    "changed", [{"csrf": "wrong"}, {"preset": "everything"}, {"preset": "read", "decision": "maybe"}]
)
async def test_an_odd_preset_does_nothing(world, browser, page, changed):
    answer = await browser.submit(page, AUTHORIZE, **{"preset": "read", **changed})
    assert answer.status == (403 if "csrf" in changed else 400)
    assert world.neighbours.all(GrantsCreate) == []


async def test_a_preset_and_a_decision_at_once_is_the_decision(world, browser, page):
    answer = await browser.submit(page, AUTHORIZE, preset="read", decision="cancel")
    assert answer.answer["error"] == "access_denied"
