"""`latchkey audit tail`: the newest first in order, then what comes, over breaks, and harmless on a terminal."""

import asyncio
import json
import os
import sys

import pytest
from aiohttp import web

from latchkey_cli import audit_tail
from latchkey_cli.errors import CommandError
from latchkey_contracts.requests.audit import EVENTS_OF_TENANT, STREAM_OF_TENANT
from latchkey_contracts.requests.operator import TenantNamed
from latchkey_kit.testing import eventually

TENANT = "1" * 32


def entry(position, agent=None):
    return {
        "id": f"{position:032x}", "time": "2026-01-01T12:00:00Z", "recorded_at": "2026-01-01T12:00:01Z",
        "position": position, "action": "token.reused", "title": "A token was\x1b[2J used twice", "result": "failed",
        "subject": "x", "user": "2" * 32, "client": None, "connection": None, "address": "10.0.0.7", "agent": agent,
        "staff": False, "source": "token", "request_id": None, "details": {"note": "a\nb\u202e"}, "hash": "00",
    }  # fmt: skip


@pytest.fixture
async def audit(site, monkeypatch):
    """A tenant's log of four entries when the stream opens; it breaks after one more, and goes on with another."""
    asked = []

    async def named(request):
        return web.json_response({"id": TENANT})

    async def page(request):
        asked.append(dict(request.query))
        if "q" in request.query:
            return web.json_response({"status": 400, "title": "No.", "code": "x"}, status=400)
        return web.json_response({"data": [entry(n) for n in (5, 4, 3)], "next_cursor": None})

    async def stream(request):
        last = request.headers.get("Last-Event-ID")
        asked.append(last)
        response = web.StreamResponse()
        await response.prepare(request)
        begin = 4 if last is None else int(last)
        again = b"" if last is None else b'event: reset\ndata: {"position":%d}\n' % begin
        await response.write(b"retry: 1\nid: %d\n%s\n" % (begin, again))
        body = json.dumps(entry(begin + 1)).encode()
        await response.write(b": beat\n\nid: %d\nevent: entry\ndata: %s\n\n" % (begin + 1, body))
        if last is None:
            await response.write(b"id: 6\nevent: entry\n")  # and it breaks
        else:
            await asyncio.Event().wait()  # open until whoever reads hangs up
        return response

    answers = {
        f"POST {TenantNamed.path}": named, f"GET {EVENTS_OF_TENANT}": page, f"GET {STREAM_OF_TENANT}": stream,
    }  # fmt: skip
    async with site(answers) as url:
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL", "AUDIT_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")
        monkeypatch.setattr(audit_tail, "_PAUSE_SECONDS", 0.01)
        yield asked


@pytest.fixture
def printed(capsys):
    """What a tail prints until there are so many lines."""

    async def lines(count, tenant="acme", **options):
        seen = []
        task = asyncio.create_task(audit_tail.run(tenant, {"action": "token.*"}, **{"last": 3} | options))

        def enough():
            seen.append(capsys.readouterr().out)
            return task.done() or "".join(seen).count("\n") >= count

        await eventually(enough)
        task.cancel()
        await asyncio.wait([task])
        return "".join(seen).splitlines()

    return lines


async def test_every_entry_is_shown_once_in_order_over_a_break(audit, printed):
    lines = await printed(4, as_json=True)
    assert [json.loads(line)["position"] for line in lines] == [3, 4, 5, 6]
    assert audit[0] is None
    assert audit[1] == {"tenant": TENANT, "action": "token.*", "limit": "3"}
    assert audit[2] == "5"


async def test_a_log_that_ends_earlier_than_it_did_is_told_of(audit, printed, monkeypatch):
    told = []
    monkeypatch.setattr(sys.stderr, "write", told.append)
    await printed(4, as_json=True)
    assert told == ["latchkey: the log ends earlier than it did, at 5; going on there\n"]


@pytest.mark.parametrize(("tenant", "whose"), [("_", "0" * 32), ("7" * 32, "7" * 32)])
async def test_no_tenant_and_an_id_are_understood(audit, printed, tenant, whose):
    await printed(4, tenant=tenant, as_json=True)
    assert audit[1]["tenant"] == whose


async def test_that_audit_is_away_is_told_in_words_and_once(audit, printed, monkeypatch):
    told = []
    nobody = "http://127.0.0.1:1"
    monkeypatch.setenv("AUDIT_URL", ",".join([nobody, nobody, os.environ["AUDIT_URL"]]))
    monkeypatch.setattr(sys.stderr, "write", told.append)
    await printed(4, as_json=True)
    away = [line for line in told if "earlier" not in line]
    assert (
        away == ["latchkey: audit went away; going on where this ended as soon as it lets us\n"] * 2
    )  # it came and went


@pytest.mark.parametrize("as_json", [True, False])
async def test_what_it_prints_moves_no_terminal(audit, printed, as_json):
    lines = await printed(4, as_json=as_json)
    assert len(lines) == 4
    assert all(char.isprintable() for line in lines for char in line)


async def test_a_refusal_ends_it_with_words(audit):
    with pytest.raises(CommandError, match=r"^No"):
        await audit_tail.run("acme", {"q": "-"}, last=3, as_json=False)


async def test_without_an_address_it_says_what_is_missing(audit, monkeypatch):
    monkeypatch.setenv("AUDIT_URL", "")
    with pytest.raises(CommandError, match="AUDIT_URL"):
        await audit_tail.run("acme", {}, last=3, as_json=False)
