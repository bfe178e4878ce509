"""Names and descriptions that people choose: they stand in sentences of ours, on pages of others."""

import unicodedata

LONGEST_NAME = 100
LONGEST_TEXT = 1000
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode that break lines, turn text round or cannot be seen."""
_JOINERS = frozenset("\u200c\u200d")
"""Persian words and many emoji are written with these."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def name_problem(name: str) -> str | None:
    """Say what is wrong with a name, if anything."""
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if any(_is_hidden(one) for one in name):
        return "A name has no line breaks, and no characters that are invisible or turn text round."
    if not any(_is_seen(one) for one in name):
        return "Give it a name that can be read."
    return None


def text_problem(text: str) -> str | None:
    """Say what is wrong with a text of several lines, if anything."""
    if len(text) > LONGEST_TEXT:
        return f"At most {LONGEST_TEXT} characters."
    if any(_is_hidden(one) and one not in "\n\t" for one in text):
        return "This has characters that are invisible or turn text round."
    return None


def one_line_end(text: str) -> str:
    """The text with the line ends of PostgreSQL and JSON; forms of browsers send two characters for each."""
    return text.replace("\r\n", "\n")


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _JOINERS


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK
