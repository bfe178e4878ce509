"""A whole stack, and Debian's Chromium before it."""

import json
import os
import shutil
from collections.abc import Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from stacks import folder_for_a_stack
from visitors import House, Visitor

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where it is; ``make test`` installs it where it may."""
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CHROMIUM_REQUIRED"):
            pytest.fail("Chromium is required here and is not installed.")
        pytest.skip("Chromium is not installed. On Debian: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def house(chromium: str) -> Iterator[House]:
    with folder_for_a_stack() as stack:
        stack.up()
        yield House(json.loads((stack.home / "demo.json").read_text()))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium):
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(house, browser: Browser):
    """``await visit("carly@acme.test", width=320)``: somebody with a browser of their own; ``None`` for a stranger.

    When the test ends, whatever a page complained of (console, CSP, script) fails it.
    """
    visitors: list[Visitor] = []

    async def one(email: str | None = None, **context) -> Visitor:
        visitors.append(await Visitor.come(house, browser, **context))
        if email is not None:
            await visitors[-1].sign_in(email)
        return visitors[-1]

    yield one
    for visitor in visitors:
        await visitor.leave()
    assert [said for visitor in visitors for said in visitor.complaints] == []
