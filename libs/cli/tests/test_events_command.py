"""`latchkey events`: what it asks, what it says, and that it shows no body."""

import datetime as dt

import msgspec
import pytest
from aiohttp import web

from latchkey_cli import events
from latchkey_cli.errors import CommandError
from latchkey_contracts.requests.dead_letters import (
    DeadLetter,
    DeadLetterList,
    DeadLetterPage,
    DeadLetterRetry,
    Retried,
)

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
STAYS = {2}


def letter(number):
    return DeadLetter(
        id=number, durable="audit", message=f"m{number}", subject="lk.v1._.user.x.signed_in", reason="KeyError: 'a\nb'",
        parked_at=NOON,
    )  # fmt: skip


@pytest.fixture
async def audit(site, monkeypatch):
    """A service with three dead letters, one a page, of which the second cannot be applied; gives what was retried."""
    retried = []

    async def listing(request):
        asked = msgspec.json.decode(await request.read(), type=DeadLetterList)
        page = DeadLetterPage(letters=(letter(asked.after + 1),), next=asked.after + 1 if asked.after < 2 else None)
        return web.Response(body=msgspec.json.encode(page))

    async def retry(request):
        asked = msgspec.json.decode(await request.read(), type=DeadLetterRetry)
        retried.append(asked.id)
        answer = Retried(reason="KeyError: 'never'" if asked.id in STAYS else None)
        return web.Response(body=msgspec.json.encode(answer))

    async with site({f"POST {DeadLetterList.path}": listing, f"POST {DeadLetterRetry.path}": retry}) as url:
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL", "AUDIT_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")
        yield retried


async def test_every_letter_is_a_line(audit, capsys):
    await events.dead("audit")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"audit  {number}  {NOON.isoformat()}  audit  m{number}  lk.v1._.user.x.signed_in  KeyError: 'a b'"
        for number in (1, 2, 3)
    ]
    assert audit == []


async def test_a_service_without_an_address_is_said(audit):
    with pytest.raises(CommandError, match="no address"):
        await events.dead(None)


async def test_one_or_all_are_applied_again_and_what_stays_is_said(audit, capsys):
    assert await events.retry("audit", 3) == 0
    assert audit == [3]
    assert await events.retry("audit", None) == 1
    assert audit == [3, 1, 2, 3]
    assert "audit 2: stays: KeyError: 'never'" in capsys.readouterr().out
