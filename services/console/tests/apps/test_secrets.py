"""New secrets, and the end of one."""

import pytest


@pytest.fixture
def one(app):
    return f"/apps/{app['id']}"


async def sent(browser, one, action, **typed):
    """Open the page and send one of its forms."""
    fields = [pair for pair in (await browser.get(one)).form(one + action) if pair[0] not in typed]
    return await browser.post(one + action, [*fields, *typed.items()])


@pytest.mark.parametrize(("chosen", "body"), [("86400", {"overlap_seconds": 86400}), ("", {})])
async def test_a_second_secret_overlaps_as_chosen_and_is_shown_this_once(browser, one, house, chosen, body):
    page = await sent(browser, one, "/secrets", overlap=chosen)
    assert page.status == 200
    assert page.text.count("lk_cs_") == 1
    assert house.asked("client-registry", "POST", ".*/secrets")[0].body == body
    later = await browser.get(one)
    assert "lk_cs_" not in later.text
    assert "End now" in later.words
    assert "Add second secret" not in later.words


async def test_an_overlap_that_is_not_offered_is_refused(browser, one, house):
    assert (await sent(browser, one, "/secrets", overlap="1")).status == 400
    assert house.asked("client-registry", "POST", ".*/secrets") == []


async def test_a_regenerated_secret_is_shown_this_once(browser, one, registry, app):
    before = app["secrets"][0]["ending"]
    page = await sent(browser, one, "/regenerate")
    assert page.status == 200
    assert page.text.count("lk_cs_") == 1
    assert registry.apps[app["id"]]["secrets"][0]["ending"] != before


async def test_the_same_click_twice_regenerates_once(browser, one, house):
    fields = (await browser.get(one)).form(f"{one}/regenerate")
    await browser.post(f"{one}/regenerate", fields)
    second = await browser.post(f"{one}/regenerate", fields)
    assert second.status == 409
    assert "The secrets were changed meanwhile." in second.words
    assert "lk_cs_" not in second.text
    assert len(house.asked("client-registry", "POST", ".*/regenerate")) == 1


async def test_a_new_secret_lets_the_open_form_be_saved(browser, one, registry, app):
    """The revision moves with the secret; the form that was opened before it is to go on with the new one."""
    page = await sent(browser, one, "/regenerate")
    assert ("revision", str(registry.apps[app["id"]]["revision"])) in page.form(one)


async def test_a_new_secret_hides_no_change_of_somebody_else(browser, one, registry, app):
    opened = await browser.get(one)
    registry.apps[app["id"]] |= {"name": "Theirs", "revision": 2}
    page = await browser.post(f"{one}/regenerate", opened.form(f"{one}/regenerate"))
    assert ("revision", "1") in page.form(one)


async def test_one_of_two_secrets_can_be_ended(browser, one, registry, app):
    await sent(browser, one, "/secrets", overlap="")
    first = registry.apps[app["id"]]["secrets"][0]["id"]
    page = await sent(browser, one, f"/secrets/{first}/retire")
    assert page.query["said"] == "secret_retired"
    assert [secret["id"] for secret in registry.apps[app["id"]]["secrets"]] != [first]


async def test_the_last_secret_cannot_be_ended(browser, one, app):
    page = await browser.post(f"{one}/secrets/{app['secrets'][0]['id']}/retire")
    assert page.status == 409
    assert "This is the last secret." in page.words


async def test_a_public_client_has_no_secrets_to_make(browser, registry):
    client = registry.add("Spa", type="public", secrets=[])
    page = await browser.get(f"/apps/{client['id']}")
    assert "A public client has no secret" in page.words
    assert "regenerate" not in page.text.lower()
