import html
import json

CHANGES = [
    {"field": "redirect_uris", "before": ["https://a/cb", "https://b/cb"], "after": ["https://a/cb", "https://c/cb"]},
    {"field": "description", "before": None, "after": "Syncs"},
    {"field": "require_pkce", "before": False, "after": True},
]


async def test_what_changed_stands_before_and_after(at, stand, entry, ids):
    told = entry(7, "client.updated", "App settings changed", subject=ids["sync"], details={"changes": CHANGES})
    stand.entries = [told]
    status, _, page = await at(f"/audit/{told['id']}")
    assert status == 200
    assert "<h1>App settings changed</h1>" in page
    assert '<li><bdi>https://a/cb</bdi></li><li class="gone"><span aria-hidden="true">\u2212&nbsp;</span>' in page
    assert '<li class="come"><span aria-hidden="true">+&nbsp;</span><bdi>https://c/cb</bdi></li>' in page
    assert '<span class="muted">Nothing</span>' in page
    assert "<bdi>false</bdi>" in page
    assert "<bdi>true</bdi>" in page


async def test_details_are_named_told_and_lead_on(at, stand, entry, ids):
    details = {
        "connection": ids["connection"], "user": ids["sam"], "client": ids["sync"], "presented": 3, "again": False,
        "rotated_at": "2026-01-01T10:00:00Z", "missing": [], "scope": ["company:view"], "filter": {"q": "x"},
    }  # fmt: skip
    told = entry(8, "token.reused", "Token reused", subject=ids["connection"], details=details)
    stand.entries = [told]
    _, _, page = await at(f"/audit/{told['id']}")
    assert f'<a href="/audit?range=all&amp;about={ids["sam"]}"><bdi>Sam Sun</bdi></a>' in page
    assert f'<a href="/audit?range=all&amp;about={ids["sync"]}"><bdi>Acme Sync</bdi></a>' in page
    assert '<time datetime="2026-01-01T10:00:00Z">' in page
    assert "<bdi>company:view</bdi>" in page
    assert "<dd>No" in page


async def test_the_entry_as_it_was_recorded_is_there_to_the_letter_and_hides_nothing(at, stand, entry):
    told = entry(9, agent="evil \u202e agent", details={"name": "</pre><script>"})
    stand.entries = [told]
    _, _, page = await at(f"/audit/{told['id']}")
    shown = page.partition('aria-label="JSON">')[2].partition("</pre>")[0]
    assert json.loads(html.unescape(shown)) == told
    assert "\\u202e" in shown
    assert "\u202e" not in page


async def test_one_finds_back_to_the_filters(at, stand, entry):
    stand.entries = [entry()]
    _, _, page = await at(f"/audit/{stand.entries[0]['id']}?result=failed&q=a+b&odd=1")
    assert '<a href="/audit?result=failed&amp;q=a+b">Audit events</a>' in page


async def test_htmx_is_given_the_entry_alone(at, stand, entry):
    stand.entries = [entry()]
    _, _, part = await at(f"/audit/{stand.entries[0]['id']}", htmx=True)
    assert "<html" not in part
    assert "<h2>Signed in</h2>" in part


async def test_the_page_of_an_app_has_entries_too(at, stand, entry, ids):
    stand.entries, stand.flags["audit"] = [entry()], False
    status, _, page = await at(f"/apps/{ids['sync']}/audit/{stand.entries[0]['id']}")
    assert status == 200
    assert f'<a href="/apps/{ids["sync"]}/audit">Audit events</a>' in page


async def test_an_impossible_id_is_not_there(at):
    assert (await at("/audit/nonsense"))[0] == 404
