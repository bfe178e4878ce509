"""Somebody with a browser: what they do, and what their browser complains of."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from latchkey_kit.testing.looking import EVERY_LOOK, Look, wrong_with

_PATIENCE = 30_000  # milliseconds
expect.set_options(timeout=_PATIENCE)  # of its own it has five seconds
_TABS = 3
_REFUSED = (400, 401, 403, 404, 405, 409, 412, 429)
_WATCH = """
    window.complaints = [];
    addEventListener("securitypolicyviolation", (event) =>
        window.complaints.push(`csp: ${event.violatedDirective} ${event.blockedURI}`));
"""
_BY_KEYBOARD = """
    { let pressed = false;
      const complain = (event) => console.error(`not by keyboard: ${event.type} at ${event.target.outerHTML ?? ""}`);
      addEventListener("keydown", () => { pressed = true; }, true);
      for (const type of ["pointerdown", "mousedown", "touchstart"]) addEventListener(type, complain, true);
      addEventListener("click", (event) => { if (event.detail > 0) complain(event); }, true);
      addEventListener("input", (event) => { if (!pressed) complain(event); pressed = false; }, true); }
"""


@dataclass(frozen=True)
class House:
    """The stack that is up; ``demo`` is its demo.json."""

    demo: dict[str, Any]

    @property
    def origin(self) -> str:
        return str(self.demo["origin"])

    def client(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.demo["clients"][name]
        return found


@dataclass
class Visitor:
    house: House
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    nobody_there: bool = False
    """Whether an app was asked for at an address where nobody listens."""

    @classmethod
    async def come(cls, house: House, browser: Browser, *, width: int = 1280, **context: Any) -> Self:
        context.setdefault("viewport", {"width": width, "height": 900 if width > 600 else 640})
        made = await browser.new_context(base_url=house.origin, **context)
        if context.get("java_script_enabled", True):
            await made.add_init_script(_WATCH)
        made.set_default_timeout(_PATIENCE)
        visitor = cls(house, made, await made.new_page())
        visitor.watch(visitor.page)
        return visitor

    def watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", self._answered)

    async def leave(self) -> None:
        await self.context.close()

    async def sign_in(self, email: str, password: str | None = None) -> None:
        await self.page.goto("/login?next=/docs")
        await self.page.fill("#email", email)
        await self.page.fill("#password", password or self.house.demo["users"][email]["password"])
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(lambda url: url.endswith("/docs") and "/login" not in url)

    async def go(self, path: str, *, status: int = 200) -> None:
        """Open a page; another status than 200 is to be said."""
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    async def inspect(self, name: str, looks: Iterable[Look] = EVERY_LOOK) -> list[str]:
        """Everything that is wrong with the page at hand, wide and narrow, light and dark; nothing when all is well."""
        found = await wrong_with(self.page, name, looks)
        return found + await self.page.evaluate("window.complaints ?? []")

    async def tab(self) -> Self:
        """The same person in another tab."""
        tab = replace(self, page=await self.context.new_page())
        tab.watch(tab.page)
        return tab

    async def in_tabs(self, look: Callable[[Self, Any], Awaitable[list[str]]], places: Iterable[Any]) -> list[str]:
        """What is wrong with each of these places, looked at in several tabs at once."""
        waiting, found = list(reversed(list(places))), []

        async def one_after_the_other(tab: Self) -> None:
            while waiting:
                found.extend(await look(tab, waiting.pop()))

        async with asyncio.TaskGroup() as tabs:
            for _ in range(_TABS):
                tabs.create_task(one_after_the_other(await self.tab()))
        return found

    async def by_keyboard_alone(self) -> None:
        """From the next page on, a mouse, a finger, and what is filled in without a key, are complaints."""
        await self.context.add_init_script(_BY_KEYBOARD)

    async def tab_to(self, words: str, *, exact: bool = False, most: int = 200) -> None:
        """Move the focus by keyboard alone to what is called ``words``, or has them in its name."""
        for _ in range(most):
            await self.page.keyboard.press("Tab")
            name = await self.page.evaluate(_FOCUSED)
            name = " ".join(name.split())
            if name == words if exact else words.lower() in name.lower():
                return
        raise AssertionError(f"the keyboard does not reach {words!r}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not self._is_expected(message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def _is_expected(self, text: str) -> bool:
        """A page that is refused on purpose is written to the console by the browser itself."""
        if self.nobody_there and "net::ERR_" in text:
            return True
        return any(f"status of {status}" in text for status in (*self.expected, *_REFUSED))

    def _answered(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self.expected:
            self.complaints.append(f"{response.status}: {response.url}")


_FOCUSED = """
    (() => { const one = document.activeElement;
        const labels = [...(one.labels ?? [])].map((label) => label.textContent);
        const own = one.matches("a, button, summary") ? one.textContent : "";
        return [one.getAttribute("aria-label"), ...labels, own].filter(Boolean).join(" "); })()
"""


async def quiet(page: Page) -> None:
    """Wait until nothing is on its way."""
    await page.wait_for_load_state("networkidle")
    await asyncio.sleep(0)
