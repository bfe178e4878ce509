"""Disable, enable, delete, publish a client; its picture."""

import aiohttp
import pytest

from latchkey_kit.web.problems import Document


@pytest.fixture
def one(app):
    return f"/apps/{app['id']}"


async def test_disable_and_enable(browser, one, registry, app):
    page = await browser.post(f"{one}/disable")
    assert page.query["said"] == "disabled"
    assert "This app is disabled" in (await browser.get(one)).words
    assert (await browser.post(f"{one}/enable")).query["said"] == "enabled"
    assert registry.apps[app["id"]]["status"] == "active"


async def test_delete_needs_the_name(browser, one, registry):
    page = await browser.post(f"{one}/delete", {"typed_name": "Sink"})
    assert page.status == 400
    assert "The app was not deleted" in page.words
    assert len(registry.apps) == 1
    gone = await browser.post(f"{one}/delete", {"typed_name": "Sync"})
    assert gone.where == "/apps?said=deleted"
    assert registry.apps == {}


async def test_publication_is_asked_for_and_withdrawn(browser, one, house):
    page = await browser.post(f"{one}/publish", {"note": " For sales teams "})
    assert page.query["said"] == "publication_requested"
    assert house.asked("client-registry", "POST", ".*/publish")[0].body == {"note": "For sales teams"}
    assert "In review" in (await browser.get(one)).words
    assert (await browser.post(f"{one}/publish/withdraw")).query["said"] == "publication_withdrawn"
    assert "In review" not in (await browser.get(one)).words


async def test_a_refused_note_stays_in_its_field(browser, one, house, registry):
    house.refuse("client-registry", "POST", ".*/publish", 400, "invalid_request", note="Too long.")
    page = await browser.post(f"{one}/publish", {"note": "My note"})
    assert page.status == 400
    assert "Too long." in page.words
    assert (("note", "My note")) in page.form(f"{one}/publish")


async def test_a_rejection_says_why(browser, registry):
    client = registry.add("Old", publishing={"state": "rejected", "reason": "Say what it does.", "at": None})
    words = (await browser.get(f"/apps/{client['id']}")).words
    assert "The last request was rejected." in words
    assert "Say what it does." in words


async def test_a_published_app_says_what_is_fixed_and_can_be_withdrawn(browser, registry):
    client = registry.add("Market", published=True, publishing={"state": "approved", "reason": "", "at": None})
    page = await browser.get(f"/apps/{client['id']}")
    assert "Withdraw Market from other workspaces?" in page.words
    assert "Staff have reviewed its name, description and redirect URLs" in page.words


async def test_a_picture_goes_to_its_owner_as_it_is(browser, one, house, http, console):
    form = aiohttp.FormData({"csrf": "csrf-token", "workspace": "acme"})
    form.add_field("logo", b"\x89PNG-bytes", filename="logo.png", content_type="image/png")
    async with http.post(
        f"{console.public_url}{one}/logo", data=form, cookies=browser.cookies, allow_redirects=False
    ) as got:
        assert got.headers["Location"].endswith("said=logo_saved")
    assert house.asked("client-registry", "PUT", ".*/logo")[0].body == b"\x89PNG-bytes"


async def test_a_picture_lets_the_open_form_be_saved_but_hides_no_change_of_somebody_else(browser, one, registry, app):
    opened = await browser.get(one)
    fields = opened.form(f"{one}/logo/remove")
    page = await browser.post(f"{one}/logo/remove", fields, **{"HX-Request": "true"})
    assert ("revision", "2") in page.form(one)
    assert 'data-said="The logo is removed."' in page.text
    registry.apps[app["id"]]["revision"] = 3
    page = await browser.post(f"{one}/logo/remove", fields, **{"HX-Request": "true"})
    assert ("revision", "1") in page.form(one)


@pytest.mark.parametrize(("size", "words"), [(0, "Choose a picture first."), (524_289, "larger than 512 kB")])
async def test_a_picture_that_is_none_or_too_large_goes_nowhere(browser, one, house, http, console, size, words):
    form = aiohttp.FormData({"csrf": "csrf-token", "workspace": "acme"})
    form.add_field("logo", b"x" * size, filename="logo.png", content_type="image/png")
    async with http.post(f"{console.public_url}{one}/logo", data=form, cookies=browser.cookies) as got:
        assert got.status == 400
        assert words in await got.text()
    assert house.asked("client-registry", "PUT", ".*/logo") == []


async def test_what_is_no_picture_is_said_beside_the_field(browser, one, house, http, console):
    no = Document(status=400, title="This is no picture.", code="not_an_image", detail="Send PNG, JPEG, WebP or GIF.")
    house.on("client-registry", "PUT", ".*/logo", no)
    form = aiohttp.FormData({"csrf": "csrf-token", "workspace": "acme"})
    form.add_field("logo", b"<svg/>", filename="logo.svg", content_type="image/svg+xml")
    async with http.post(f"{console.public_url}{one}/logo", data=form, cookies=browser.cookies) as got:
        assert got.status == 400
        assert "Send PNG, JPEG, WebP or GIF." in await got.text()


async def test_a_logo_is_shown_and_removed(browser, registry):
    client = registry.add("Nice", logo="/logos/1/abc.png")
    path = f"/apps/{client['id']}"
    assert '<img class="logo large" src="/logos/1/abc.png" alt=""' in (await browser.get(path)).text
    assert (await browser.post(f"{path}/logo/remove")).query["said"] == "logo_removed"
    assert "<img" not in (await browser.get(path)).text
