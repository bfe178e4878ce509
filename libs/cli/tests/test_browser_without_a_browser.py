"""The demo's person fills in the forms that there are, and stops with a sentence where there is none to fill in."""

import pytest
from aiohttp import web

from latchkey_cli.demo.browser import Browser
from latchkey_cli.errors import CommandError

SIGN_IN = """
<form method="post" action="/login"><input type="hidden" name="csrf" value="one &amp; two">
<input name="email" value=""><input type="password" name="password"><input type="checkbox" name="remember" value="yes">
<button>Sign in</button></form>
"""
CONSENT = """
<form method="post" action="/logout"><input type="hidden" name="csrf" value="out"><button>Sign out</button></form>
<form method="post" action=""><input type="hidden" name="document" value="d0c">
<input type="checkbox" name="allow" value="company:view" checked><input type="checkbox" name="allow" value="task:view">
<input type="checkbox" name="allow" value="company:update" checked="checked"><input type="radio" name="size" value="s">
<input type="radio" name="size" value="l" checked><input type="checkbox" name="sure" checked>
<input type="checkbox" name="gone" value="x" checked disabled>
<button name="decision" value="cancel">No</button><button name="decision" value="authorize">Yes</button></form>
"""


def page(text, status=200):
    async def show(_request):
        return web.Response(text=text, status=status, content_type="text/html")

    return show


def leading(to, seen=None):
    async def lead(request):
        if seen is not None:
            seen.append(list((await request.post()).items()))
        return web.Response(status=303, headers={"Location": to})

    return lead


async def test_signs_in_and_authorizes(site):
    seen = []
    answers = {
        "GET /oauth/authorize": page(SIGN_IN), "POST /login": leading("/consent?a=1", seen),
        "GET /consent": page(CONSENT), "POST /consent": leading("http://127.0.0.1/callback?code=c&state=s", seen),
    }  # fmt: skip
    async with site(answers) as url, Browser("carly@acme.test", "latchkey") as carly:
        assert await carly.authorize(f"{url}/oauth/authorize?x=1") == "http://127.0.0.1/callback?code=c&state=s"
    assert seen == [
        [("csrf", "one & two"), ("email", "carly@acme.test"), ("password", "latchkey")],
        [
            ("document", "d0c"), ("decision", "authorize"), ("allow", "company:view"), ("allow", "company:update"),
            ("size", "l"), ("sure", "on"),
        ],
    ]  # fmt: skip


async def test_an_app_that_needs_no_consent_is_answered_at_once(site):
    answers = {"GET /oauth/authorize": leading("http://127.0.0.1/callback?code=c&state=s")}
    async with site(answers) as url, Browser("carly@acme.test", "latchkey") as carly:
        assert await carly.authorize(f"{url}/oauth/authorize?x=1") == "http://127.0.0.1/callback?code=c&state=s"


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (page("<p>Nothing to do here.</p>"), "neither a sign-in nor a consent form"),
        (page(SIGN_IN, 503), "answered 503"),
        (
            page("<h1>Your <b>role</b> lacks it.</h1><p>Ask.</p>", 403),
            "403 where a form was expected: Your role lacks it.$",
        ),
        (leading("/"), "did not come to an end"),
    ],
)
async def test_what_leads_nowhere_ends_with_a_sentence(site, handler, words):
    async with site({"GET /": handler}) as url, Browser("carly@acme.test", "latchkey") as carly:
        with pytest.raises(CommandError, match=words):
            await carly.authorize(f"{url}/")
