"""What was measured, as a table that grows as it is measured."""

from dataclasses import dataclass

_WIDTHS = (47, 10, 10)


@dataclass(frozen=True)
class Figure:
    """A row: what, how much, what was aimed at, and what else is worth knowing."""

    name: str
    value: str
    aim: str = ""
    note: str = ""


def head() -> str:
    return "\n" + row(Figure("", "median", "aim"))


def row(one: Figure) -> str:
    name, value, aim = _WIDTHS
    return f"{one.name:<{name}}{one.value:>{value}}{one.aim:>{aim}}  {one.note}".rstrip()
