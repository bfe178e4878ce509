"""Where a client lets them, users leave out some of what it asks for."""

import msgspec
import pytest

from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, PermissionsResolve, Resolution

AUTHORIZE = "/oauth/authorize"
SAM = "sam@acme.test"
COMPANY = ConsentLine(
    title="Company",
    sentence="View and update companies",
    strong=True,
    details=("Update only Name and Phase",),
    words=("company:view", "company:update"),
)
TASK = ConsentLine(title="Task", sentence="View tasks", words=("task:view",))
ALL = ("company:view", "company:update", "task:view")


@pytest.fixture
def offered(world):
    """A client whose users may leave things out, and three things."""
    world.add_client(narrowing=True)
    world.neighbours.resolution = Resolution(document="d" * 64, scope=ALL, lines=(TASK, COMPANY))
    return world.neighbours


@pytest.fixture
async def page(world, browser, offered):
    await browser.sign_in(SAM)
    return await browser.get(world.authorize(scope="inclusive"))


def asked_for(offered):
    return [question.chosen for question in offered.all(PermissionsResolve)]


async def test_every_word_has_a_checked_box_with_a_name_of_its_own(page):
    assert page.status == 200
    assert page.form(AUTHORIZE)["boxes"] == [("allow", word) for word in ALL]
    assert page.texts("label") == ["View Company", "Update Company", "View Task"]
    ids = [box["id"] for box in page.attributes("input") if box.get("type") == "checkbox"]
    assert [label["for"] for label in page.attributes("label")] == ids
    assert len(set(ids)) == 3
    assert page.tags.count("fieldset") == page.tags.count("legend") == 2
    assert [text.splitlines()[0].split(" changes")[0] for text in page.texts("legend")] == [
        "View and update companies", "View tasksTask"
    ]  # fmt: skip
    assert "Update only Name and Phase" in page.texts("span")
    assert any("You may leave things out" in text for text in page.texts("p"))


