import aiohttp
import pytest

from latchkey_kit.web.problems import Document

EXPORT = "/v1/audit-events/export"


async def test_an_export_is_passed_on_with_its_filters_and_a_name(at, stand, ids):
    status, headers, body = await at(f"/audit/export?format=csv&range=all&user={ids['sam']}")
    assert (status, body) == (200, "id,time\r\n1,2\r\n")
    assert stand.asks("GET", EXPORT) == [{"format": "csv", "user": ids["sam"]}]
    assert headers["Content-Type"].startswith("text/csv")
    assert headers["Content-Disposition"] == 'attachment; filename="audit-events-20260101T120000Z.csv"'


async def test_an_export_of_an_app_holds_what_is_about_it(at, stand, ids):
    await at(f"/apps/{ids['sync']}/audit/export?format=ndjson&range=all")
    assert stand.asks("GET", EXPORT) == [{"format": "ndjson", "about": ids["sync"]}]


async def test_an_empty_export_is_an_empty_file(at, stand):
    stand.export = []
    assert (await at("/audit/export?format=ndjson"))[::2] == (200, "")


async def test_an_export_that_breaks_is_visibly_cut_off(at, stand):
    stand.export = [b"id,time\r\n", None]
    with pytest.raises(aiohttp.ClientPayloadError):
        await at("/audit/export?format=csv")


async def test_a_refused_export_is_a_page(at, stand):
    stand.refused[EXPORT] = Document(status=429, title="Too many exports at a time.", code="too_many_exports")
    status, headers, page = await at("/audit/export?format=csv")
    assert status == 429
    assert "Too many exports at a time." in page
    assert "Content-Disposition" not in headers


@pytest.mark.parametrize("form", ["", "xlsx"])
async def test_another_format_is_refused(at, stand, form):
    assert (await at(f"/audit/export?format={form}"))[0] == 400
    assert stand.asks("GET", EXPORT) == []


async def test_news_are_what_came_behind_what_was_seen(at, stand, entry):
    stand.entries = [entry(9), entry(8), entry(7)]
    _, _, part = await at("/audit/news?seen=7&result=success", htmx=True)
    assert part.strip() == '<a href="/audit?result=success">2 new events: show</a>'
    assert stand.asks("GET", "/v1/audit-events")[-1]["result"] == "success"


async def test_one_new_event_is_one(at, stand, entry):
    stand.entries = [entry(9)]
    assert "1 new event: show" in (await at("/audit/news?seen=8", htmx=True))[2]


async def test_nothing_new_says_nothing(at, stand, entry):
    stand.entries = [entry(7)]
    assert (await at("/audit/news?seen=7", htmx=True))[2].strip() == ""


async def test_that_one_looks_oneself_is_no_news(at, stand, entry, ids):
    stand.entries = [
        entry(9, "auditlog.viewed", "Audit log read", user=ids["rita"]),
        entry(8, "auditlog.viewed", "Audit log read", user=ids["sam"]),
    ]
    assert "1 new event: show" in (await at("/audit/news?seen=7", htmx=True))[2]


async def test_a_page_full_of_news_may_be_more(at, stand, entry):
    stand.entries = [entry(number) for number in range(150, 100, -1)]
    assert "50 or more new events: show" in (await at("/audit/news?seen=100", htmx=True))[2]


@pytest.mark.parametrize("seen", ["", "-1", "9" * 30, "x"])
async def test_a_position_that_is_none_is_refused(at, seen):
    assert (await at(f"/audit/news?seen={seen}", htmx=True))[0] == 400


async def test_who_signed_out_elsewhere_is_told_to_sign_in(at):
    status, headers, _ = await at("/audit/news?seen=1", session="another", htmx=True)
    assert status == 401
    assert headers["HX-Redirect"].startswith("/login")
