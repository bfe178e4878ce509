"""Building one statement: names come from the data models, values only ever as parameters."""

from typing import Any, Final

from latchkey_records.domain.conditions import Condition, Operator
from latchkey_records.domain.cursor import Place
from latchkey_records.domain.kinds import Field, Kind
from latchkey_records.domain.order import Key, Order
from latchkey_records.domain.portfolio import Reach

# As numeric, which is how the values of all numbers come in.
_CALCULATED: Final = {
    ("company", "open_tasks"): (
        "(SELECT count(*)::numeric FROM task AS t "
        "WHERE t.tenant_id = r.tenant_id AND t.company_id = r.id AND NOT t.done)"
    ),
    ("company", "assets"): (
        "(SELECT count(*)::numeric FROM asset AS a WHERE a.tenant_id = r.tenant_id AND a.company_id = r.id)"
    ),
}
_COMPARED: Final[dict[Operator, str]] = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Statement:
    """Collects the parameters of one statement about one model, whose row is called ``r``."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.text = ""
        self.values: list[Any] = []

    def bind(self, value: Any) -> str:
        """Take a value in; gives its place, such as ``$1``."""
        self.values.append(value)
        return f"${len(self.values)}"

    def within(self, reach: Reach) -> str:
        """Give the condition that holds for just the rows within reach."""
        tenant = f"r.tenant_id = {self.bind(reach.tenant)}"
        if reach.is_everything:
            return tenant
        if self.kind.name == "company":
            return f"{tenant} AND {self._held('r', reach)}"
        return (
            f"{tenant} AND EXISTS (SELECT FROM company AS c "
            f"WHERE c.tenant_id = r.tenant_id AND c.id = r.company_id AND {self._held('c', reach)})"
        )

    def _held(self, company: str, reach: Reach) -> str:
        conditions = []
        if reach.owners is not None and len(reach.owners) == 1:
            conditions.append(f"{company}.owner_id = {self.bind(reach.owners[0])}")
        elif reach.owners is not None:
            conditions.append(f"{company}.owner_id = ANY ({self.bind(reach.owners)}::uuid[])")
        if reach.listed is not None:
            conditions.append(f"{company}.id = ANY ({self.bind(reach.listed)}::uuid[])")
        return " AND ".join(conditions)

    def holds(self, condition: Condition) -> str:
        """Give the condition of a filter."""
        expression, value = self.expression(condition.field), self.bind(condition.value)
        if condition.operator == "prefix":
            return f"starts_with({expression}, {value})"
        return f"{expression} {_COMPARED[condition.operator]} {value}"

    def ordered(self, order: Order) -> str:
        """Give what follows ``ORDER BY``."""
        ways = (f"{self._rank(key.field)} {'DESC' if key.falling else 'ASC'} NULLS LAST" for key in order)
        return ", ".join((*ways, "r.id"))

    def behind(self, order: Order, place: Place) -> str:
        """Give the condition that holds for just the rows that `ordered` puts behind a place."""
        alternatives, same = [], ""
        for key, value in zip(order, place.values, strict=True):
            if value is not None:
                alternatives.append(f"({same}{self._further(key, value)})")
            same += f"{self._equals(key, value)} AND "
        alternatives.append(f"({same}r.id > {self.bind(place.record)})")
        return f"({' OR '.join(alternatives)})"

    def _further(self, key: Key, value: Any) -> str:
        rank = self._rank(key.field)
        return f"({rank} {'<' if key.falling else '>'} {self.bind(value)} OR {rank} IS NULL)"

    def _equals(self, key: Key, value: Any) -> str:
        rank = self._rank(key.field)
        return f"{rank} IS NULL" if value is None else f"{rank} = {self.bind(value)}"

    def _rank(self, field: Field) -> str:
        """Order texts by their code points: alike on every machine, today and after its next upgrade."""
        return self.expression(field) + (' COLLATE "C"' if field.type in {"text", "email"} else "")

    def columns(self, fields: tuple[Field, ...]) -> str:
        """Give the list of what is read: the id, and these fields under their own names."""
        return ", ".join(["r.id", *(f'{self.expression(field)} AS "{field.name}"' for field in fields)])

    def expression(self, field: Field) -> str:
        return _CALCULATED.get((self.kind.name, field.name)) or f"r.{column(field)}"


def column(field: Field) -> str:
    name = field.name.replace(".", "_")
    return f"{name}_id" if field.type in {"user", "company"} else name
