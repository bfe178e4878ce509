import pytest

from latchkey_kit.web.problems import Document, FieldError

EVENTS = "/v1/audit-events"


async def test_entries_are_shown_with_names_words_and_times(at, stand, entry, ids):
    stand.entries = [
        entry(3, "client.updated", "App settings changed", subject=ids["sync"]),
        entry(
            2, "token.refreshed", "Token refreshed", subject=ids["connection"], client=ids["claude"], user=ids["sam"]
        ),
        entry(1, "user.sign_in_failed", "Sign-in failed", result="failed", user=None),
    ]
    status, headers, page = await at("/audit")
    assert status == 200
    assert "<title>Audit events · Latchkey</title>" in page
    assert "App settings changed" in page
    assert "<bdi>Acme Sync</bdi>" in page
    assert "<bdi>Sam Sun</bdi>" in page
    assert "through <bdi>Claude</bdi>" in page
    assert '<time datetime="2026-01-01T11:00:03Z">1 Jan 2026, 11:00 UTC</time>' in page
    assert '<span class="badge bad">Failed</span>' in page
    assert headers["Cache-Control"] == "no-store"


async def test_whom_it_was_done_to_is_said_unless_they_did_it_themselves(at, stand, entry, ids):
    role, given = "f" * 32, {"user": ids["sam"], "role": "f" * 32}
    stand.entries = [
        entry(2, "role.assigned", "Role given to a user", subject=role, details=given),
        entry(1, "role.assigned", "Role given to a user", subject=role, user=ids["sam"], details=given),
    ]
    _, _, page = await at("/audit")
    assert page.count("Role · <bdi>Sam Sun</bdi>") == 1


async def test_filters_of_the_address_reach_the_log_and_stand_in_the_form(at, stand, ids):
    _, _, page = await at(f"/audit?range=all&action=token.*&user={ids['sam']}&result=refused&q=curl")
    assert stand.asks("GET", EVENTS) == [
        {"action": "token.*", "user": ids["sam"], "result": "refused", "q": "curl", "limit": "50"}
    ]
    assert '<option value="token.*" selected>All of: Tokens</option>' in page
    assert f'<option value="{ids["sam"]}" selected>Sam Sun</option>' in page
    assert 'value="curl"' in page
    assert "Nothing matches." in page


async def test_a_chip_leads_to_the_list_without_its_filter(at, ids):
    _, _, page = await at(f"/audit?range=all&action=token.reused&user={ids['sam']}")
    assert f'<a href="/audit?range=all&amp;user={ids["sam"]}"><span>What:</span>' in page
    assert '<a href="/audit?range=all&amp;action=token.reused"><span>Who:</span>' in page


async def test_a_filter_that_no_list_offers_stays_chosen(at):
    _, _, page = await at("/audit?action=token.reused,token.refused")
    assert '<option value="token.reused,token.refused" selected>' in page


async def test_older_entries_are_behind_a_link_that_keeps_the_filters(at, stand, entry):
    stand.entries, stand.next_cursor = [entry()], "eyJh=="
    _, _, page = await at("/audit?result=success")
    assert 'href="/audit?result=success&amp;cursor=eyJh%3D%3D">Older events' in page
    await at("/audit?result=success&cursor=eyJh%3D%3D")
    assert stand.asks("GET", EVENTS)[-1]["cursor"] == "eyJh=="


async def test_later_pages_are_not_live(at, stand, entry):
    stand.entries = [entry(5)]
    assert "news?seen=5" in (await at("/audit"))[2]
    assert "<live-events" not in (await at("/audit?cursor=x"))[2]


async def test_nothing_yet_and_nothing_that_matches_are_told_apart(at):
    assert "Nothing happened in the last 30 days." in (await at("/audit"))[2]
    assert "Nothing matches." in (await at("/audit?q=x"))[2]


async def test_what_the_log_refuses_stands_beside_its_field(at, stand):
    wrong = FieldError(pointer="/q", message="Expected one word to 10.")
    stand.refused[EVENTS] = Document(status=400, title="Not valid.", code="invalid_request", errors=(wrong,))
    status, _, page = await at("/audit?q=%2B")
    assert status == 400
    assert '<p class="problem" id="audit-q-wrong">Expected one word to 10.</p>' in page
    assert 'aria-invalid="true" aria-describedby="audit-q-wrong"' in page
    assert 'value="+"' in page


