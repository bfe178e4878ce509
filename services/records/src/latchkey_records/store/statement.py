"""Building one statement: names come from the data models, values only ever as parameters."""

from typing import Any, Final

from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.portfolio import Reach

_CALCULATED: Final = {
    ("company", "open_tasks"): (
        "(SELECT count(*) FROM task AS t WHERE t.tenant_id = r.tenant_id AND t.company_id = r.id AND NOT t.done)"
    ),
}


class Statement:
    """Collects the parameters of one statement about one model, whose row is called ``r``."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.values: list[Any] = []

    def bind(self, value: Any) -> str:
        """Take a value in; gives its place, such as ``$1``."""
        self.values.append(value)
        return f"${len(self.values)}"

    def within(self, reach: Reach) -> str:
        """Give the condition that holds for just the rows within reach."""
        tenant = f"r.tenant_id = {self.bind(reach.tenant)}"
        if reach.owner is None:
            return tenant
        owner = self.bind(reach.owner)
        if self.kind.name == "company":
            return f"{tenant} AND r.owner_id = {owner}"
        return (
            f"{tenant} AND EXISTS (SELECT FROM company AS c "
            f"WHERE c.tenant_id = r.tenant_id AND c.id = r.company_id AND c.owner_id = {owner})"
        )

    def columns(self, fields: tuple[Field, ...]) -> str:
        """Give the list of what is read: the id, and these fields under their own names."""
        return ", ".join(["r.id", *(f'{self.expression(field)} AS "{field.name}"' for field in fields)])

    def expression(self, field: Field) -> str:
        return _CALCULATED.get((self.kind.name, field.name)) or f"r.{column(field)}"


def column(field: Field) -> str:
    return f"{field.name}_id" if field.type in {"user", "company"} else field.name
