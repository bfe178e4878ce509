"""Nobody is asked for what they have granted already and what still stands; for more, they see what is new."""

import datetime as dt

import msgspec
import pytest

from latchkey_contracts.requests.console import GrantsStanding, StandingGrant
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, PermissionsResolve, Resolution
from latchkey_contracts.requests.standing import Seen

AUTHORIZE = "/oauth/authorize"
SAM = "sam@acme.test"
LOOPBACK = "http://127.0.0.1:4711/callback"


@pytest.fixture
async def standing(world, browser, issuer):
    """Sam is signed in, and has granted what the app asks for."""
    await browser.sign_in(SAM)
    stands = StandingGrant(
        document=world.neighbours.resolution.document,
        resources=(f"{issuer}/v1", f"{issuer}/v1/mcp"),
        connected_at=dt.datetime(2026, 10, 2, 14, 5, tzinfo=dt.UTC),
    )
    world.neighbours.standing = stands
    return stands


def births(world):
    return world.neighbours.all(GrantsCreate)


async def assert_asked(world, browser, request):
    page = await browser.get(request)
    assert page.status == 200
    assert ("decision", "authorize") in page.form(AUTHORIZE)["buttons"]
    assert births(world) == []
    return page


async def test_the_same_app_with_the_same_wish_is_answered_at_once(world, browser, standing, issuer):
    answer = await browser.get(world.authorize())
    assert answer.status == 303
    assert answer.answer == {"code": "lk_ac_code", "state": "s1", "iss": issuer}
    [born] = births(world)
    assert (born.tenant, born.user) == (world.tenants["acme"], world.users[SAM])
    assert born.document == standing.document
    assert world.neighbours.last(GrantsStanding) == GrantsStanding(
        tenant=world.tenants["acme"], user=world.users[SAM], client="a1" * 16
    )
    [event] = await world.events("consent.granted")
    assert msgspec.json.decode(event.data)["again"] is True


async def test_after_signing_in_it_goes_on_at_once_too(world, browser, new_browser, standing):
    fresh = await new_browser(world)
    signed_in = await fresh.sign_in(SAM, at=world.authorize())
    assert (await fresh.get(signed_in.location)).answer["code"] == "lk_ac_code"


async def test_less_than_what_stands_needs_no_question(world, browser, standing):
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, document="b" * 64, within=True)
    assert (await browser.get(world.authorize())).answer["code"] == "lk_ac_code"
    assert births(world)[0].document == "b" * 64
    assert world.neighbours.last(PermissionsResolve).before == standing.document


async def test_a_document_that_is_not_known_to_lie_within_is_asked_for(world, browser, standing):
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, document="b" * 64)
    page = await assert_asked(world, browser, world.authorize())
    assert "Nothing of it is new: you allowed this on 2 Oct 2026." in page.texts("p")


