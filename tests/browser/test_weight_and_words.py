"""How much a page weighs, and that no word on it was forgotten when it was made fit for other languages."""

import re

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
MOST_BYTES = 60_000
PAGES = (
    "/apps", "/apps/new", "/apps/{client}", "/audit", "/roles", "/members", "/profile/applications",
    "/profile/sessions", "/docs",
)  # fmt: skip
NAMES = {"Claude", "ChatGPT", "Claude Code", "openapi.json", "asyncapi.json"}
_WORDS = """
    () => { const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) { const one = walker.currentNode, text = one.textContent.trim();
            const theirs = "bdi, code, pre, time, script, textarea, [translate=no], option, .brand";
            const ours = !one.parentElement.closest(theirs);
            if (ours && /[A-Za-z]{3}/.test(text)) found.push(text); }
        return found; }
"""


async def test_a_page_is_one_request_and_assets_that_are_kept(visit, house):
    visitor = await visit("carly@acme.test")
    sizes: dict[str, int] = {}
    asked: list[str] = []

    async def finished(request):
        asked.append(request.url)
        if "/assets/" in request.url:
            sizes[request.url] = (await request.sizes())["responseBodySize"]

    visitor.page.on("requestfinished", finished)
    for path in PAGES:
        place = path.format(client=house.client("sync-demo")["client_id"])
        asked.clear()
        await visitor.go(place)
        await visitor.page.wait_for_load_state("networkidle")
        others = {url for url in asked if "/assets/" not in url and "/logos/" not in url and "favicon" not in url}
        assert others == {house.origin + place}, path
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    answer = await visitor.context.request.get(next(iter(sizes)))
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_word_of_ours_can_be_said_in_another_language(visit, house, path):
    visitor = await visit("carly@acme.test", locale="en-XA")
    await visitor.go(path.format(client=house.client("sync-demo")["client_id"]))
    assert await visitor.page.get_attribute("html", "lang") == "en-XA"
    said = await visitor.page.evaluate(_WORDS)
    assert [words for words in said if not re.search("[⟦⟧]", words) and words not in NAMES] == []
