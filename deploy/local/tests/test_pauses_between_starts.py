"""A part that ends is started again: at once after a long life, later and later while it lives briefly."""

from latchkey_local.keeper import LIVED_LONG, LONGEST_PAUSE, SHORTEST_PAUSE, pause_after


def test_who_lived_long_is_started_at_once_whatever_was_before():
    assert [pause_after(LIVED_LONG + 1, before) for before in (0.0, LONGEST_PAUSE)] == [0.0, 0.0]


def test_who_ends_soon_again_and_again_waits_twice_as_long_each_time_up_to_a_limit():
    pauses = [0.0]
    for _ in range(10):
        pauses.append(pause_after(LIVED_LONG - 1, pauses[-1]))
    assert pauses[1:4] == [SHORTEST_PAUSE, 2 * SHORTEST_PAUSE, 4 * SHORTEST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
