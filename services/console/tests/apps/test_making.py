"""Making an OAuth client."""

import pytest

NEW = "/apps/new/oauth-client"
CLIENTS = "/v1/oauth-clients"


def filled(page, **typed):
    """The form as it came, with what somebody types."""
    fields = [(name, value) for name, value in page.form("/apps") if name not in typed]
    for name, value in typed.items():
        fields += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return fields


@pytest.mark.parametrize(("preset", "name"), [("claude", "Claude"), ("chatgpt", "ChatGPT"), ("custom", "")])
async def test_a_preset_fills_the_form(browser, preset, name):
    fields = dict((await browser.get(f"{NEW}?preset={preset}")).form("/apps"))
    assert (fields["preset"], fields["name"], fields["type"]) == (preset, name, "confidential")
    assert fields["once"]


async def test_a_preset_that_there_is_not_is_none(browser):
    assert dict((await browser.get(f"{NEW}?preset=evil")).form("/apps"))["preset"] == "custom"


async def test_a_new_client_is_shown_with_its_secret_this_once(browser, registry, house):
    form = await browser.get(NEW)
    typed = filled(form, name=" Sync ", redirect_uris=["https://a.example/cb", "", "https://b.example/cb"])
    page = await browser.post("/apps", typed)
    assert page.status == 200
    (sent,) = house.asked("client-registry", "POST", CLIENTS)
    assert (sent.body["name"], sent.body["redirect_uris"]) == ("Sync", ["https://a.example/cb", "https://b.example/cb"])
    (made,) = registry.apps.values()
    assert page.text.count("lk_cs_") == 1
    assert "Store its secret now" in page.words
    assert "Store the secret, before you save" in page.words
    assert page.headers["Cache-Control"] == "no-store"
    again = await browser.get(f"/apps/{made['id']}")
    assert "lk_cs_" not in again.text
    assert "Store the secret, before you save" not in again.words
    assert f"…{made['secrets'][0]['ending']}" in again.words


async def test_a_new_client_has_what_its_preset_has_unless_somebody_says_otherwise(browser, registry, house):
    form = await browser.get(NEW)
    assert '<details class="advanced" id="advanced">' in form.text
    await browser.post("/apps", filled(form, name="Sync"))
    (sent,) = house.asked("client-registry", "POST", CLIENTS)
    assert (
        not {"retry_window", "refresh_token_lifetime", "connection_lifetime", "client_credentials"} & sent.body.keys()
    )


async def test_advanced_settings_are_made_with_the_client(browser, registry, house):
    form = await browser.get(f"{NEW}?preset=claude")
    advanced = {
        "refresh_token_lifetime": "30", "connection_lifetime": "12", "connection_lifetime_unit": "hours",
        "retry_window": "0", "client_credentials": "on",
    }  # fmt: skip
    await browser.post("/apps", filled(form, **advanced))
    await browser.post("/apps", filled(await browser.get(NEW), name="Board", type="public", **advanced))
    wanted = {"refresh_token_lifetime": 30 * 86_400, "connection_lifetime": 12 * 3600, "retry_window": 0}
    first, second = [sent.body for sent in house.asked("client-registry", "POST", CLIENTS)]
    assert {name: first.get(name) for name in advanced if not name.endswith("_unit")} == wanted | {
        "client_credentials": True
    }
    assert {name: second.get(name) for name in wanted} == wanted
    assert "client_credentials" not in second  # the field is hidden for it


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"retry_window": "61"}, "From 0 to 60 seconds, as a whole number."),
        ({"connection_lifetime": "a day"}, "From a minute to ten years, as a whole number; or leave it empty."),
    ],
)
async def test_advanced_settings_that_cannot_be_are_said_beside_them_and_nothing_is_made(browser, house, typed, reason):
    page = await browser.post("/apps", filled(await browser.get(NEW), name="Sync", **typed))
    assert (page.status, house.asked("client-registry", "POST", CLIENTS)) == (400, [])
    assert page.words.count(reason) == 1
    assert '<details class="advanced" id="advanced" open>' in page.text
    assert set(typed.items()) <= set(page.form("/apps"))
    assert dict(page.form("/apps"))["name"] == "Sync"


async def test_the_same_form_twice_makes_one_client(browser, registry):
    typed = filled(await browser.get(NEW), name="Sync", redirect_uris="https://a.example/cb")
    await browser.post("/apps", typed)
    second = await browser.post("/apps", typed)
    assert len(registry.apps) == 1
    assert second.status == 200
    assert "lk_cs_" not in second.text
    assert "This app was made a moment ago." in second.words


async def test_each_form_makes_a_client_of_its_own(browser):
    first, second = await browser.get(NEW), await browser.get(NEW)
    assert dict(first.form("/apps"))["once"] != dict(second.form("/apps"))["once"]


async def test_what_is_wrong_stands_beside_its_row_and_what_was_typed_stays(browser, registry):
    typed = filled(
        await browser.get(NEW),
        name="My sync",
        description="Every night",
        redirect_uris=["https://a.example/cb", "http://b.example/#x"],
    )
    page = await browser.post("/apps", typed)
    assert page.status == 400
    assert registry.apps == {}
    assert "Nothing was made yet. What is wrong stands beside the fields." in page.words
    row = page.text[page.text.index('id="redirect-1"') :]
    assert 'aria-invalid="true"' in row[:700]
    assert "A redirect URL has no fragment (#)." in row[:1500]
    fields = page.form("/apps")
    assert ("name", "My sync") in fields
    assert ("description", "Every night") in fields
    assert ("redirect_uris", "http://b.example/#x") in fields
    assert dict(fields)["once"] == dict(typed)["once"]


@pytest.mark.parametrize(("row", "left"), [("add", ["https://a", "https://b", ""]), ("0", ["https://b", ""])])
async def test_rows_come_and_go_without_script(browser, registry, row, left):
    typed = filled(await browser.get(NEW), name="Sync", redirect_uris=["https://a", "https://b"])
    page = await browser.post("/apps", [*typed, ("row", row)])
    assert page.status == 200
    assert [value for name, value in page.form("/apps") if name == "redirect_uris"][: len(left)] == left
    assert registry.apps == {}


async def test_without_labs_the_page_says_who_switches_it_on(browser, house, registry):
    house.refuse("client-registry", "POST", CLIENTS, 403, "labs_off")
    page = await browser.post("/apps", filled(await browser.get(NEW), name="Sync"))
    assert page.status == 403
    assert "Not switched on for this workspace" in page.words


async def test_a_form_of_another_session_makes_nothing(browser, registry):
    page = await browser.post("/apps", {"csrf": "stale", "name": "Sync"})
    assert page.status == 403
    assert "This page is no longer valid." in page.words
    assert registry.apps == {}


async def test_a_form_of_another_site_makes_nothing(browser, registry):
    typed = filled(await browser.get(NEW), name="Sync")
    page = await browser.post("/apps", typed, **{"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403
    assert registry.apps == {}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://app.example/cb", ""),
        ("http://127.0.0.1/cb", ""),
        ("", ""),
        ("https://*.example/cb", "wildcards are not supported"),
        ("http://app.example/cb", "A redirect URL is https"),
    ],
)
async def test_a_redirect_url_is_checked_while_it_is_typed(browser, url, reason):
    page = await browser.get(f"/apps/redirect-url?redirect_uris={url}")
    assert page.status == 200
    assert reason in page.words
    assert bool(page.words) == bool(reason)
