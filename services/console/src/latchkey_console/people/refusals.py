"""An owner's no, beside the field that it is about."""

from collections.abc import Mapping

from latchkey_kit.web.problems import Problem

WHOLE = ""
"""Where a form says what is about none of its fields."""


def beside(problem: Problem, fields: Mapping[str, str]) -> dict[str, str]:
    """Field of the form → what is wrong with it. ``fields``: start of a JSON Pointer → field.

    What points nowhere in the form is said of the whole of it.
    """
    found: dict[str, list[str]] = {}
    for error in problem.errors:
        field = next((name for start, name in fields.items() if f"{error.pointer}/".startswith(f"{start}/")), WHOLE)
        found.setdefault(field, []).append(error.message)
    if not found:
        found[WHOLE] = [f"{problem.title} {problem.detail}".strip()]
    return {field: " ".join(dict.fromkeys(messages)) for field, messages in found.items()}
