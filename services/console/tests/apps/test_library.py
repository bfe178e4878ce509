"""The App Center's library."""

import msgspec
import pytest


def said_of(page, name):
    """What stands behind an app's name, in its row or card."""
    behind = page.text.partition(f"<bdi>{name}</bdi>")[2]
    for end in ("</li>", "</tr>"):
        behind = behind.partition(end)[0]
    return msgspec.structs.replace(page, text=behind).words


async def test_an_empty_library_says_what_an_app_is(browser, registry):
    page = await browser.get("/apps")
    assert page.status == 200
    assert "No apps yet" in page.words
    assert 'href="/apps/new"' in page.text


async def test_apps_are_shown_with_how_they_stand(browser, registry):
    registry.add("Sync")
    registry.add("Old", status="disabled")
    registry.add("Market", published=True)
    registry.add("Waiting", publishing={"state": "pending", "reason": "", "at": None})
    words = (await browser.get("/apps")).words
    assert "4 apps" in words
    assert all(word in words for word in ("Active", "Disabled", "Published", "In review"))


async def test_a_list_that_says_nothing_of_permissions_is_no_missing_setup(browser, registry):
    registry.add("Sync", permissions=None)
    assert "Not set up" not in (await browser.get("/apps")).words


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=syn", {"Nightly Sync"}),
        ("q=every%20night", {"Nightly Sync"}),
        ("type=public", {"Board"}),
        ("status=disabled", {"Old"}),
        ("status=published", {"Board"}),
        ("type=confidential&status=active", {"Nightly Sync"}),
        ("q=nothing-is-called-so", set()),
    ],
)
@pytest.mark.parametrize("kind", ["", "oauth-clients"])
async def test_filters_stand_in_the_address(browser, registry, query, shown, kind):
    registry.add("Nightly Sync", description="Every night")
    registry.add("Board", type="public", secrets=[], published=True)
    registry.add("Old", status="disabled")
    page = await browser.get(f"/apps?kind={kind}&{query}")
    names = {app["name"] for app in registry.apps.values() if f"<bdi>{app['name']}</bdi>" in page.text}
    assert names == shown
    assert ("Nothing matches" in page.words) == (not shown)


async def test_a_filter_that_there_is_not_is_refused(browser, registry):
    assert (await browser.get("/apps?status=lost")).status == 400


async def test_the_newest_change_comes_first_and_the_rest_on_further_pages(browser, registry):
    for number in range(60):
        registry.add(f"App {number:02}", updated_at=f"2026-11-22T12:{number:02}:00Z")
    first, second = await browser.get("/apps"), await browser.get("/apps?page=2")
    assert first.text.index("App 59") < first.text.index("App 58")
    assert "page=2" in first.text
    assert "App 09" not in first.text
    assert "App 09" in second.text
    assert "page=1" in second.text


async def test_markup_and_turned_text_in_names_stay_text(browser, registry):
    registry.add("<b>Bold</b>\u202egnp.exe", description="<script>alert(1)</script>")
    page = await browser.get("/apps")
    assert "&lt;b&gt;Bold&lt;/b&gt;gnp.exe" in page.text
    assert "\u202e" not in page.text
    assert "<script>alert" not in page.text


async def test_who_may_only_look_gets_no_button_to_make_one(browser, registry, house):
    house.give({"oauthclient": ["view"]})
    page = await browser.get("/apps")
    assert "+ New app" not in page.words
    assert "Your role lets you look at apps, not make them." in page.words


async def test_a_role_without_the_right_to_view_is_told_so(browser, house):
    house.refuse("client-registry", "GET", "/v1/oauth-clients", 403, "not_allowed")
    page = await browser.get("/apps")
    assert page.status == 403
    assert "Your role does not show the apps of this workspace" in page.words


async def test_a_registry_that_is_away_is_an_error_page_to_try_again(browser, house):
    house.away.add("client-registry")
    page = await browser.get("/apps?q=a%20b")
    assert page.status == 503
    assert '<a class="button" href="/apps?q=a%20b">Try again</a>' in page.text


async def test_without_labs_the_section_says_so_and_what_is_there_stays(browser, registry):
    registry.labs = False
    page = await browser.get("/apps")
    assert page.status == 200
    assert "Not switched on for this workspace" in page.words
    assert "+ New app" not in page.words
    registry.add("Sync")
    assert "<bdi>Sync</bdi>" in (await browser.get("/apps")).text
    for path in ("/apps/new", "/apps/new/oauth-client"):
        page = await browser.get(path)
        assert (page.status, "Not switched on for this workspace" in page.words) == (403, True)


@pytest.mark.parametrize("kind", ["", "oauth-clients"])
async def test_each_app_says_how_much_it_is_used_and_all_are_asked_for_at_once(browser, registry, house, kind):
    used = {
        "Sync": {"living": 12, "last_used_at": "2026-11-22T11:57:00Z"},
        "Once": {"living": 1, "last_used_at": "2026-11-21T08:00:00Z"},
        "Everywhere": {"living": 200, "last_used_at": "2026-11-22T11:59:00Z", "more": True},
        "Untold": {"living": 0, "more": True},
        "Idle": {},
    }
    registry.uses = {registry.add(name)["id"]: use for name, use in used.items()}
    page = await browser.get(f"/apps?kind={kind}")
    for name, words in {
        "Sync": "12 connections · used 22 Nov 2026, 11:57 UTC",
        "Once": "one connection · used 21 Nov 2026, 08:00 UTC",
        "Everywhere": "200+ connections · used 22 Nov 2026, 11:59 UTC or later",
        "Idle": "not connected",
    }.items():
        assert words in said_of(page, name)
    assert "onnect" not in said_of(page, "Untold")
    (sent,) = house.asked("token", "GET", ".*")
    assert set(sent.params["clients"].split(",")) == set(registry.apps)
    assert '<time data-ago datetime="2026-11-22T11:57:00Z">' in page.text


async def test_only_the_apps_that_are_shown_are_asked_for(browser, registry, house):
    shown = registry.add("Sync")
    registry.add("Board")
    await browser.get("/apps?q=sync")
    (sent,) = house.asked("token", "GET", ".*")
    assert sent.params == {"clients": shown["id"]}
    await browser.get("/apps?q=nothing")
    assert len(house.asked("token", "GET", ".*")) == 1


@pytest.mark.parametrize("kind", ["", "oauth-clients"])
async def test_without_the_token_service_or_the_right_the_library_is_shown_without_numbers(
    browser, registry, house, kind
):
    registry.uses = {registry.add("Sync")["id"]: {"living": 12}}

    async def shown():
        page = await browser.get(f"/apps?kind={kind}")
        assert page.status == 200
        return said_of(page, "Sync")

    assert "12 connections" in await shown()
    house.away.add("token")
    assert "onnect" not in await shown()
    house.away.clear()
    house.refuse("token", "GET", "/v1/connections/summary", 403, "not_allowed")
    assert "onnect" not in await shown()
    asked = len(house.asked("token", "GET", ".*"))
    house.give({"oauthclient": ["view"]})
    assert "onnect" not in await shown()
    assert len(house.asked("token", "GET", ".*")) == asked
