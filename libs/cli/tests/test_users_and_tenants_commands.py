"""`latchkey users` and `latchkey tenants`: what they ask auth, and what they say."""

import asyncio
import datetime as dt
import sys
import types

import msgspec
import pytest
from aiohttp import web

from latchkey_cli import main
from latchkey_contracts.requests.audit import Retained, RetentionOf, TenantRetention
from latchkey_contracts.requests.operator import TenantNamed
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch, Turned, UserSwitch
from latchkey_kit.web.problems import not_found

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
async def auth(site, monkeypatch):
    """An auth service that answers ``answer``; ``asked`` is what it was asked."""
    heard = types.SimpleNamespace(answer=Turned(changed=True, effective_at=NOON), status=200, asked=[])

    def serve(kind):
        async def handle(request):
            heard.asked.append(msgspec.json.decode(await request.read(), type=kind))
            return web.Response(status=heard.status, body=msgspec.json.encode(heard.answer))

        return handle

    async with site({f"POST {kind.path}": serve(kind) for kind in (UserSwitch, TenantSwitch, TenantLimit)}) as url:
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")
        yield heard


@pytest.fixture
def latchkey(monkeypatch, capsys):
    """Type a command; gives the exit code and what was said."""

    async def typed(line):
        monkeypatch.setattr(sys, "argv", ["latchkey", *line.split()])
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main.main)
        said = capsys.readouterr()
        return ended.value.code, said.out + said.err

    return typed


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("users disable sam@acme.test", UserSwitch(email="sam@acme.test", disabled=True)),
        ("users enable sam@acme.test", UserSwitch(email="sam@acme.test", disabled=False)),
        ("tenants off-board acme", TenantSwitch(name="acme", off_boarded=True)),
        ("tenants restore acme", TenantSwitch(name="acme", off_boarded=False)),
        (
            "tenants limit acme --refresh-token-lifetime 15552000",
            TenantLimit(name="acme", refresh_token_lifetime=15_552_000),
        ),
        (
            "tenants limit acme --connection-lifetime none --refresh-token-lifetime 60",
            TenantLimit(name="acme", refresh_token_lifetime=60, connection_lifetime=None),
        ),
    ],
)
async def test_auth_is_asked_and_the_time_is_told(auth, latchkey, line, asked):
    code, said = await latchkey(line)
    assert auth.asked == [asked]
    assert not code
    assert asked.name in said if hasattr(asked, "name") else asked.email in said
    assert NOON.isoformat() in said


async def test_what_is_pending_or_stood_so_already_is_said(auth, latchkey):
    auth.answer = Turned(changed=True, pending=True)
    assert "does not answer" in (await latchkey("tenants off-board acme"))[1]
    auth.answer = Turned(changed=False)
    assert "already" in (await latchkey("users enable sam@acme.test"))[1]


async def test_who_is_not_there_ends_with_a_sentence(auth, latchkey):
    auth.status, auth.answer = 404, not_found("There is no such tenant.").document()
    code, _ = await latchkey("tenants restore initech")
    assert "There is no such tenant." in code


@pytest.mark.parametrize(
    "line",
    ["users", "users forget x@y.test", "tenants", "tenants limit", "tenants limit acme --connection-lifetime soon"],
)
async def test_wrong_usage_asks_nobody(auth, latchkey, line):
    code, said = await latchkey(line)
    assert (code, auth.asked) == (2, [])
    assert "usage: latchkey" in said


async def test_a_limit_without_a_number_asks_nobody(auth, latchkey):
    code, _ = await latchkey("tenants limit acme")
    assert "--connection-lifetime" in code
    assert auth.asked == []


async def test_retention_is_set_for_the_tenant_of_that_name(site, monkeypatch, latchkey, auth):
    asked = []

    async def named(request):
        return web.Response(body=msgspec.json.encode({"id": "7" * 32}))

    async def retention(request):
        asked.append(msgspec.json.decode(await request.read(), type=TenantRetention))
        return web.Response(body=msgspec.json.encode(Retained(months=36, former=12)))

    async def kept(request):
        assert msgspec.json.decode(await request.read(), type=RetentionOf).tenant == "7" * 32
        return web.Response(body=msgspec.json.encode(Retained(months=24)))

    answers = {TenantNamed: named, TenantRetention: retention, RetentionOf: kept}
    async with site({f"POST {kind.path}": answer for kind, answer in answers.items()}) as url:
        monkeypatch.setenv("AUTH_URL", url)
        monkeypatch.setenv("AUDIT_URL", url)
        code, said = await latchkey("tenants retention acme 36")
        assert (code, asked) == (None, [TenantRetention(tenant="7" * 32, months=36)])
        assert "36 months (12 until now)" in said
        code, said = await latchkey("tenants retention acme 13")
        assert (code, len(asked)) == (2, 1)
        assert "invalid choice" in said
        code, said = await latchkey("tenants retention acme")
        assert (code, len(asked)) == (None, 1)
        assert "is kept for 24 months" in said
