"""Building one statement about one tenant's log: its words are ours, values only ever parameters."""

import copy
from typing import Any, Final

SHOWN: Final = "position, recorded, result, connection_id, hash, body"
NEWEST: Final = "ORDER BY at DESC, id DESC"


class Statement:
    """Collects conditions and their values; ``$1`` is the tenant."""

    def __init__(self, tenant: str) -> None:
        self.values: list[Any] = []
        self._tenant = f"tenant_id = {self.bind(tenant)}"
        self._conditions: list[str] = []

    def bind(self, value: Any) -> str:
        """Take a value in; gives its place, such as ``$1``."""
        self.values.append(value)
        return f"${len(self.values)}"

    def where(self, condition: str, *values: Any) -> None:
        """Add a condition; ``{}`` stands for each of its values."""
        self._conditions.append(condition.format(*map(self.bind, values)))

    def copy(self) -> "Statement":
        """Give the same statement, to be narrowed further by itself."""
        return copy.deepcopy(self)

    def find_apart(self) -> None:
        """Leave it to an index that does not know the tenant: none that begins with the tenant can take part."""
        self._tenant = f"({self._tenant}) IS TRUE"

    @property
    def text(self) -> str:
        return " AND ".join((self._tenant, *self._conditions))
