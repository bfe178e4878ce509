"""The pure parts: throttling, names, passwords of nobody."""

import asyncio
import contextlib
import re

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from latchkey_auth.domain.forms import authorize_path, safe_next, with_tenant
from latchkey_auth.domain.people import MAX_PASSWORD, MAX_TEXT, MIN_PASSWORD, unfit_password, unfit_text
from latchkey_auth.domain.throttle import Throttle
from latchkey_auth.sign_in.limits import SignInLimits
from latchkey_auth.sign_in.passwords import passwords
from latchkey_kit.telemetry import facts
from latchkey_kit.testing.sources import ManualClock, SeededEntropy
from latchkey_kit.web.problems import Problem
from latchkey_look.readable import readable


def test_a_throttle_starts_anew_after_its_window_and_after_a_success():
    throttle = Throttle(limit=2, window=60)
    assert [throttle.failed("a", 0), throttle.failed("a", 10), throttle.failed("a", 20)] == [0, 0, 40]
    assert throttle.failed("b", 20) == 0
    assert throttle.failed("a", 60) == 0
    assert throttle.failed("a", 61) == 0
    throttle.succeeded("a")
    assert throttle.failed("a", 62) == 0


def test_guesses_at_once_are_no_more_than_guesses_one_by_one():
    """Each counts when it begins, before it is known to be wrong."""
    limits = SignInLimits(ManualClock(), 1)
    assert [limits.begun("sam@acme.test") == 0 for _ in range(12)] == [True] * 10 + [False] * 2
    assert limits.begun("rita@acme.test") == 0


def test_one_address_leaves_room_for_the_passwords_of_others():
    limits = SignInLimits(ManualClock(), 1)
    with contextlib.ExitStack() as waiting:
        for _ in range(16):
            waiting.enter_context(limits.checking())
        with pytest.raises(Problem) as refused, limits.checking():
            pass
        assert refused.value.status == 503
        token = facts.enter(facts.RequestFacts(address="192.0.2.7"))
        with limits.checking():
            pass
        facts.leave(token)
    with limits.checking():
        pass


def test_addresses_that_no_account_can_have_are_not_kept_apart():
    limits = SignInLimits(ManualClock(), 1)
    assert all(limits.begun("a" * 300 + str(number)) == 0 for number in range(10))
    assert limits.begun("a" * 300) > 0
    assert limits.begun("a" * 254) == 0


async def test_an_unknown_user_is_checked_as_dearly_as_a_known_one():
    async with passwords(1, SeededEntropy()) as checker:
        known = await checker.hash("latchkey")
        assert extract_parameters(checker._nobodys) == extract_parameters(known)
        assert await checker.fits(known, "latchkey")
        assert not await checker.fits(known, "Latchkey")
        assert not await checker.fits(None, "latchkey")


async def test_more_passwords_than_can_be_checked_soon_are_turned_away_and_the_rest_are_checked():
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("latchkey")
    async with passwords(1, SeededEntropy()) as checker:
        checks = (checker.fits(cheap, "latchkey") for _ in range(70))
        answers = await asyncio.gather(*checks, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, Problem)]
        assert [one.status for one in refused] == [503] * 6
        assert answers.count(True) == 64
        assert await checker.fits(cheap, "latchkey"), "it recovers"


@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=300))
def test_the_way_back_is_always_one_that_we_accept_or_nothing(raw):
    try:
        path = authorize_path(raw)
    except UnicodeEncodeError:  # a lone surrogate that no server hands over
        return
    assert path.isascii()
    assert not any(character in path for character in '\r\n "<>\\')
    assert safe_next(path) == path


def test_choosing_a_tenant_replaces_an_earlier_choice():
    path = "/oauth/authorize?client_id=a&tenant=old&%74enant=older&tenant&state=%26tenant%3D"
    assert with_tenant(path, "new") == "/oauth/authorize?client_id=a&state=%26tenant%3D&tenant=new"


@given(st.text(max_size=400))
def test_readable_text_has_no_hidden_characters_and_an_end(text):
    shown = readable(text)
    assert len(shown) <= 200
    assert not any(character in shown for character in "\0\n\x1b\x9b\u200b\u200e\u202a\u202e\u2028\u2066\u2069\ufeff")


def test_what_is_said_of_unfit_words_names_the_limits_that_hold():
    """Their numbers stand in the messages, which are translated as they are."""
    for said, limits in ((unfit_text(""), (1, MAX_TEXT)), (unfit_password(""), (MIN_PASSWORD, MAX_PASSWORD))):
        assert tuple(map(int, re.findall(r"\d+", said))) == limits
