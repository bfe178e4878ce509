"""What is missing is asked for when it is old enough, ever more seldom, and told once."""

import itertools

import pytest
from structlog.testing import capture_logs

from latchkey_audit.gaps import LONGEST_PAUSE_SECONDS, PATIENCE_SECONDS, TOLD_SECONDS, Gaps
from latchkey_audit.store.arrivals import Reach
from latchkey_kit.testing import ManualClock

EPOCH = "1" * 32


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def gaps(clock):
    return Gaps(clock)


@pytest.fixture
def see(gaps, clock):
    def look(*holes, after=0.0, missing=None):
        clock.advance(after)
        return gaps.see(reach(*holes, missing=missing))

    return look


def reach(*holes, missing=None):
    count = sum(last - first + 1 for first, last in holes)
    return Reach(
        source="auth", epoch=EPOCH, through=0, since=ManualClock().now(), holes=holes, missing=missing or count
    )  # fmt: skip


def test_a_hole_is_given_time_to_be_filled(see):
    assert see((3, 5)) == ()
    assert see((3, 5), after=PATIENCE_SECONDS - 1) == ()
    assert see(after=2) == ()
    assert see((3, 5)) == (), "another one, from now"
    assert see((3, 5), after=PATIENCE_SECONDS) == ((3, 5),)


def test_it_is_asked_for_ever_more_seldom_and_once_an_hour_at_least(see, clock):
    see((3, 5))
    asked_at = [clock.boot() for _ in range(12 * 3600) if see((3, 5), after=1)]
    pauses = [later - before for before, later in itertools.pairwise(asked_at)]
    assert pauses[:4] == [2 * PATIENCE_SECONDS, 4 * PATIENCE_SECONDS, 8 * PATIENCE_SECONDS, 16 * PATIENCE_SECONDS]
    assert set(pauses[8:]) == {LONGEST_PAUSE_SECONDS}


def test_what_is_left_of_a_hole_is_as_old_as_it_was(see):
    see((1, 100))
    assert see((1, 100), after=PATIENCE_SECONDS) == ((1, 100),)
    assert see((40, 60), (70, 100), after=PATIENCE_SECONDS) == (), "it is being filled"
    assert see((50, 60), (70, 70), (300, 310), after=PATIENCE_SECONDS) == ((50, 60), (70, 70))


def test_what_stays_is_told_once(see):
    with capture_logs() as lines:
        see((9, 9))
        see((9, 9), after=TOLD_SECONDS - 1)
        assert lines == []
        see((9, 9), (20, 29), after=1, missing=500)
        see((9, 9), after=TOLD_SECONDS)
    assert [(line["event"], line["source"], line["ranges"], line["missing"]) for line in lines] == [
        ("events_missing", "auth", [(9, 9)], 500)
    ]


def test_what_is_young_is_not_counted_as_missing(see, gaps, clock):
    see((3, 5), missing=1000)
    assert gaps.overdue(reach((3, 5), missing=1000)) == 997, "what it was not told of counts"
    clock.advance(PATIENCE_SECONDS)
    see((3, 5), (8, 8), missing=1001)
    assert gaps.overdue(reach((3, 5), (8, 8), missing=1001)) == 1000
