"""A consent form is sent twice, by a double click, a reload or a browser that tries again: it counts once."""

import asyncio
import contextlib
import datetime as dt
import sys

import aiohttp
import msgspec
import pytest

from latchkey_contracts.requests.console import StandingGrant
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, Resolution
from latchkey_embedded import free_port
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually

AUTHORIZE = "/oauth/authorize"
SAM = "sam@acme.test"
LINES = (
    ConsentLine(title="Company", sentence="View and update companies", words=("company:view", "company:update")),
    ConsentLine(title="Task", sentence="View tasks", words=("task:view",)),
)


@pytest.fixture
async def consent(world, browser):
    """Sam before the consent page."""
    await browser.sign_in(SAM)
    return await browser.get(world.authorize())


def asked(world):
    """What the token service was asked for, without what was seen meanwhile; in a set, each once."""
    births = world.neighbours.all(GrantsCreate)
    return [msgspec.structs.replace(one, client_revision=0, client_turn=0, turns=()) for one in births]


async def connections(world):
    return [msgspec.json.decode(event.data)["connection"] for event in await world.events("consent.granted")]


async def test_five_at_once_are_one_attempt_and_told_once(world, browser, consent):
    answers = await asyncio.gather(*(browser.submit(consent, AUTHORIZE, decision="authorize") for _ in range(5)))
    assert {answer.location for answer in answers} == {answers[0].location}
    assert len(asked(world)) == 5
    (attempt,) = {one.attempt for one in asked(world)}
    assert attempt is not None
    assert len(set(asked(world))) == 1
    [event] = await world.events("consent.granted")
    assert [event.id] == await connections(world)


async def test_each_page_that_is_shown_is_a_form_of_its_own(world, browser, consent):
    again = await browser.get(world.authorize())
    for page in (consent, again):
        await browser.submit(page, AUTHORIZE, decision="authorize")
    assert len({one.attempt for one in asked(world)}) == 2
    assert len(set(await connections(world))) == 2


async def test_the_same_page_in_two_sessions_is_two_attempts(world, browser, new_browser, consent):
    await browser.submit(consent, AUTHORIZE, decision="authorize")
    other = await new_browser(world)
    await other.sign_in(SAM)
    await other.submit(await other.get(world.authorize()), AUTHORIZE, decision="authorize")
    assert len({one.attempt for one in asked(world)}) == 2


async def test_nobody_answers_the_form_of_another_session(world, new_browser, consent):
    other = await new_browser(world)
    await other.sign_in(SAM)
    own = await other.get(world.authorize())
    theirs = consent.form(AUTHORIZE)["fields"]
    for taken in ("form", "csrf"):
        answer = await other.submit(own, AUTHORIZE, decision="authorize", **{taken: theirs[taken]})
        assert answer.status == 403
    assert (await other.submit(consent, AUTHORIZE, decision="authorize")).status == 403
    assert asked(world) == []


@pytest.mark.parametrize("form", ["", "x", "0" * 32, "漢"])
@pytest.mark.parametrize("decision", ["authorize", "cancel"])
async def test_a_form_that_we_did_not_number_does_nothing(world, browser, consent, form, decision):
    answer = await browser.submit(consent, AUTHORIZE, decision=decision, form=form)
    assert answer.status == 403
    assert answer.texts("h1") == ["This page is no longer valid."]
    assert asked(world) == []
    assert await world.events("consent.cancelled") == []


async def test_one_form_for_two_workspaces_makes_two_attempts(world, browser):
    world.add_client(usable_in=("acme", "globex"))
    await browser.sign_in("rita@acme.test")
    page = await browser.get(world.authorize(tenant="acme"))
    for tenant in ("acme", "globex"):
        await browser.submit(page, AUTHORIZE, decision="authorize", tenant=tenant)
    assert [one.tenant for one in asked(world)] == [world.tenants["acme"], world.tenants["globex"]]
    assert len(set(await connections(world))) == 2


@pytest.mark.parametrize(
    "changed", [{"redirect_uri": "http://127.0.0.1:4711/callback"}, {"state": "s2"}, {"scope": "company:view"}]
)
async def test_one_form_for_two_requests_makes_two_attempts(world, browser, consent, changed):
    fields = [*consent.form(AUTHORIZE)["fields"].items(), ("decision", "authorize")]
    for path in (world.authorize(), world.authorize(**changed)):
        assert (await browser.post(path, fields)).answer["code"]
    assert len({one.attempt for one in asked(world)}) == 2
    assert len(set(await connections(world))) == 2


async def test_one_form_with_two_choices_makes_two_attempts(world, browser):
    world.add_client(narrowing=True)
    words = tuple(word for line in LINES for word in line.words)
    world.neighbours.resolution = Resolution(document="d" * 64, scope=words, lines=LINES)
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    for boxes in (words, words[:1], words):
        await browser.submit(page, AUTHORIZE, boxes=boxes, decision="authorize")
    assert [one.scope for one in asked(world)] == [words, words[:1], words]
    assert len(set(asked(world))) == 2
    assert len(await connections(world)) == 2


