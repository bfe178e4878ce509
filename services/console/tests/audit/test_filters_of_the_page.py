import datetime as dt

import pytest
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from latchkey_console.audit.filters import Filters, read
from latchkey_kit.web.problems import Problem

NOW = dt.datetime(2026, 3, 31, 12, 0, tzinfo=dt.UTC)
APP, OTHER = "a" * 32, "b" * 32


def read_from(**query):
    return read(make_mocked_request("GET", str(URL("/audit").with_query(query))))


def test_the_usual_time_is_thirty_days_and_stands_in_no_address():
    filters = read_from()
    assert filters.params(NOW) == {"since": "2026-03-01T12:00:00Z"}
    assert filters.query() == ""


@pytest.mark.parametrize(("preset", "since"), [("1h", "2026-03-31T11:00:00Z"), ("24h", "2026-03-30T12:00:00Z")])
def test_a_preset_counts_back_from_now(preset, since):
    assert read_from(range=preset).params(NOW) == {"since": since}


def test_all_asks_without_a_time():
    assert read_from(range="all").params(NOW) == {}


def test_days_are_both_included_and_those_of_the_readers_zone():
    filters = read_from(range="custom", **{"from": "2026-03-28", "to": "2026-03-29"}, zone="Europe/Berlin")
    # The clocks go forward that night: the second day ends 22 hours later by the world's.
    assert filters.params(NOW) == {"since": "2026-03-27T23:00:00Z", "until": "2026-03-29T22:00:00Z"}


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "\x00", "/etc/passwd", "Europe"])
def test_days_of_an_unknown_zone_are_those_of_utc(zone):
    filters = read_from(range="custom", **{"from": "2026-03-28"}, zone=zone)
    assert filters.params(NOW) == {"since": "2026-03-28T00:00:00Z"}


def test_days_without_a_range_are_a_range():
    assert read_from(**{"from": "2026-03-28"}).range == "custom"


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "2026-3-1"])
def test_a_day_that_is_none_is_refused_at_its_field(day):
    with pytest.raises(Problem) as refused:
        read_from(range="custom", to=day).params(NOW)
    assert refused.value.status == 400
    assert [error.pointer for error in refused.value.errors] == ["/to"]


def test_a_first_day_after_the_last_is_refused():
    with pytest.raises(Problem) as refused:
        read_from(range="custom", **{"from": "2026-03-02", "to": "2026-03-01"}).params(NOW)
    assert [error.pointer for error in refused.value.errors] == ["/from"]


def test_an_app_finds_what_is_about_it_whoever_did_it():
    assert read_from(range="all", app=APP).params(NOW) == {"about": APP}


def test_two_things_that_it_is_about_must_both_hold():
    asked = read_from(range="all", app=APP, about=OTHER, q="rotate").params(NOW)
    assert asked == {"about": APP, "q": f"rotate {OTHER}"}


def test_the_page_of_an_app_is_about_that_app_whatever_the_address_says():
    assert Filters(range="all").params(NOW, app=APP) == {"about": APP}


def test_an_address_holds_what_is_given_and_finds_it_again():
    filters = read_from(range="7d", action="token.*", user=OTHER, q="a b&c=d", result="failed", cursor="x", odd="1")
    again = read(make_mocked_request("GET", f"/audit?{filters.query()}"))
    assert again == filters
    assert set(filters.given) == {"range", "action", "user", "q", "result"}


def test_what_cannot_be_seen_is_taken_out_of_words():
    assert read_from(q="a\u202eb\x00").q == "ab"
