"""What is wrong with a page that a browser shows: at both widths and in both colour schemes."""

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import axe_playwright_python  # type: ignore[import-untyped]  # it holds a file
from playwright.async_api import Page, ViewportSize

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
Look = tuple[ViewportSize, Literal["light", "dark"]]
"""How a page is looked at: a width and a colour scheme."""
EVERY_LOOK: Final[tuple[Look, ...]] = tuple(product((WIDE, NARROW), ("light", "dark")))
PAIRS: Final[tuple[tuple[Look, Look], ...]] = (
    ((WIDE, "light"), (NARROW, "dark")),
    ((WIDE, "dark"), (NARROW, "light")),
)
"""Both widths and both schemes in two looks, for a page of which somebody has seen every look."""
_RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is well need not be told at length: that takes most of the time
}
_LOOK: Final = """
    async rules => ({
        violations: (await axe.run(document, rules)).violations,
        sideways: document.documentElement.scrollWidth > innerWidth,
        headed: Boolean(document.title.trim()) && document.querySelectorAll("h1").length === 1,
    })
"""


async def wrong_with(page: Page, name: str, looks: Iterable[Look] = EVERY_LOOK) -> list[str]:
    """Everything that is wrong with the page at hand, ``name`` for whoever reads it; nothing when all is well.

    Every rule of axe is asked again for each look. The page is left wide.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE)
    found = []
    for size, scheme in looks:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        seen = await page.evaluate(_LOOK, _RULES)
        found += [f"{name}, {size['width']} px, {scheme}: {said}" for said in _said(seen)]
    await page.set_viewport_size(WIDE)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


def _said(seen: dict[str, Any]) -> list[str]:
    said = [
        f"axe {one['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for one in seen["violations"]
        for node in one["nodes"][:3]
    ]
    if seen["sideways"]:
        said.append("it scrolls sideways")
    if not seen["headed"]:
        said.append("it has no title, or not one h1")
    return said
