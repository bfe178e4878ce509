"""What is written below the fields of a class, for pages that are made from the code."""

import ast
import inspect
import textwrap
from collections.abc import Iterator


def field_docs(cls: type) -> Iterator[tuple[str, str]]:
    """Yield each field of the class itself with the string that stands below it, on one line, as Markdown."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - it is the source of a class
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield field.target.id, " ".join(text.split()).replace("``", "`")
                case _:
                    pass