async def test_a_day_that_is_none_stands_beside_its_field_and_asks_nobody(at, stand):
    status, _, page = await at("/audit?range=custom&from=then")
    assert status == 400
    assert 'id="audit-from-wrong"' in page
    assert stand.asks("GET", EVENTS) == []


async def test_a_search_that_takes_too_long_is_told_with_advice(at, stand):
    stand.refused[EVENTS] = Document(
        status=400, title="This would take too long.", code="search_too_wide", detail="Narrow the filter."
    )
    _, _, page = await at("/audit?q=a")
    assert "This would take too long." in page
    assert "Narrow the filter." in page


async def test_who_lacks_the_section_is_told_and_the_log_is_not_asked(at, stand):
    stand.flags["audit"] = False
    status, _, page = await at("/audit")
    assert status == 403
    assert "does not include the audit events" in page
    assert stand.asks("GET", EVENTS) == []


async def test_who_has_the_section_but_not_the_right_is_told_the_same(at, stand):
    stand.refused[EVENTS] = Document(status=403, title="No.", code="not_allowed")
    status, _, page = await at("/audit")
    assert status == 403
    assert "does not include the audit events" in page


async def test_a_stranger_is_sent_to_sign_in_and_back_to_the_filters(at):
    status, headers, _ = await at("/audit?q=x", session="another")
    assert (status, headers["Location"]) == (303, "/login?next=/audit%3Fq%3Dx")


async def test_names_that_nobody_tells_leave_ids(at, stand, entry, ids):
    stand.entries = [entry(subject=ids["sam"], user=ids["sam"])]
    stand.away = {"/internal/people/named", "/internal/clients/named", "/v1/members", "/v1/oauth-clients"}
    status, _, page = await at("/audit")
    assert status == 200
    assert f"#{ids['sam'][-8:]}" in page


async def test_hostile_words_are_words(at, stand, entry):
    evil = '<script>alert(1)</script>\u202e"'
    stand.entries = [entry(1, evil, evil, subject=evil, address=evil, result=evil, details={"name": evil})]
    _, _, page = await at("/audit", htmx=True)
    assert "alert(1)</script>" not in page
    assert "\u202e" not in page


async def test_staff_are_told_as_staff(at, stand, entry):
    stand.entries = [entry(user="9" * 32, staff=True)]
    assert "<td>Staff" in (await at("/audit"))[2]


@pytest.mark.parametrize("may", [True, False])
async def test_an_export_is_offered_to_who_may(at, stand, entry, may):
    stand.entries = [entry()]
    stand.permissions = {"auditlog": ["view", "export"] if may else ["view"]}
    assert ("/audit/export?format=csv" in (await at("/audit"))[2]) == may


async def test_the_page_of_an_app_shows_what_is_about_it(at, stand, entry, ids):
    stand.entries, stand.flags["audit"] = [entry()], False
    status, _, page = await at(f"/apps/{ids['sync']}/audit?range=all")
    assert status == 200
    assert stand.asks("GET", EVENTS) == [{"about": ids["sync"], "limit": "50"}]
    assert "<title>Audit events of Acme Sync · Latchkey</title>" in page
    assert f'action="/apps/{ids["sync"]}/audit"' in page
    assert 'name="app"' not in page


async def test_htmx_is_given_the_panel_alone(at, ids):
    _, _, part = await at(f"/apps/{ids['sync']}/audit?q=x", htmx=True)
    assert "<html" not in part
    assert 'hx-target:inherited="#audit"' in part
    assert 'data-query="q=x"' in part


async def test_htmx_is_told_in_its_place_what_went_wrong(at, stand, ids):
    stand.away.add(EVENTS)
    status, _, part = await at(f"/apps/{ids['sync']}/audit", htmx=True)
    assert status == 503
    assert part.startswith('<div class="alert" role="alert">')
    assert "Try again" in part


async def test_an_app_with_an_impossible_id_is_not_there(at):
    assert (await at("/apps/nonsense/audit"))[0] == 404
