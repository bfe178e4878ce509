"""What this package raises.

PolicyError
├── CatalogueError     a data model that cannot be registered as it is
├── PermissionsError   something that is not a permission set or a grant document
└── UnknownScope       a scope word that names nothing in the catalogue
"""

import re

_NOT_QUOTABLE = re.compile(r"[^ !#-\[\]-~]")
"""RFC 6749 §5.2 allows just these characters in `error_description`."""
_LONGEST_QUOTE = 80


class PolicyError(ValueError):
    """Its text is one sentence that may be shown to whoever sent the input."""


class CatalogueError(PolicyError):
    pass


class PermissionsError(PolicyError):
    pass


class UnknownScope(PolicyError):  # noqa: N818 - it names the finding, as `invalid_scope` does on the wire
    """`word` is exactly what was sent; the text of the error is fit for `error_description`."""

    def __init__(self, word: str) -> None:
        super().__init__(f"Unknown scope: {quotable(word)}")
        self.word = word


def quotable(word: object) -> str:
    """Make somebody else's word safe to repeat: printable ASCII, at most 80 characters."""
    text = _NOT_QUOTABLE.sub("?", str(word))
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
