"""The life of a signing key, and when keys may move on."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec

State = Literal["next", "active", "former", "retired"]
"""``next`` is published before it signs, ``former`` after it did, ``retired`` no more."""
CACHED = dt.timedelta(minutes=10)
"""How long somebody may work with a copy of the key set: twice what our answers allow caches."""


class KeyLife(msgspec.Struct, frozen=True, kw_only=True):
    """The life of a key so far. ``now`` is the database's time at which all this was so.

    ``signed_until`` is when it stopped to sign, ``published_until`` when the last token that it signed has expired.
    """

    kid: str
    state: State
    compromised: bool
    created_at: dt.datetime
    signed_until: dt.datetime | None
    published_until: dt.datetime | None
    now: dt.datetime

    @property
    def outlived(self) -> bool:
        """Whether no living token can be out that it signed."""
        return self.state == "former" and self.published_until is not None and self.published_until <= self.now


class KeyRefusedError(Exception):
    """``code``: ``unknown_key``, ``key_signs`` or ``published_too_briefly``. The second part is for the operator."""

    def __init__(self, code: Literal["unknown_key", "key_signs", "published_too_briefly"], detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Keys:
    """All signing keys, of which one is active and one is next."""

    def __init__(self, lives: Iterable[KeyLife]) -> None:
        self._by_kid = {life.kid: life for life in lives}
        (self.active,) = (life for life in self._by_kid.values() if life.state == "active")
        (self.next,) = (life for life in self._by_kid.values() if life.state == "next")

    def may_rotate(self, *, active: str | None, now: bool) -> bool:
        """Whether there is anything to do; ``active`` is the key that is to step down, if one was named.

        Raises:
            KeyRefusedError: the next key was published so briefly that some may not know it. ``now`` does it anyway.

        """
        if active is not None and active != self.active.kid:
            self._known(active)
            return False
        known_from = self.next.created_at + CACHED
        if not now and self.next.now < known_from:
            raise KeyRefusedError(
                "published_too_briefly",
                f"Copies of the key set may lack the next key until {known_from:%Y-%m-%d %H:%M:%S} UTC.",
            )
        return True

    def may_retire(self, kid: str, *, compromised: bool) -> bool:
        """Whether there is anything to do.

        Raises:
            KeyRefusedError: for an unknown key, and for the one that signs, unless it is compromised.

        """
        life = self._known(kid)
        if life.state == "active" and not compromised:
            raise KeyRefusedError("key_signs", "Rotate first, or say that it is compromised.")
        return life.state != "retired" or (compromised and not life.compromised)

    def _known(self, kid: str) -> KeyLife:
        life = self._by_kid.get(kid)
        if life is None:
            raise KeyRefusedError("unknown_key", "There is no signing key with this id.")
        return life
