"""`latchkey keys` and `latchkey resource-servers`: what they ask, and what they tell."""

import datetime as dt
import sys

import msgspec
import pytest
from aiohttp import web

from latchkey_cli import main
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate, SigningKey, SigningKeys
from latchkey_contracts.requests.resource_servers import (
    ResourceServer,
    ResourceServerAdd,
    ResourceServerAdded,
    ResourceServerRemove,
    ResourceServers,
    ResourceServersList,
)

MADE = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
KEYS = SigningKeys(
    keys=(
        SigningKey(kid="bad", state="retired", compromised=True, created_at=MADE),
        SigningKey(kid="old", state="retired", compromised=False, created_at=MADE),
        SigningKey(kid="former", state="former", compromised=False, created_at=MADE, published_until=MADE),
        SigningKey(kid="active", state="active", compromised=False, created_at=MADE),
        SigningKey(kid="next", state="next", compromised=False, created_at=MADE),
    )
)
REST = "https://api.latchkey.test/v1"
ANSWERS = {
    KeysList: KEYS,
    KeysRotate: KEYS,
    KeyRetire: KEYS,
    ResourceServersList: ResourceServers(
        resource_servers=(ResourceServer(id="1" * 32, name="partner", audience=REST, created_at=MADE),),
        audiences=(REST,),
    ),
    ResourceServerAdd: ResourceServerAdded(id="1" * 32, secret="lk_rs_shown-once"),
    ResourceServerRemove: Done(),
}


@pytest.fixture
async def latchkey(site, monkeypatch, capsys):
    """Type a command; what it asked of the token service, and what it printed."""
    asked = []

    def answer(kind):
        async def handle(request):
            asked.append(msgspec.json.decode(await request.read(), type=kind))
            return web.Response(body=msgspec.json.encode(ANSWERS[kind]))

        return handle

    async with site({f"POST {kind.path}": answer(kind) for kind in ANSWERS}) as url:
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL", "TOKEN_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")

        async def type_in(*words):
            monkeypatch.setattr(sys, "argv", ["latchkey", *words])
            arguments = main._parser().parse_args()
            await arguments.command(arguments)
            return asked, capsys.readouterr().out

        yield type_in


async def test_list_says_what_each_key_does(latchkey):
    asked, told = await latchkey("keys", "list")
    assert asked == [KeysList()]
    assert told.splitlines() == [
        "bad  compromised: all that it has signed is refused",
        "old  retired",
        "former  signs no more, published until 2026-01-02 03:04:05 UTC",
        "active  signs",
        "next  signs next, published since 2026-01-02 03:04:05 UTC",
    ]


async def test_rotate_names_the_key_that_is_to_step_down(latchkey):
    asked, told = await latchkey("keys", "rotate")
    assert asked == [KeysList(), KeysRotate(active="active", now=False)]
    assert "active  signs" in told
    asked, _ = await latchkey("keys", "rotate", "--now")
    assert asked[-1] == KeysRotate(active="active", now=True)


async def test_retire_takes_a_key_out(latchkey):
    asked, told = await latchkey("keys", "retire", "former")
    assert asked == [KeyRetire(kid="former")]
    assert "refused from now on" not in told
    asked, told = await latchkey("keys", "retire", "active", "--compromised")
    assert asked[-1] == KeyRetire(kid="active", compromised=True)
    assert "All that active has signed is refused from now on." in told


async def test_a_resource_servers_secret_is_shown_when_it_is_added(latchkey):
    asked, told = await latchkey("resource-servers", "add", "partner", REST)
    assert asked == [ResourceServerAdd(name="partner", audience=REST)]
    assert "lk_rs_shown-once" in told
    asked, told = await latchkey("resource-servers", "list")
    assert (asked[-1], told) == (ResourceServersList(), f"partner  {REST}\n")
    asked, told = await latchkey("resource-servers", "remove", "partner")
    assert asked[-1] == ResourceServerRemove(name="partner")
    assert told.startswith("partner is gone.")
