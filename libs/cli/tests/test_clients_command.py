"""`latchkey clients`: what it asks the registry, and what it says."""

import datetime as dt
import types

import msgspec
import pytest
from aiohttp import web

from latchkey_cli import clients
from latchkey_cli.errors import CommandError
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic
from latchkey_contracts.requests.people import Turned

CLIENT = "7" * 32
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
async def registry(site, monkeypatch):
    """A registry that answers ``answer``; ``asked`` is what it was asked."""

    heard = types.SimpleNamespace(answer=Turned(changed=True, effective_at=NOON), asked=[])

    async def compromised(request):
        heard.asked.append(msgspec.json.decode(await request.read(), type=ClientCompromised))
        return web.Response(body=msgspec.json.encode(heard.answer))

    async def dynamic(request):
        heard.asked.append(msgspec.json.decode(await request.read(), type=ClientDynamic))
        return web.Response(body=msgspec.json.encode(Done()))

    answers = {f"POST {ClientCompromised.path}": compromised, f"POST {ClientDynamic.path}": dynamic}
    async with site(answers) as url:
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")
        yield heard


@pytest.mark.parametrize(("action", "compromised"), [("compromised", True), ("lift", False)])
async def test_the_registry_is_asked_and_the_time_is_told(registry, capsys, action, compromised):
    await clients.run(action, CLIENT)
    assert registry.asked == [ClientCompromised(client=CLIENT, compromised=compromised)]
    said = capsys.readouterr().out
    assert CLIENT in said
    assert NOON.isoformat() in said


async def test_what_is_pending_or_stood_so_already_is_said(registry, capsys):
    registry.answer = Turned(changed=True, pending=True)
    await clients.run("compromised", CLIENT)
    assert "does not answer" in capsys.readouterr().out
    registry.answer = Turned(changed=False)
    await clients.run("compromised", CLIENT)
    assert "already" in capsys.readouterr().out


@pytest.mark.parametrize("on", [True, False])
async def test_a_client_is_made_dynamic_and_held_to_its_permissions_again(registry, capsys, on):
    await clients.dynamic(CLIENT, on=on)
    assert registry.asked == [ClientDynamic(client=CLIENT, dynamic=on)]
    assert CLIENT in capsys.readouterr().out


async def test_what_is_no_client_id_is_not_asked_about(registry):
    with pytest.raises(CommandError, match="no client id"):
        await clients.dynamic("A" * 32, on=True)
    with pytest.raises(CommandError, match="no client id"):
        await clients.run("lift", "acme")
    assert registry.asked == []
