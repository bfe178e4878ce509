"""Words that pages say, and that stand in code: marked here, found by `make words`, translated where they are shown."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for the catalogue."""
    return message
