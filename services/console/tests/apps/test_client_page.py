"""The page of a client."""

import pytest


@pytest.fixture
def show(browser, app):
    async def show(query="", **headers):
        return await browser.get(f"/apps/{app['id']}{query}", **headers)

    return show


@pytest.mark.parametrize("tab", ["general", "permissions", "connections", "audit", "nonsense"])
async def test_a_tab_has_an_address_and_the_others_are_hidden(show, tab):
    page = await show(f"?tab={tab}")
    open_tab = "general" if tab == "nonsense" else tab
    assert f'data-tab="{open_tab}" aria-current="page"' in page.text
    assert page.text.count("data-panel=") == 5
    assert page.text.count(" hidden>") - page.text.count('<button type="button" hidden') >= 3


async def test_the_client_id_is_there_on_every_tab(show, app):
    assert f'<code id="client-id">{app["client_id"]}</code>' in (await show("?tab=audit")).text


async def test_the_consequence_of_regenerating_is_a_number(show, registry):
    words = (await show()).words
    assert "Regenerate the secret of Sync?" in words
    assert "All its 3 connections end at once. 2 people are disconnected." in words


async def test_without_the_count_the_page_says_that_it_is_not_known(show, house):
    house.away.add("token")
    page = await show()
    assert page.status == 200
    assert "How many connections it has could not be told now" in page.words
    assert "not known now" in page.words


async def test_secrets_are_told_by_their_end_and_last_use(show, registry, app):
    registry.secrets_used = {app["secrets"][0]["id"]: "2026-11-20T08:15:00Z"}
    page = await show()
    assert f"…{app['secrets'][0]['ending']}" in page.words
    assert '<time datetime="2026-11-20T08:15:00Z">20 Nov 2026, 08:15 UTC</time>' in page.text


async def test_what_nobody_can_connect_without_is_listed(browser, registry):
    client = registry.add("Draft", redirect_uris=[], permissions={})
    words = (await browser.get(f"/apps/{client['id']}")).words
    assert "Nobody can connect yet" in words
    assert "Add a redirect URL" in words
    assert "Choose what it may do at most" in words


async def test_a_client_that_is_set_up_has_no_such_list(show):
    assert "Nobody can connect yet" not in (await show()).words


async def test_the_quick_start_has_the_addresses_and_this_client_s_own_id(show, app):
    text = (await show()).text
    assert "http://127.0.0.1:8080/v1/mcp" in text
    assert f"client_id={app['client_id']}" in text
    assert "https://chatgpt.com/connector/oauth/" in text
    assert "https://claude.ai/api/mcp/auth_callback" in text


async def test_a_redirect_url_cannot_leave_its_place_in_a_command(browser, registry):
    client = registry.add("Odd", redirect_uris=["https://a.example/'$(id)"])
    words = (await browser.get(f"/apps/{client['id']}")).words
    assert "redirect_uri=https%3A%2F%2Fa.example%2F%27%24%28id%29" in words
    assert """'redirect_uri=https://a.example/'"'"'$(id)'""" in words


async def test_who_may_only_look_can_change_nothing(show, house):
    house.give({"oauthclient": ["view"]})
    page = await show()
    assert "Your role lets you look at this app, not change it." in page.words
    assert "<fieldset disabled>" in page.text
    for verb in ("Save changes</button>\n</div>", "Regenerate secret", "Delete app", "Disable app", "Upload"):
        assert verb not in page.text.replace("tabindex", "")


async def test_the_log_of_an_app_is_no_part_of_the_page_for_who_may_not_read_it(show, browser, house, app):
    house.give({"oauthclient": ["view"]})
    assert "Audit" not in (await show()).text
    page = await browser.get(f"/apps/{app['id']}?tab=audit")
    assert 'data-tab="general"' in page.text.partition('id="page"')[2].partition(">")[0]


async def test_a_client_of_nobody_is_not_found(browser, registry):
    for path in (f"/apps/{'9' * 32}", "/apps/..%2f..%2fv1", "/apps/not-an-id"):
        assert (await browser.get(path)).status == 404


async def test_a_blocked_client_says_so(browser, registry):
    client = registry.add("Leaky", status="compromised", secrets=[])
    words = (await browser.get(f"/apps/{client['id']}")).words
    assert "Staff have blocked this app everywhere." in words
    assert "Disable app" not in words


async def test_panels_of_others_are_fetched_when_they_are_opened(show, app):
    text = (await show()).text
    for panel in ("connections", "audit"):
        assert f'hx-get="/apps/{app["id"]}/{panel}" hx-trigger="revealed"' in text


async def test_the_address_may_name_the_connections_that_have_ended(browser, app):
    path = f"/apps/{app['id']}"
    page = await browser.get(f"{path}?tab=connections&ended=1")
    assert f'hx-get="{path}/connections?ended=1" hx-trigger="revealed"' in page.text
    assert f'href="{path}/connections?ended=1"' in page.text


async def test_whoever_opens_the_connections_sees_their_number_of_now_above(show, browser, house, registry, app):
    registry.use = {"living": 0, "users": 0}
    assert "not connected" in (await show()).words
    registry.use = {"living": 1, "users": 1}
    house.on("token", "GET", "/v1/connections", {"data": [], "next_cursor": None})
    house.give({"oauthclient": ["view"], "connection": ["view"]})
    part = await browser.get(f"/apps/{app['id']}/connections", **{"HX-Request": "true"})
    assert 'id="use" hx-swap-oob="true">one connection<' in part.text


async def test_every_form_of_the_page_names_its_session_and_workspace(show):
    text = (await show()).text
    forms = text.split("<form")[1:]
    posts = [form for form in forms if 'method="post"' in form.split(">")[0] and "/logout" not in form.split(">")[0]]
    assert len(posts) >= 7
    for form in posts:
        assert 'name="csrf"' in form.split("</form>")[0]
        assert 'name="workspace"' in form.split("</form>")[0]


async def test_a_name_with_markup_is_text_in_every_place(browser, registry):
    client = registry.add('"><img src=x onerror=alert(1)>\u202e')
    page = await browser.get(f"/apps/{client['id']}")
    assert "<img src=x" not in page.text
    assert page.text.count("\u202e") == 1  # in the field, where it can be removed


@pytest.mark.parametrize(
    "form", ["secrets", "secrets/1/retire", "regenerate", "logo/remove", "delete", "publish/withdraw"]
)
async def test_the_address_of_a_form_leads_to_the_page(browser, app, form):
    """So does signing in again, when a session ended over the form: nothing is done by that."""
    page = await browser.get(f"/apps/{app['id']}/{form}")
    assert (page.status, page.where) == (303, f"/apps/{app['id']}")
