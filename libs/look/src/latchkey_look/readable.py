"""Names and addresses that others chose, made fit for a page."""

import re
from urllib.parse import quote

# Controls, what turns or hides text, and letters that show nothing: a name must not rearrange the sentence around it.
_UNREADABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOO_MANY_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
"""Accents upon accents, which would cover the lines around them; no word has more than three on a letter."""
_SPACE = re.compile(r"\s+")
_AS_SENT = "!#$%&'()*+,/:;=?@[]~"


def readable(text: str, limit: int = 200) -> str:
    """The text in one line, without what cannot be seen, cut to ``limit`` characters. Escaping is the template's work.

    It is empty for a text that shows nothing.
    """
    clean = _TOO_MANY_MARKS.sub(r"\1", _UNREADABLE.sub("", _SPACE.sub(" ", text))).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def printable(raw: str) -> str:
    """A raw path or query with everything but printable ASCII escaped; what was escaped stays as it is."""
    return quote(raw.encode("utf-8", "surrogateescape"), safe=_AS_SENT)