async def test_a_first_time_is_asked_for(world, browser):
    await browser.sign_in(SAM)
    page = await assert_asked(world, browser, world.authorize())
    assert world.neighbours.last(PermissionsResolve).before is None
    assert "you allowed this" not in page.text
    answer = await browser.submit(page, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    [event] = await world.events("consent.granted")
    assert msgspec.json.decode(event.data).get("again", False) is False


@pytest.mark.parametrize(
    ("client", "redirect_uri"),
    [
        ({"client_type": "public"}, "https://app.example/callback"),
        ({}, LOOPBACK),
        ({"redirect_uris": ("https://localhost/callback",)}, "https://localhost/callback"),
        ({"redirect_uris": ("claude://callback",)}, "claude://callback"),
    ],
    ids=["public", "loopback", "https on this computer", "scheme of its own"],
)
async def test_whoever_could_be_another_program_is_asked_about(world, browser, standing, client, redirect_uri):
    world.add_client(**client)
    await assert_asked(world, browser, world.authorize(redirect_uri=redirect_uri))


@pytest.mark.parametrize("prompt", ["consent", "select_account", "somewhat"])
async def test_an_app_may_want_the_user_to_be_asked(world, browser, standing, prompt):
    await assert_asked(world, browser, world.authorize(prompt=prompt))


@pytest.mark.parametrize(
    ("granted", "asked"), [(["/v1"], ["/v1/mcp"]), (["/v1/mcp"], ["/v1", "/v1/mcp"]), ([], ["/v1"])]
)
async def test_another_resource_is_asked_for(world, browser, standing, issuer, granted, asked):
    resources = tuple(issuer + path for path in granted)
    world.neighbours.standing = msgspec.structs.replace(standing, resources=resources)
    await assert_asked(world, browser, world.authorize(*[("resource", issuer + path) for path in asked]))


async def test_fewer_resources_are_not_asked_for(world, browser, standing, issuer):
    await browser.get(world.authorize(("resource", f"{issuer}/v1/mcp")))
    assert births(world)[0].resources == (f"{issuer}/v1/mcp",)


async def test_only_what_is_new_is_in_the_foreground(world, browser, standing):
    world.neighbours.resolution = Resolution(
        document="b" * 64,
        scope=("asset:view", "company:view", "task:view", "task:update"),
        lines=(
            ConsentLine(
                title="Task", sentence="View and update tasks", strong=True, words=("task:view", "task:update")
            ),
            ConsentLine(title="Company", sentence="View companies", words=("company:view",)),
            ConsentLine(title="Asset", sentence="View assets", words=("asset:view",), new=True),
        ),
    )
    page = await assert_asked(world, browser, world.authorize())
    assert page.texts("h2") == ["This will also let Acme Sync"]
    assert [text.split("\n")[0].strip() for text in page.texts("li")] == [
        "New: View assetsAsset", "View and update tasks changesTask", "View companiesCompany"
    ]  # fmt: skip
    assert page.texts("summary") == ["Allowed already (2)"]
    assert page.text.index("View assets") < page.text.index("<details>") < page.text.index("View companies")
    assert page.texts("strong").count("New:") == 1
    assert "You allowed this on 2 Oct 2026." in page.texts("p")
    answer = await browser.submit(page, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"
    assert births(world)[0].document == "b" * 64


@pytest.mark.parametrize("silence", ["away", "refused"])
async def test_who_cannot_be_asked_what_stands_stands_in_nobodys_way(world, browser, standing, silence):
    if silence == "away":
        world.neighbours.away.add(GrantsStanding.path)
    else:
        world.neighbours.refuses.add(GrantsStanding.path)
    page = await assert_asked(world, browser, world.authorize())
    answer = await browser.submit(page, AUTHORIZE, decision="authorize")
    assert answer.answer["code"] == "lk_ac_code"


async def test_a_look_at_the_link_grants_nothing(world, browser, standing):
    await browser.send("HEAD", world.authorize())
    ahead = await browser.get(world.authorize(), headers={"Sec-Purpose": "prefetch;prerender"})
    assert ahead.status == 200
    assert births(world) == []


async def test_what_turns_at_that_very_moment_is_asked_for(world, browser, standing):
    world.neighbours.turns["tenant", world.tenants["acme"]] = 7
    page = await browser.get(world.authorize())
    assert page.status == 200
    assert ("decision", "authorize") in page.form(AUTHORIZE)["buttons"]
    assert await world.events("consent.granted") == []
    assert Seen(kind="tenant", key=world.tenants["acme"], turn=7) not in births(world)[0].turns


async def test_the_workspace_is_still_chosen(world, new_browser, standing):
    world.add_client(usable_in=("acme", "globex"))
    browser = await new_browser(world)
    await browser.sign_in("rita@acme.test")
    picker = await browser.get(world.authorize())
    assert picker.texts("h1") == ["Choose a workspace"]
    chosen = await browser.submit(picker, AUTHORIZE, tenant="globex")
    assert (await browser.get(chosen.location)).answer["code"] == "lk_ac_code"
    assert births(world)[0].tenant == world.tenants["globex"]


def assert_error(page, code, issuer):
    assert page.status == 303
    assert (page.answer["error"], page.answer["state"], page.answer["iss"]) == (code, "s1", issuer)


async def test_without_a_page_an_app_is_told_that_somebody_has_to_sign_in(world, browser, issuer):
    assert_error(await browser.get(world.authorize(prompt="none")), "login_required", issuer)


async def test_without_a_page_an_app_is_told_that_the_user_has_to_choose(world, browser, issuer):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in("rita@acme.test")
    assert_error(await browser.get(world.authorize(prompt="none")), "interaction_required", issuer)


@pytest.mark.parametrize("client_type", ["confidential", "public"])
async def test_without_a_page_an_app_is_told_that_the_user_has_to_be_asked(
    world, browser, standing, issuer, client_type
):
    world.add_client(client_type=client_type)
    if client_type == "confidential":
        world.neighbours.standing = None
    assert_error(await browser.get(world.authorize(prompt="none")), "consent_required", issuer)
    assert births(world) == []


async def test_without_a_page_an_app_is_told_that_the_role_does_not_allow_it(world, browser, standing, issuer):
    world.neighbours.resolution = Resolution(refusal="nothing")
    assert_error(await browser.get(world.authorize(prompt="none")), "access_denied", issuer)


async def test_without_a_page_what_stands_is_answered(world, browser, standing):
    assert (await browser.get(world.authorize(prompt="none"))).answer["code"] == "lk_ac_code"


async def test_without_a_page_but_with_one_is_a_mistake(world, browser, standing, issuer):
    assert_error(await browser.get(world.authorize(prompt="none consent")), "invalid_request", issuer)
