"""The copy of the feed: which kills reach whom, and what is forgotten when."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import BEARER, SALT, kill, page

from latchkey_contracts.feed import FLOORS, KILLS, WIDE, Entry, Page, mark
from latchkey_verify.feed import Feed

OTHER_SALT = "0b" * 32
KEY = {
    "connection": "c" * 32, "kid": "key-1", "client": "3" * 32, "tenant_client": "1" * 32 + "3" * 32,
    "tenant_user_client": "1" * 32 + "2" * 32 + "3" * 32, "tenant_user": "1" * 32 + "2" * 32, "user": "2" * 32,
    "tenant": "1" * 32, "all": "",
}  # fmt: skip
ROLE = "4" * 32


def filled(*entries, **more):
    feed = Feed()
    assert feed.apply(0, page(max((entry.number for entry in entries), default=0), *entries, **more))
    return feed


def floor(feed, kind=None):
    return feed.floor(feed.mark(kind or "role", ROLE))


def test_every_kind_of_kill_has_a_key_here():
    assert KEY.keys() == KILLS


@pytest.mark.parametrize("kind", sorted(WIDE))
def test_wide_kill_reaches_those_born_up_to_its_cutoff(kind):
    assert filled(Entry(1, kind, KEY[kind], 100)).is_dead(BEARER)
    assert filled(Entry(1, kind, KEY[kind], 101)).is_dead(BEARER)
    assert not filled(Entry(1, kind, KEY[kind], 99)).is_dead(BEARER)


@pytest.mark.parametrize("kind", ["connection", "kid"])
def test_narrow_kill_has_no_cutoff_that_a_forger_could_be_born_after(kind):
    late = msgspec.structs.replace(BEARER, born=2**62)
    assert filled(Entry(1, kind, KEY[kind])).is_dead(late)


@pytest.mark.parametrize("kind", sorted(KILLS - {"all"}))
def test_kill_of_somebody_else_spares_the_bearer(kind):
    feed = filled(Entry(1, kind, KEY[kind][::-1].replace("1", "9").replace("2", "8").replace("3", "7") + "x", 10**9))
    assert not feed.is_dead(BEARER)


def test_same_id_under_another_kind_is_another_key():
    same = "3" * 32
    bearer = msgspec.structs.replace(BEARER, tenant=same, user=same, client="7" * 32, connection="8" * 32)
    assert not filled(Entry(1, "client", same, 10**9), Entry(2, "connection", same)).is_dead(bearer)
    assert filled(Entry(1, "user", same, 10**9)).is_dead(bearer)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(KILLS)), st.integers(98, 102), st.booleans()), max_size=12))
def test_strictest_kill_wins_in_whatever_order_they_come(drawn):
    feed = filled()
    for number, (kind, cutoff, pushed) in enumerate(drawn, 1):
        arrived = page(number, Entry(number, kind, KEY[kind], cutoff))
        feed.hear(arrived) if pushed else feed.apply(feed.head, arrived)
    expected = any(kind in {"connection", "kid"} or cutoff >= BEARER.born for kind, cutoff, _ in drawn)
    assert feed.is_dead(BEARER) is expected


def test_late_and_repeated_entries_lower_nothing():
    feed = filled(Entry(5, "tenant", "1" * 32, 100))
    feed.hear(page(0, Entry(2, "tenant", "1" * 32, 7), Entry(5, "tenant", "1" * 32, 100)))
    assert feed.is_dead(BEARER)


def test_floor_is_the_highest_ever_heard():
    feed = filled(Entry(1, "role", ROLE, 5), Entry(2, "role", ROLE, 3))
    assert floor(feed) == 5
    assert [floor(feed, kind) for kind in sorted(FLOORS - {"role"})] == [0, 0]


def test_push_before_the_first_page_is_ignored():
    feed = Feed()
    feed.hear(page(0, kill(1)))
    assert (feed.size, feed.is_dead(BEARER)) == (0, False)


def test_push_under_another_salt_is_ignored_even_if_it_could_not_be_read():
    feed = filled()
    feed.hear(page(0, kill(1), Entry(2, "device", "1"), salt=OTHER_SALT))
    feed.hear(msgspec.structs.replace(page(0, kill(1)), salt=""))
    assert (feed.size, feed.trouble) == (0, None)


@pytest.mark.parametrize("salt", ["", "xyz", "5a1"])
def test_page_without_a_usable_salt_is_no_page(salt):
    feed = Feed()
    with pytest.raises(ValueError, match=r"salt|hexadecimal"):
        feed.apply(0, Page(epoch="epoch-1", head=1, salt=salt))
    assert not feed.complete


def test_another_salt_starts_over_and_marks_are_made_anew():
    feed = filled(kill(1, "e" * 32))
    assert not feed.is_dead(BEARER)
    era = feed.era
    assert not feed.apply(1, page(2, kill(2), salt=OTHER_SALT))
    assert (feed.complete, feed.applied, feed.head, feed.size) == (False, 0, 0, 1)
    assert feed.apply(0, page(2, kill(2), salt=OTHER_SALT))
    assert feed.is_dead(BEARER)
    assert (feed.size, feed.era) == (1, era + 1)


def test_another_epoch_takes_nothing_back():
    feed = filled(kill(7), Entry(8, "role", ROLE, 9))
    assert feed.apply(0, page(1, epoch="epoch-2"))
    assert feed.is_dead(BEARER)
    assert floor(feed) == 9


def test_lower_head_takes_nothing_back():
    feed = filled(kill(7))
    assert not feed.apply(7, page(6))
    assert feed.applied == 0
    assert feed.apply(0, page(6))
    assert feed.is_dead(BEARER)


@pytest.mark.parametrize("key", ["c" * 31, "c" * 33, "C" * 32, "+" + "1" * 31, "1_" * 16, "1 " * 16, "", "é" * 32])
def test_key_that_is_no_mark_means_no_lease(key):
    feed = filled()
    feed.hear(Page(epoch="", head=0, entries=(Entry(1, "connection", key),), salt=SALT))
    assert feed.trouble == "the feed has an entry that cannot be read"


def test_forged_token_does_not_lend_its_marks_to_a_real_one_of_the_same_connection():
    feed = filled(Entry(1, "tenant", "1" * 32, 100))
    forged = msgspec.structs.replace(BEARER, tenant="9" * 32, kid="stolen")
    assert not feed.is_dead(forged)
    assert feed.is_dead(BEARER)


def test_kill_of_one_key_reaches_its_tokens_whichever_token_of_the_connection_was_seen_first():
    feed = filled(Entry(1, "kid", "stolen"))
    assert not feed.is_dead(BEARER)
    assert feed.is_dead(msgspec.structs.replace(BEARER, kid="stolen"))


def test_full_copy_gives_up_instead_of_forgetting():
    feed = Feed(limit=2)
    assert feed.apply(0, page(2, kill(1), kill(2, "e" * 32)))
    feed.hear(page(0, Entry(3, "role", ROLE, 1)))
    assert feed.trouble == "the copy of the feed is full: 2 entries"


def test_half_a_snapshot_is_none():
    feed = Feed()
    assert not feed.apply(0, page(1, kill(1), more=True))
    assert (feed.complete, feed.head, feed.applied) == (False, 1, 0)
    assert feed.apply(1, page(2, kill(2, "e" * 32)))
    assert (feed.complete, feed.applied) == (True, 2)


def test_half_a_snapshot_of_another_epoch_is_none_though_ours_was_empty():
    feed = filled()
    assert not feed.apply(0, page(1, kill(1), epoch="epoch-2", more=True))
    assert not feed.complete


def test_full_snapshot_with_an_entry_that_is_not_understood_is_no_ground_to_decide():
    assert not Feed().apply(0, page(1, Entry(1, "device", "1" * 32)))


def test_generation_is_forgotten_when_the_horizon_has_passed_all_of_it():
    feed = filled(kill(1))  # becomes the old generation
    assert feed.apply(1, page(2, kill(2, "e" * 32)))
    assert feed.apply(2, page(2, horizon=0))
    assert (feed.size, feed.forgotten) == (2, 0)
    assert feed.apply(2, page(2, horizon=1))
    assert (feed.size, feed.forgotten, feed.is_dead(BEARER)) == (1, 1, False)
    assert feed.apply(2, page(2, horizon=2))
    assert (feed.size, feed.forgotten) == (0, 2)


def test_late_entry_does_not_outlive_or_die_before_its_generation():
    feed = filled(Entry(9, "role", ROLE, 1))  # the old generation, up to 9
    feed.hear(page(0, kill(5)))
    assert feed.apply(9, page(9, horizon=8))
    assert feed.is_dead(BEARER)
    assert feed.apply(9, page(9, horizon=9))
    assert feed.size == 0


def test_snapshot_has_forgotten_what_it_left_out():
    assert filled(kill(5), horizon=3).forgotten == 3


def test_who_was_away_for_longer_than_the_horizon_goes_on_without_a_snapshot():
    feed = filled(kill(1, "e" * 32))
    era = feed.era
    assert feed.apply(1, page(50, kill(50), horizon=40))
    assert feed.is_dead(BEARER)
    assert (feed.era, feed.applied, feed.forgotten) == (era, 50, 40)


def test_numbers_of_another_epoch_do_not_bind_the_new_one():
    feed = filled(kill(1000, "e" * 32), horizon=900)
    assert feed.apply(0, page(3, kill(3), epoch="epoch-2"))
    assert feed.forgotten == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=40))
def test_nothing_above_the_horizon_is_ever_forgotten(steps):
    """New entries come and the horizon follows, each step as it likes: whatever is above it is known."""
    feed, head, horizon, alive = Feed(), 0, 0, {}
    assert feed.apply(0, page(0))
    for new, passed in steps:
        fresh = [kill(head + place, f"{head + place:032x}") for place in range(1, new + 1)]
        alive |= {entry.number: entry.key for entry in fresh}
        asked, head, horizon = head, head + new, min(head, horizon + passed)
        assert feed.apply(asked, page(head, *fresh, horizon=horizon))
        alive = {number: key for number, key in alive.items() if number > horizon}
        assert all(feed.is_dead(msgspec.structs.replace(BEARER, connection=key)) for key in alive.values())
        assert feed.forgotten <= horizon


def test_mark_tells_nothing_of_a_key_without_the_salt():
    assert mark(bytes.fromhex(SALT), "user", "2" * 32) != mark(bytes.fromhex(OTHER_SALT), "user", "2" * 32)


def test_disconnect_in_one_tenant_leaves_the_same_user_and_app_in_another_alive():
    feed = filled(Entry(1, "tenant_user_client", KEY["tenant_user_client"], 10**9))
    assert feed.is_dead(BEARER)
    assert not feed.is_dead(msgspec.structs.replace(BEARER, tenant="9" * 32))
