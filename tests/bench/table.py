"""What was measured, as a table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A row: what, how much, what was aimed at, and what else is worth knowing."""

    name: str
    value: str
    aim: str = ""
    note: str = ""


def shown(figures: list[Figure]) -> str:
    rows = [("", "median", "aim", ""), *((one.name, one.value, one.aim, one.note) for one in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {aim:>{widths[2]}}  {note}".rstrip()
        for name, value, aim, note in rows
    )
