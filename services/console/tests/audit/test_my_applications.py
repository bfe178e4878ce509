import pytest

from latchkey_kit.web.problems import Document

DIGEST, OTHER = "d" * 64, "e" * 64
CONNECTIONS = "/v1/my/connections"


@pytest.fixture
def connected(stand, ids, line):
    def connect(client, tenant="acme", *, documents=(DIGEST,), connections=1, last_used="2026-01-01T11:00:00Z"):
        stand.connections.append({
            "tenant": ids[tenant], "client": ids[client], "connections": connections,
            "connected_since": "2025-12-01T10:00:00Z", "last_used_at": last_used, "documents": list(documents),
            "scope": ["company:view"],
        })  # fmt: skip

    stand.documents = {DIGEST: (line("View companies"), line("Change companies", strong=True))}
    return connect


@pytest.fixture
def form(ids):
    return {"csrf": ids["csrf"], "workspace": "acme", "tenant": ids["acme"], "client": ids["sync"]}


async def test_each_app_and_workspace_is_a_row_in_the_words_of_consent(at, connected):
    connected("sync", connections=2)
    connected("sync", "globex", last_used=None)
    connected("claude")
    status, _, page = await at("/profile/applications")
    assert status == 200
    assert page.count('<li class="card">') == 3
    strong, weak = '<li class="strong"><bdi>Change companies</bdi></li>', "<li><bdi>View companies</bdi></li>"
    assert page.index(strong) < page.index(weak)
    assert "2 connections" in page
    assert "Not yet" in page
    assert "in <bdi>Globex</bdi>" in page
    assert page.count("Verified") == 1
    assert '<time datetime="2025-12-01T10:00:00Z">' in page


async def test_two_connections_with_different_grants_show_all_of_it_once(at, stand, connected, line):
    stand.documents[OTHER] = (line("View companies"), line("View end users"))
    connected("sync", documents=(DIGEST, OTHER), connections=2)
    _, _, page = await at("/profile/applications")
    assert page.count("View companies") == 1
    assert "View end users" in page


async def test_without_words_the_scope_stands_in(at, stand, connected):
    stand.away.add("/internal/permissions/documents")
    connected("sync")
    assert "<li><bdi>company:view</bdi></li>" in (await at("/profile/applications"))[2]


async def test_who_connected_nothing_is_told_so(at):
    page = (await at("/profile/applications"))[2]
    assert "No applications yet." in page
    assert "You have joined" not in page
    assert "You have joined this workspace." in (await at("/profile/applications?said=joined"))[2]


async def test_who_is_in_no_workspace_has_no_applications(at, stand):
    stand.workspaces = ()
    status, _, page = await at("/profile/applications")
    assert (status, stand.asks("GET", CONNECTIONS)) == (200, [])
    assert "You do not belong to any workspace." in page


async def test_the_dialog_asks_and_says_what_it_does(at, connected):
    connected("sync", connections=3)
    _, _, page = await at("/profile/applications")
    assert "Disconnect <bdi>Acme Sync</bdi>?</h2>" in page
    assert "This ends all 3 connections." in page
    assert '<button type="button" autofocus command="close"' in page


async def test_disconnect_cuts_this_app_in_this_workspace_and_says_so(at, stand, ids, connected, form):
    connected("sync")
    connected("sync", "globex")
    status, headers, _ = await at("/profile/applications/disconnect", method="POST", form=form)
    assert status == 303
    assert stand.asks("DELETE", CONNECTIONS) == [{"tenant": ids["acme"], "client": ids["sync"]}]
    _, _, page = await at(headers["Location"])
    assert '<p class="done"><bdi>Acme Sync</bdi> is disconnected. Its access has ended.</p>' in page
    assert page.count('<li class="card">') == 1


async def test_htmx_is_given_the_list_and_the_words(at, connected, form):
    connected("claude")
    _, headers, _ = await at("/profile/applications/disconnect", method="POST", form=form, htmx=True)
    _, _, part = await at(headers["Location"], htmx=True)
    assert "<html" not in part
    assert part.index('id="applications"') < part.index('<div id="status" hx-swap-oob="innerHTML">')


async def test_disconnecting_twice_is_disconnecting_once(at, stand, form):
    stand.refused[CONNECTIONS] = Document(status=404, title="There is nothing here.", code="not_found")
    assert (await at("/profile/applications/disconnect", method="POST", form=form))[0] == 303


@pytest.mark.parametrize("changed", [{"csrf": "another"}, {"tenant": "x"}, {"client": ""}])
async def test_a_form_that_is_not_ours_or_names_nothing_does_nothing(at, stand, form, changed):
    status, _, _ = await at("/profile/applications/disconnect", method="POST", form=form | changed)
    assert status == (403 if "csrf" in changed else 400)
    assert stand.asks("DELETE", CONNECTIONS) == []


async def test_a_disconnect_that_is_refused_leaves_a_way_on_where_the_list_stood(at, stand, form):
    stand.away.add(CONNECTIONS)
    status, _, part = await at("/profile/applications/disconnect", method="POST", form=form, htmx=True)
    assert status == 503
    assert part.startswith('<div class="alert" role="alert">')
    assert '<a href="">Reload the page</a>' in part


async def test_while_the_owner_is_away_nothing_is_claimed(at, stand, form):
    stand.away.add(CONNECTIONS)
    status, headers, _ = await at("/profile/applications/disconnect", method="POST", form=form)
    assert status == 503
    assert "Location" not in headers


async def test_an_address_that_claims_a_disconnect_of_nonsense_says_nothing(at):
    assert "disconnected" not in (await at("/profile/applications?said=disconnected&app=%3Cb%3E"))[2]
    assert "disconnected" not in (await at("/profile/applications?said=other"))[2]


async def test_an_app_that_nobody_can_name_is_shown_by_its_id(at, stand, ids, connected):
    stand.away.add("/internal/clients/named")
    connected("sync")
    _, _, page = await at("/profile/applications")
    assert f"<bdi>{ids['sync']}</bdi>" in page


async def test_an_address_does_not_tell_the_name_of_a_private_app_of_another_workspace(at, stand, ids):
    stand.workspaces = stand.workspaces[1:]
    _, _, page = await at(f"/profile/applications?said=disconnected&app={ids['sync']}")
    assert "Acme Sync" not in page


async def test_an_app_that_its_maker_withdrew_keeps_its_name_for_who_connected_it(at, stand, connected):
    stand.workspaces = stand.workspaces[1:]
    connected("sync", "globex")
    assert "Acme Sync" in (await at("/profile/applications"))[2]
