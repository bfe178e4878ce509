"""All keys of the streams server, from the one master key: nothing secret lies in a database or on that server."""

import dataclasses

from latchkey_audit.keys import derive
from latchkey_audit.streams.nkey import Kind, Nkey
from latchkey_contracts.ids import Id, is_id


@dataclasses.dataclass(frozen=True, slots=True)
class Holder:
    """An account and its one user."""

    account: Nkey
    user: Nkey


class Keys:
    """Whoever has the master key may sign for everybody; whoever has one of these keys, for itself only."""

    def __init__(self, master: bytes) -> None:
        """Take the 32 bytes of the master key."""
        self._master = master
        self.operator = self._key("operator", "operator")
        """Signs every account."""
        self.system = self._holder("system")
        """May make and remove accounts."""
        self.platform = self._holder("platform")
        """Owns the stream of audit events."""

    def consumer(self, consumer: Id) -> Holder:
        """Give the keys of a consumer, always the same for its id.

        Raises:
            ValueError: it is no id. It becomes part of subjects, where a ``*`` would open others' doors.

        """
        if not is_id(consumer):
            raise ValueError("a consumer is known by an id")
        return self._holder(f"consumer {consumer}")

    def _holder(self, name: str) -> Holder:
        return Holder(self._key("account", f"{name} account"), self._key("user", f"{name} user"))

    def _key(self, kind: Kind, purpose: str) -> Nkey:
        return Nkey(kind, derive(self._master, f"streams {purpose}"))
