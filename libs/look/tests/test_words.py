"""What pages say: which language somebody gets, what the pseudo-locale keeps, and that the catalogue is whole."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from latchkey_look import moments
from latchkey_look.words import PSEUDO, USUAL, accented, known, preferred

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", USUAL), ("de, en;q=0.5", USUAL), ("en-XA", PSEUDO), ("EN-xa;q=1, en", PSEUDO),
        ("fr;q=0.9, en-XA;q=0.1", PSEUDO), ("*", USUAL), ("\r\nx", USUAL),
    ],
)  # fmt: skip
def test_the_first_language_that_there_is_is_given(accepted, language):
    assert preferred(accepted, known(pseudo=True)) == language


def test_the_pseudo_locale_is_for_local_mode_only():
    assert PSEUDO not in known(pseudo=False)
    assert preferred(PSEUDO, known(pseudo=False)) == USUAL


def test_what_is_filled_in_and_what_is_markup_stays_as_it_is():
    said = accented("%(num)s apps of <bdi>%(name)s</bdi> &amp; others")
    for kept in ("%(num)s", "<bdi>", "%(name)s", "</bdi>", "&amp;"):
        assert kept in said
    assert "apps" not in said
    assert len(said) > len("%(num)s apps of <bdi>%(name)s</bdi> &amp; others")


def test_each_message_is_in_the_catalogue(tmp_path):
    command = (Path(sys.executable).with_name("pybabel"), "-q", "extract", "-F", "libs/look/words.cfg")
    places = (
        *(f"libs/{one}/src" for one in ("look", "kit", "contracts")),
        *(f"services/{one}/src" for one in ("auth", "console", "edge")),
    )
    options = ("--no-location", "--sort-output", "--omit-header", "-o", tmp_path / "words.pot")
    subprocess.run([*command, *options, *places], cwd=CHECKOUT, check=True)  # noqa: S603 - our own files
    now = (tmp_path / "words.pot").read_text()
    assert (CHECKOUT / "libs/look/words.pot").read_text() == now, "run `make words`"


def test_times_are_written_as_people_read_them_and_as_machines_do():
    at = dt.datetime(2026, 10, 2, 14, 5, 7, 9, dt.UTC)
    assert (moments.moment(at), moments.day(at)) == ("2 Oct 2026, 14:05 UTC", "2 Oct 2026")
    assert moments.machine(at) == "2026-10-02T14:05:07Z"
