"""Titles of events, for the catalogue of what pages say (``libs/look/words.cfg``): an extractor for Babel."""

import ast
from collections.abc import Iterator
from typing import IO, Any


def titles(source: IO[bytes], *_words: Any, **_options: Any) -> Iterator[tuple[int, None, str, list[str]]]:
    """Give line and text of every ``title: ClassVar[str] = "…"``."""
    for node in ast.walk(ast.parse(source.read())):
        match node:
            case ast.AnnAssign(target=ast.Name(id="title"), value=ast.Constant(value=str(text))) if text:
                yield node.lineno, None, text, []