async def test_who_leaves_all_grants_what_was_shown(world, browser, page, offered):
    answer = await browser.submit(page, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    born = offered.last(GrantsCreate)
    assert (born.document, born.scope) == ("d" * 64, ALL)


async def test_what_is_left_out_is_not_granted(world, browser, page, offered):
    answer = await browser.submit(page, AUTHORIZE, boxes=("company:view",), decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    born = offered.last(GrantsCreate)
    assert born.scope == ("company:view",)
    assert born.document != "d" * 64
    assert asked_for(offered) == [None, ("company:view",), None]
    [event] = await world.events("consent.granted")
    assert msgspec.json.decode(event.data)["scope"] == ["company:view"]


@pytest.mark.parametrize("boxes", [(), ("",), ("spaceship:fly", "x", "company:view company:update", "é")])
async def test_with_nothing_left_the_page_comes_again_and_says_so(world, browser, page, offered, boxes):
    again = await browser.submit(page, AUTHORIZE, boxes=boxes, decision="authorize")
    assert again.status == 400
    assert again.texts("title")[0].startswith("Error: ")
    assert "alert" in [values.get("role") for values in again.attributes("p")]
    assert "nothing to authorize" in again.text
    assert again.form(AUTHORIZE)["boxes"] == []
    assert len([one for one in again.attributes("input") if one.get("type") == "checkbox"]) == 3
    assert offered.all(GrantsCreate) == []
    assert await world.events("consent.refused") == []
    answer = await browser.submit(again, AUTHORIZE, boxes=("task:view",), decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    assert offered.last(GrantsCreate).scope == ("task:view",)


async def test_words_that_were_not_offered_add_nothing(browser, page, offered):
    boxes = ("task:view", "task:remove", "*", "inclusive", "asset:view", "task:view")
    await browser.submit(page, AUTHORIZE, boxes=boxes, decision="authorize")
    assert offered.last(GrantsCreate).scope == ("task:view",)


async def test_cancel_needs_no_choice(browser, page, offered):
    answer = await browser.submit(page, AUTHORIZE, boxes=(), decision="cancel")
    assert answer.answer["error"] == "access_denied"
    assert offered.all(GrantsCreate) == []


async def test_what_changed_meanwhile_is_shown_again_with_the_choice_kept(browser, page, offered):
    more = ConsentLine(title="Asset", sentence="View assets", words=("asset:view",))
    offered.resolution = Resolution(document="e" * 64, scope=(*ALL, "asset:view"), lines=(COMPANY, TASK, more))
    again = await browser.submit(page, AUTHORIZE, boxes=("company:view",), decision="authorize")
    assert again.status == 409
    assert again.form(AUTHORIZE)["boxes"] == [("allow", "company:view")], "what is new is not chosen by itself"
    answer = await browser.submit(again, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    assert offered.last(GrantsCreate).scope == ("company:view",)


@pytest.mark.parametrize("narrowing", [True, False])
async def test_a_choice_that_came_or_went_meanwhile_is_shown_again(world, browser, offered, narrowing):
    world.add_client(narrowing=narrowing)
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    world.add_client(narrowing=not narrowing)
    boxes = ("task:view",) if narrowing else ()
    again = await browser.submit(page, AUTHORIZE, boxes=boxes, decision="authorize")
    assert again.status == 409
    assert offered.all(GrantsCreate) == []


async def test_an_ordinary_client_is_all_or_nothing_whatever_a_form_says(world, browser, offered):
    world.add_client()
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    assert page.form(AUTHORIZE)["boxes"] == []
    assert "leave things out" not in page.text
    await browser.submit(page, AUTHORIZE, boxes=("task:view",), decision="authorize")
    assert offered.last(GrantsCreate).scope == ALL
    assert set(asked_for(offered)) == {None}


async def test_a_dynamic_client_without_a_scope_asks_for_all_of_the_role_and_users_pick(world, browser, offered):
    world.add_client(dynamic=True)
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    assert offered.last(PermissionsResolve).default == "inclusive"
    assert page.form(AUTHORIZE)["boxes"] == [("allow", word) for word in ALL]
    await browser.submit(page, AUTHORIZE, boxes=("company:view", "task:view"), decision="authorize")
    assert offered.last(GrantsCreate).scope == ("company:view", "task:view")


@pytest.mark.parametrize("refusal", ["nothing", "missing"])
async def test_refusals_stay_as_they_are(browser, page, offered, refusal):
    offered.resolution = Resolution(refusal=refusal, named=("Company: remove",))
    refused = await browser.submit(page, AUTHORIZE, boxes=("task:view",), decision="authorize")
    assert refused.status == 403
    words = {
        "nothing": "You do not have any of the permissions this application requests.",
        "missing": "OAuth permission check failed: missing permissions",
    }
    assert refused.texts("h1") == [words[refusal]]


async def test_boxes_do_not_stand_in_for_the_proof_of_the_form(browser, page, offered):
    form = page.form(AUTHORIZE)
    fields = {**form["fields"], "decision": "authorize"}
    for changed, status in (({"csrf": "wrong"}, 403), ({"document": "0" * 64}, 409), ({"decision": "maybe"}, 400)):
        answer = await browser.post(form["action"], [*{**fields, **changed}.items(), *form["boxes"]])
        assert answer.status == status
    twice = [*fields.items(), ("document", "d" * 64), *form["boxes"]]
    assert (await browser.post(form["action"], twice)).status == 400
    assert offered.all(GrantsCreate) == []


@pytest.mark.parametrize("sent", [b"allow=%zz", b"allow=%ff", b"allow=a%00b", b"allow=" + b"x" * 70_000])
async def test_boxes_that_cannot_be_read_are_a_page(browser, page, sent):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.post(page.form(AUTHORIZE)["action"], b"decision=authorize&" + sent, headers=headers)
    assert answer.status in (400, 413)
    assert len(answer.texts("h1")) == 1


async def test_hundreds_of_boxes_are_read(browser, page, offered):
    words = tuple(f"model{number}:view" for number in range(300))
    offered.resolution = Resolution(document="d" * 64, scope=words, lines=(COMPANY,))
    await browser.submit(page, AUTHORIZE, boxes=words[:-1], decision="authorize")
    assert offered.last(GrantsCreate).scope == words[:-1]
