"""What is said for a part that the gateway does not reach: to browsers a page, to programs a problem."""

import os
import shutil

import pytest
from playwright.async_api import async_playwright

from latchkey_kit.testing.looking import wrong_with

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def page():
    """A tab of Chromium."""
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CHROMIUM_REQUIRED"):
            pytest.fail("Chromium is required here and is not installed.")
        pytest.skip("Chromium is not installed. On Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


async def test_a_browser_is_shown_a_page_that_needs_nobody_else(edge, page):
    complaints, asked = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    address = f"{edge.public_url}/away/502"
    answer = await page.goto(address)
    assert answer.status == 502
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert await wrong_with(page, "away") == []
    assert await page.locator("main").evaluate("element => getComputedStyle(element).maxWidth") == "480px"
    assert await page.get_by_role("link", name="Try again").evaluate("link => link.href") == address
    assert await page.get_by_role("link", name="To the start page").get_attribute("href") == "/"
    assert [text for text in complaints if "status of 502" not in text and "favicon" not in text] == []
    assert {url for url in asked if not url.endswith("/favicon.ico")} == {address}


async def test_a_part_of_a_page_is_answered_with_a_part(edge, http):
    async with http.get(f"{edge.public_url}/away/504", headers={**BROWSER, "HX-Request": "true"}) as answer:
        assert (answer.status, answer.content_type) == (504, "text/html")
        text = await answer.text()
    assert "Temporarily unavailable" in text
    assert "<html" not in text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.9"])
@pytest.mark.parametrize("status", [502, 504])
async def test_a_program_is_told_in_the_format_of_the_apis(edge, http, accept, status):
    async with http.get(f"{edge.public_url}/away/{status}", headers={"Accept": accept}) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        said = await answer.json()
    assert (said["status"], said["code"]) == (status, "temporarily_unavailable")


async def test_nothing_else_is_said_so(edge, http):
    async with http.get(f"{edge.public_url}/away/404", headers=BROWSER) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
