"""`latchkey demo token`: a token on standard output and nothing else, or one sentence."""

import json

import pytest
from aiohttp import web

from latchkey_cli.demo import token
from latchkey_cli.errors import CommandError

SIGN_IN = """<form method="post" action="/login"><input name="email" value=""><input type="password" name="password">
<button>Sign in</button></form>"""
PUBLIC = "c" * 32


@pytest.fixture
async def house(site, home):
    """A stack where everybody says yes at once; gives what was asked of it."""
    asked = {}

    async def authorize(request):
        asked["authorize"] = dict(request.query)
        return web.Response(text=SIGN_IN, content_type="text/html")

    async def login(request):
        asked["login"] = dict(await request.post())
        state = asked["authorize"]["state"]
        back = f"http://127.0.0.1/callback?code=the-code&state={state}&iss={asked['url']}"
        return web.Response(status=303, headers={"Location": back})

    async def exchange(request):
        asked["token"] = dict(await request.post())
        return web.json_response({"access_token": "ey.a.b", "refresh_token": "r", "scope": "x", "expires_in": 3600})

    answers = {"GET /oauth/authorize": authorize, "POST /login": login, "POST /oauth/token": exchange}
    async with site(answers) as url:
        asked["url"] = url
        told = {
            "origin": url, "mcp_url": f"{url}/v1/mcp", "users": {"carly@acme.test": {"password": "latchkey"}},
            "clients": {"admin-cli": {"client_id": "a" * 32, "client_secret": None}},
        }  # fmt: skip
        (home / "demo.json").write_text(json.dumps(told))
        yield asked


async def test_it_prints_the_token_and_nothing_else(house, capsys):
    await token.run("carly@acme.test", "admin-cli")
    assert capsys.readouterr().out == "ey.a.b\n"
    assert house["authorize"]["client_id"] == house["token"]["client_id"] == "a" * 32
    assert house["authorize"]["resource"] == f"{house['url']}/v1"
    assert house["login"] == {"email": "carly@acme.test", "password": "latchkey"}
    assert (house["token"]["code"], "code_verifier" in house["token"]) == ("the-code", True)


async def test_own_people_and_clients_are_let_in_too(house, capsys, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "a long enough password")
    await token.run("ana@northwind.example", PUBLIC)
    assert capsys.readouterr().out == "ey.a.b\n"
    assert house["authorize"]["client_id"] == PUBLIC
    assert house["login"] == {"email": "ana@northwind.example", "password": "a long enough password"}


@pytest.mark.parametrize(
    ("email", "client", "words"),
    [("carly@acme.test", "no-such", "admin-cli"), ("ana@northwind.example", "admin-cli", "set ADMIN_PASSWORD")],
)
async def test_who_is_not_there_is_one_sentence(house, capsys, email, client, words):
    with pytest.raises(CommandError, match=words):
        await token.run(email, client)
    assert (capsys.readouterr().out, "login" in house) == ("", False)
