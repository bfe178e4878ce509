"""Names that others chose, made fit for a page."""

import re

# Controls, line separators, and what turns or hides text: a name must not rearrange the sentence around it.
_UNREADABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def readable(text: str, limit: int = 200) -> str:
    """The text without characters that cannot be seen, cut to ``limit`` characters. Escaping is the template's work."""
    clean = _UNREADABLE.sub("", text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
