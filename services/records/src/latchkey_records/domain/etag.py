"""Entity tags (RFC 9110 §8.8.3): made of just what a reader is shown.

So they change when any of that does, a calculated field too, and never for what the reader may not view.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec


class Precondition(msgspec.Struct, frozen=True):
    """``If-Match`` (RFC 9110 §13.1.1): the record must be as one of ``tags`` says; ``anything``: it must be there."""

    tags: frozenset[str] = frozenset()
    anything: bool = False

    def holds(self, tag: str) -> bool:
        return self.anything or tag in self.tags


def etag(shown: Mapping[str, Any]) -> str:
    """Give the strong tag of a representation, without its quotes."""
    digest = hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
