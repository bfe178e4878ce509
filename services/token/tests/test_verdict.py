"""Every row of the table of misses, without a database."""

import datetime as dt

import msgspec
import pytest

from latchkey_oauth.token_string import Presented, secret_hash
from latchkey_token.domain.connection import ConnectionState
from latchkey_token.domain.presentation import UNFIT_VERIFIER, Presentation
from latchkey_token.domain.verdict import Verdict, judge

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CLIENT, THIEF = "c" * 32, "f" * 32
SECRET = b"s" * 20
REDIRECT, CHALLENGE = secret_hash("https://app.example/callback"), b"c" * 32
ROW = ConnectionState(
    id="a" * 32,
    tenant="b" * 32,
    user="d" * 32,
    client=CLIENT,
    born=1,
    document=b"d" * 32,
    scope="company:view",
    resources=("https://api.example/v1",),
    redirect_uri_sent=True,
    redirect_hash=REDIRECT,
    challenge=CHALLENGE,
    generation=3,
    current_hash=secret_hash(SECRET),
    nonce=b"n" * 16,
    rotated_at=NOW - dt.timedelta(seconds=10),
    unanswered=None,
    ends=NOW + dt.timedelta(days=1),
    dead=False,
    now=NOW,
)


def row(**fields):
    return msgspec.structs.replace(ROW, **fields)


def shown(generation, *, secret=SECRET, client=CLIENT, redirect_hash=REDIRECT, verifier=CHALLENGE):
    token = Presented("refresh" if generation else "code", 1, ROW.id, generation, secret)
    code = {"redirect_hash": redirect_hash, "verifier": verifier} if generation == 0 else {}
    return Presentation(token=token, client=client, **code)


CODE_SPENT = row(generation=1)
LATER = dt.timedelta(seconds=1)
TEN_MINUTES = dt.timedelta(minutes=10)


@pytest.mark.parametrize(
    ("state", "presented", "window", "verdict"),
    [
        (None, shown(3), 0, Verdict.UNKNOWN),
        (row(dead=True), shown(3), 0, Verdict.DEAD),
        (row(dead=True), shown(2), 30, Verdict.DEAD),
        (row(dead=True), shown(1), 0, Verdict.DEAD),
        (row(ends=NOW), shown(2), 0, Verdict.DEAD),
        (row(dead=True), shown(2, client=THIEF), 0, Verdict.DEAD),
        (ROW, shown(4), 0, Verdict.AHEAD),
        (ROW, shown(3, secret=b"x" * 20), 0, Verdict.AHEAD),
        (ROW, shown(3, client=THIEF), 0, Verdict.WRONG_CLIENT),
        (ROW, shown(2, client=THIEF), 30, Verdict.WRONG_CLIENT),
        (ROW, shown(1, client=THIEF), 0, Verdict.WRONG_CLIENT),
        (row(unanswered=2), shown(2, client=THIEF), 0, Verdict.WRONG_CLIENT),
        (ROW, shown(3), 0, Verdict.CURRENT),
        (ROW, shown(2), 30, Verdict.AGAIN),
        (ROW, shown(2), 10, Verdict.AGAIN),
        (ROW, shown(2), 9, Verdict.REPLAY),
        (ROW, shown(2), 0, Verdict.REPLAY),
        (ROW, shown(1), 30, Verdict.REPLAY),
        (row(rotated_at=NOW + LATER), shown(2), 30, Verdict.AGAIN),
        (row(unanswered=2), shown(2), 0, Verdict.AGAIN),
        (row(unanswered=1), shown(2), 0, Verdict.REPLAY),
        (row(unanswered=1), shown(1), 0, Verdict.REPLAY),
        (CODE_SPENT, shown(0), 0, Verdict.REPLAY),
        (CODE_SPENT, shown(0), 30, Verdict.REPLAY),
        (row(generation=1, unanswered=0), shown(0), 0, Verdict.AGAIN),
        (row(generation=1, unanswered=0, rotated_at=NOW - TEN_MINUTES), shown(0), 0, Verdict.AGAIN),
        (row(generation=1, unanswered=0, rotated_at=NOW - TEN_MINUTES - LATER), shown(0), 0, Verdict.LATE),
        (row(generation=1, rotated_at=NOW - TEN_MINUTES - LATER), shown(0), 0, Verdict.REPLAY),
        (row(unanswered=2, rotated_at=NOW - TEN_MINUTES - LATER), shown(2), 0, Verdict.AGAIN),
        (ROW, shown(0), 30, Verdict.REPLAY),
        (CODE_SPENT, shown(0, redirect_hash=b"x" * 32), 0, Verdict.WRONG_REDIRECT),
        (CODE_SPENT, shown(0, redirect_hash=None), 0, Verdict.WRONG_REDIRECT),
        (row(generation=1, redirect_uri_sent=False), shown(0, redirect_hash=None), 0, Verdict.REPLAY),
        (row(generation=1, redirect_uri_sent=False), shown(0, redirect_hash=b"x" * 32), 0, Verdict.WRONG_REDIRECT),
        (CODE_SPENT, shown(0, verifier=b"x" * 32), 0, Verdict.WRONG_VERIFIER),
        (CODE_SPENT, shown(0, verifier=None), 0, Verdict.WRONG_VERIFIER),
        (CODE_SPENT, shown(0, verifier=UNFIT_VERIFIER), 0, Verdict.WRONG_VERIFIER),
        (row(generation=1, challenge=None), shown(0, verifier=CHALLENGE), 0, Verdict.WRONG_VERIFIER),
        (row(generation=1, challenge=None), shown(0, verifier=None), 0, Verdict.REPLAY),
        (row(generation=0), shown(0), 0, Verdict.CURRENT),
    ],
)
def test_what_did_not_rotate_is_judged_by_the_table(state, presented, window, verdict):
    assert judge(state, presented, retry_window=window) is verdict


def test_a_lost_answer_that_the_row_does_not_tell_of_yet_counts():
    assert judge(ROW, shown(2), retry_window=0, unanswered=True) is Verdict.AGAIN
    assert judge(ROW, shown(1), retry_window=0, unanswered=True) is Verdict.REPLAY