async def test_a_preset_shows_a_form_of_its_own(world, browser):
    world.add_client(narrowing=True)
    words = tuple(word for line in LINES for word in line.words)
    world.neighbours.resolution = Resolution(document="d" * 64, scope=words, lines=LINES)
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize())
    first, second = [await browser.submit(page, AUTHORIZE, preset="read") for _ in range(2)]
    assert len({shown.form(AUTHORIZE)["fields"]["form"] for shown in (page, first, second)}) == 3
    assert (await browser.submit(second, AUTHORIZE, decision="authorize")).answer["code"] == "lk_ac_code"
    assert [one.scope for one in asked(world)] == [("company:view", "task:view")]


async def test_after_the_app_has_used_the_code_a_page_says_so_and_leads_on(world, browser, consent):
    await browser.submit(consent, AUTHORIZE, decision="authorize")
    [world.neighbours.used.add(one) for one in await connections(world)]
    page = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert page.status == 409
    assert page.texts("h1") == ["You have already allowed Acme Sync here."]
    assert "Go back to the app." in page.texts("p")
    links = [link["href"] for link in page.attributes("a")]
    assert links[:2] == ["https://app.example/", "/profile/applications"]
    assert links[2] == world.authorize()
    assert "lk_ac" not in page.text
    assert len(await connections(world)) == 1
    again = await browser.get(links[2])
    assert (await browser.submit(again, AUTHORIZE, decision="authorize")).answer["code"] == "lk_ac_code"
    assert len(await connections(world)) == 2


@pytest.mark.parametrize("redirect_uri", ["http://127.0.0.1:4711/callback", "cursor://callback"])
async def test_a_program_has_no_site_to_go_back_to(world, browser, redirect_uri):
    world.add_client(redirect_uris=("http://127.0.0.1/callback", "cursor://callback"))
    await browser.sign_in(SAM)
    page = await browser.get(world.authorize(redirect_uri=redirect_uri))
    await browser.submit(page, AUTHORIZE, decision="authorize")
    [world.neighbours.used.add(one) for one in await connections(world)]
    page = await browser.submit(page, AUTHORIZE, decision="authorize")
    assert page.attributes("a")[0]["href"] == "/profile/applications"


@pytest.mark.parametrize("order", [("authorize", "cancel"), ("cancel", "authorize")])
async def test_a_form_that_is_answered_in_two_ways_does_both(world, browser, consent, order):
    answers = [(await browser.submit(consent, AUTHORIZE, decision=decision)).answer for decision in order]
    assert [answer.get("code", answer.get("error")) for answer in answers] == [
        {"authorize": "lk_ac_code", "cancel": "access_denied"}[decision] for decision in order
    ]
    assert len(await world.events("consent.granted")) == 1
    assert len(await world.events("consent.cancelled")) == 1


async def test_what_nobody_was_asked_for_is_one_by_itself_each_time(world, browser, issuer):
    world.neighbours.standing = StandingGrant(
        document=world.neighbours.resolution.document,
        resources=(f"{issuer}/v1", f"{issuer}/v1/mcp"),
        connected_at=dt.datetime(2026, 10, 2, tzinfo=dt.UTC),
    )
    await browser.sign_in(SAM)
    for _ in range(2):
        assert (await browser.get(world.authorize())).answer["code"] == "lk_ac_code"
    assert [one.attempt for one in asked(world)] == [None, None]
    assert len(set(await connections(world))) == 2


@pytest.fixture
async def second(world, browser):
    """Another instance of the service, as a process: the same browser there, and the process."""
    ports = {name: free_port() for name in ("port", "internal_port", "admin_port")}
    settings = msgspec.structs.replace(world.served.settings, **ports)
    given = {name.upper(): _text(value) for name, value in msgspec.structs.asdict(settings).items()}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "latchkey_auth", "serve", env=given, stdout=asyncio.subprocess.DEVNULL
    )

    async def ready():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", settings.port)
            writer.close()
            return True

    try:
        await eventually(ready)
        yield type(browser)(browser.session, f"http://127.0.0.1:{settings.port}"), child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _text(value):
    if isinstance(value, Secret):
        return value.reveal()
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def test_whoever_dies_between_birth_and_event_leaves_it_to_the_next_try(world, browser, consent, second):
    there, child = second

    async def die():
        child.kill()
        await child.wait()

    world.neighbours.before[GrantsCreate] = die
    with pytest.raises(aiohttp.ClientError):
        await there.submit(consent, AUTHORIZE, decision="authorize")
    assert await world.events("consent.granted") == []
    await eventually(lambda: world.neighbours.born)
    for _ in range(2):
        assert (await browser.submit(consent, AUTHORIZE, decision="authorize")).answer["code"] == "lk_ac_code"
    assert len(set(asked(world))) == 1
    assert await connections(world) == list(world.neighbours.born.values())
