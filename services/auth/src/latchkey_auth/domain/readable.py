"""Addresses that others chose, made fit for a log."""

import re

from latchkey_kit.telemetry.redaction import without_secrets
from latchkey_look.readable import readable


def without_query(uri: str, limit: int = 300) -> str:
    """As much of an address as can be kept: no query, no fragment, nobody's password."""
    start = without_secrets(re.split(r"[?#]", uri, maxsplit=1)[0])
    return readable(start, limit)
