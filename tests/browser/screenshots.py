"""``make screenshots``: pictures of the main pages, for the README and docs/, of a stack of their own."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

from asking import asking, sent_to
from playwright.async_api import async_playwright
from stacks import folder_for_a_stack
from visitors import House, Visitor

FOLDER = Path(__file__).parents[2] / "docs" / "images"
_ADMIN, _MEMBER, _STAFF = "carly@acme.test", "sam@acme.test", "staff@latchkey.test"


async def take() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Pictures need Chromium. On Debian: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with folder_for_a_stack() as stack:
        await asyncio.to_thread(stack.up)
        house = House(json.loads((stack.home / "demo.json").read_text()))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            admin = await Visitor.come(house, browser)
            await admin.sign_in(_ADMIN)
            await _consent(admin, house)
            client = house.client("claude-connector")["client_id"]
            for name, path in (
                ("app-center", "/apps"), ("client", f"/apps/{client}"),
                ("permissions", f"/apps/{client}?tab=permissions"), ("my-applications", "/profile/applications"),
                ("audit", "/audit"), ("roles", "/roles"), ("api", "/docs/api/oauth-clients"),
            ):  # fmt: skip
                await _picture(admin, name, path)
            staff = await Visitor.come(house, browser)
            await staff.sign_in(_STAFF)
            await _picture(staff, "staff", "/staff")
            await browser.close()


async def _consent(visitor: Visitor, house: House) -> None:
    """Let an app in, so that there is something to see; the page before that is the first picture."""
    client = house.client("sync-demo")["client_id"]
    request = asking(house, client, "http://127.0.0.1/callback")
    await visitor.page.goto(request.url)
    await visitor.page.set_viewport_size({"width": 560, "height": 860})
    await visitor.page.screenshot(path=FOLDER / "consent.png")
    await visitor.page.emulate_media(color_scheme="dark")
    await visitor.page.set_viewport_size({"width": 320, "height": 860})
    await visitor.page.screenshot(path=FOLDER / "consent-phone-dark.png")
    await visitor.page.emulate_media(color_scheme="light")
    authorize = visitor.page.get_by_role("button", name="Authorize", exact=True)
    answer = await sent_to(visitor, request.url_back, authorize.click)
    known = house.client("sync-demo")
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": request.url_back}
    keys = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    exchanged = await visitor.context.request.post(
        "/oauth/token", form=form | keys | {"code_verifier": request.verifier}
    )
    if not exchanged.ok:
        sys.exit(await exchanged.text())
    await visitor.page.set_viewport_size({"width": 1280, "height": 800})


async def _picture(visitor: Visitor, name: str, path: str) -> None:
    await visitor.page.goto(path)
    await visitor.page.wait_for_load_state("networkidle")
    await visitor.page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(take())
