"""Saving the form of a client."""

import pytest

from latchkey_kit.web.problems import Document


@pytest.fixture
def one(app):
    return f"/apps/{app['id']}"


@pytest.fixture
def save(browser, one):
    """Open the page, type something, and save: the answer. ``form`` is a page that was opened before."""

    async def save(form=None, tab="general", headers=None, **typed):
        page = form or await browser.get(f"{one}?tab={tab}")
        fields = [(name, value) for name, value in page.form(one) if name not in typed]
        for name, value in typed.items():
            fields += [(name, item) for item in ([value] if isinstance(value, str) else value)]
        return await browser.post(one, fields, **(headers or {}))

    return save


def patches(house):
    return [sent.body for sent in house.asked("client-registry", "PATCH", "/v1/oauth-clients/.*")]


async def test_only_what_was_changed_is_sent_and_over_the_revision_that_was_shown(save, house, one):
    page = await save(name="Sync 2")
    assert (page.status, page.where) == (303, f"{one}?tab=general&said=saved")
    (sent,) = house.asked("client-registry", "PATCH", "/v1/oauth-clients/.*")
    assert sent.body == {"name": "Sync 2"}
    assert sent.headers["If-Match"] == '"1"'
    assert sent.actor == "assertion-for-client-registry"


async def test_who_saves_what_was_lacking_reads_what_comes_next(browser, registry):
    client = registry.add("Draft", redirect_uris=[])
    path = f"/apps/{client['id']}"
    fields = [pair for pair in (await browser.get(path)).form(path) if pair[0] != "redirect_uris"]
    saved = await browser.post(path, [*fields, ("redirect_uris", "https://a.example/cb")])
    assert saved.query["said"] == "ready"
    assert "People can connect this app now: Quick start" in (await browser.get(saved.where)).words


async def test_nothing_changed_is_nothing_sent(save, house):
    page = await save()
    assert page.query["said"] == "nothing_changed"
    assert patches(house) == []


async def test_redirect_urls_are_rows_and_an_empty_row_is_none(save, house):
    await save(redirect_uris=["https://app.example/callback", "", "http://localhost/cb"])
    assert patches(house) == [{"redirect_uris": ["https://app.example/callback", "http://localhost/cb"]}]


async def test_a_public_client_is_asked_for_no_proof(save, house):
    await save(type="public", proof="secret")
    assert patches(house) == [{"type": "public"}]


async def test_a_client_that_becomes_confidential_shows_its_secret(browser, registry, house):
    client = registry.add("Spa", type="public", secrets=[])
    path = f"/apps/{client['id']}"
    fields = [pair for pair in (await browser.get(path)).form(path) if pair[0] != "type"]
    page = await browser.post(path, [*fields, ("type", "confidential")])
    assert page.status == 200
    assert "Store the new secret now" in page.words
    assert "lk_cs_" in page.text


async def test_what_is_refused_is_shown_beside_the_field_as_it_was_typed(save, registry, app):
    page = await save(name="Typed", redirect_uris=["https://app.example/callback", "ftp://x"])
    assert page.status == 400
    assert "What is wrong stands beside the fields." in page.words
    assert 'id="redirect-1-problem" aria-live="polite">A redirect URL is https' in page.text
    assert 'value="Typed"' in page.text
    assert registry.apps[app["id"]]["name"] == "Sync"


async def test_what_is_wrong_on_another_tab_opens_it(save):
    page = await save(tab="permissions", name="")
    assert page.status == 400
    assert ("tab", "general") in page.form(page.text.split('<form id="client" method="post" action="')[1].split('"')[0])


async def test_who_saves_over_anothers_change_sees_both_first(browser, save, registry, app, one):
    opened = await browser.get(one)
    registry.apps[app["id"]] |= {"name": "Theirs", "revision": 2, "updated_by": "a" * 32}
    page = await save(opened, description="Mine")
    assert page.status == 412
    assert "Ana changed this app meanwhile" in page.words
    assert "Theirs" in page.words
    assert registry.apps[app["id"]]["description"] == ""
    kept = await save(page)
    assert kept.query["said"] == "saved"
    assert (registry.apps[app["id"]]["name"], registry.apps[app["id"]]["description"]) == ("Sync", "Mine")


async def test_ones_own_other_tab_is_named_as_that(browser, save, registry, app, one):
    opened = await browser.get(one)
    registry.apps[app["id"]] |= {"name": "Theirs", "revision": 2}
    assert "You changed this app in another place meanwhile" in (await save(opened, description="Mine")).words


async def test_a_change_in_the_very_moment_of_saving_is_not_lost(house, save, app, registry):
    def meanwhile(_sent):
        registry.apps[app["id"]] |= {"name": "Theirs", "revision": 2}
        return Document(status=412, title="Changed meanwhile.", code="changed_meanwhile")

    house.on("client-registry", "PATCH", "/v1/oauth-clients/.*", meanwhile)
    page = await save(description="Mine")
    assert page.status == 412
    assert "Theirs" in page.words


async def test_the_same_form_twice_saves_once(browser, save, one, house):
    opened = await browser.get(one)
    await save(opened, name="Twice")
    second = await save(opened, name="Twice")
    assert second.query["said"] == "nothing_changed"
    assert len(patches(house)) == 1


async def test_htmx_is_sent_to_the_page_as_it_is_now(save, one):
    page = await save(name="Sync 2", tab="permissions", headers={"HX-Request": "true"})
    assert (page.status, page.headers["HX-Redirect"]) == (200, f"{one}?tab=permissions&said=saved")


async def test_rows_come_and_go_without_script_and_save_nothing(save, house, browser, one):
    page = await save(row="add", name="Typed")
    assert page.status == 200
    assert [value for name, value in page.form(one) if name == "redirect_uris"][:2] == [
        "https://app.example/callback",
        "",
    ]
    assert ("name", "Typed") in page.form(one)
    assert patches(house) == []


async def test_an_owner_that_fails_loses_no_words_of_its_own(save, house):
    house.away.add("client-registry")
    page = await save(form=await _opened_before(save, house))
    assert page.status == 503


async def _opened_before(save, house):
    house.away.clear()
    page = await save(row="add")
    house.away.add("client-registry")
    return page


async def test_a_choice_that_is_not_offered_is_refused(save):
    assert (await save(type="magic")).status == 400


async def test_ten_kilobytes_of_a_name_come_back_as_an_error(save, registry, app):
    page = await save(name="x" * 10_240)
    assert page.status == 400
    assert "A name has 1 to 100 characters." in page.words
