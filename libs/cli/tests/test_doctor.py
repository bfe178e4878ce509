"""What `latchkey doctor` makes of answers that are rare on a healthy machine; the whole is tested on a real stack."""

import asyncio
import datetime as dt
import email.utils
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_cli.doctor import events, examination, feed, gateway, log, machine, services
from latchkey_cli.doctor.finding import ok

METADATA = "GET /.well-known/oauth-authorization-server"
SECRET = "lk_cs_" + "7" * 49


def text(content: str, status: int = 200, **headers: str):
    async def answer(_request):
        return web.Response(text=content, status=status, headers=headers)

    return answer


@pytest.fixture
def examine(site):
    """The findings of one check, in a deployment where everything has these answers."""

    async def run(check, answers, **environ):
        async with site(answers) as url:
            names = ("AUTH", "TOKEN", "EDGE")
            known = {f"{name}_ADMIN_URL": f"{url}/{name.lower()}" for name in names}
            given = {"ORIGIN": url, "OPERATOR_SECRET": "x", **known, **environ}
            return [(one.state, one.check, one.words) for one in await examination.examine(given, (check,))]

    return run


def metrics(**of_each: str):
    return {f"GET /{name}/metrics": text(lines + "\n") for name, lines in of_each.items()}


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (-3, "ok"), (10, "warn"), (-10, "warn"), (3600, "FAIL")])
async def test_clock_is_compared_with_the_gateways(examine, seconds, state):
    date = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)  # noqa: TID251 - it is compared with the machine's
    found = await examine(gateway.clocks, {METADATA: text("{}", Date=email.utils.format_datetime(date, usegmt=True))})
    assert [one[:2] for one in found] == [(state, "clock")]


async def test_two_releases_at_once_are_told_apart(examine):
    old, new = (f'latchkey_build_info{{version="{version}"}} 1' for version in ("1.0", "1.1"))
    [finding] = await examine(services.one_release, metrics(auth=old, token=new, edge=new))
    assert finding == ("warn", "release", "several versions at once (1.0: auth; 1.1: token, edge)")
    [finding] = await examine(services.one_release, metrics(auth=new, token="<html>", edge=new))
    assert finding == ("ok", "release", "all are of version 1.1")


async def test_a_verifier_without_a_lease_is_named(examine):
    held, lost = (f'latchkey_verifier_lease_held{{verifier="x"}} {value}' for value in (1, 0))
    [finding] = await examine(feed.leases, metrics(token=held, edge=lost))
    assert finding[:2] == ("FAIL", "leases")
    assert finding[2].startswith("edge cannot")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("latchkey_relay_leads 1\nlatchkey_outbox_waiting 7", "7 wait"),
        ("latchkey_relay_leads 1\nlatchkey_outbox_waiting NaN", "0 wait"),
        ("latchkey_relay_leads 1\nlatchkey_outbox_waiting 5000", "many wait"),
        ("latchkey_relay_leads 0\nlatchkey_outbox_waiting 0", "nobody sends those of auth"),
        ('latchkey_relay_leads 1\nlatchkey_inbox_waiting{durable="audit"} 5000', "wait to be read (audit: 5000)"),
        ('latchkey_relay_leads 1\nlatchkey_inbox_parked{durable="audit"} 2', "were put aside (audit: 2)"),
        ('latchkey_outbox_waiting 7\nlatchkey_relay_leads 1\nlatchkey_inbox_parked{durable="audit"} 0', "7 wait"),
    ],
)
async def test_events_that_do_not_flow_are_told(examine, lines, words):
    [finding] = await examine(events.flow, metrics(auth=lines))
    assert words in finding[2]
    assert finding[0] == ("ok" if words in ("7 wait", "0 wait") else "warn")


@pytest.mark.parametrize(
    ("lines", "state", "words"),
    [
        ('latchkey_audit_missing{source="token"} 0', "ok", "no event is missing"),
        ('latchkey_audit_missing{source="token"} NaN', "ok", "no event is missing"),
        ('latchkey_audit_missing{source="token"} 3', "warn", "events are missing (token: 3)"),
        ("latchkey_audit_checkpoint_file_failing 1", "warn", "cannot be written to their file"),
        ("latchkey_audit_months_withheld 2", "FAIL", "2 months are kept beyond their time"),
    ],
)
async def test_log_that_lacks_something_is_told(examine, site, lines, state, words):
    async with site(metrics(audit=lines)) as url:
        [finding] = await examine(log.audit, metrics(), AUDIT_ADMIN_URL=f"{url}/audit")
    assert finding[0] == state
    assert words in finding[2]


async def test_of_several_instances_one_sends(examine):
    answers = metrics(auth="latchkey_relay_leads 0\nlatchkey_outbox_waiting 3", token="latchkey_relay_leads 1")

    async def second(_request):
        return web.Response(text="latchkey_relay_leads 1\nlatchkey_outbox_waiting 3\n")

    app = web.Application()
    app.router.add_get("/metrics", second)
    async with TestServer(app, host="127.0.0.1") as other:
        first = str(other.make_url(""))
        [finding] = await examine(events.flow, answers, AUTH_ADMIN_URL=first)
    assert finding == ("ok", "events", "3 wait to be sent, none was put aside")


async def test_a_gateway_that_listens_to_any_name_is_warned_of():
    app = web.Application()
    app.router.add_get("/.well-known/oauth-authorization-server", text("{}"))
    async with TestServer(app, host="127.0.0.2") as server:
        given = {"ORIGIN": str(server.make_url("")).rstrip("/"), "OPERATOR_SECRET": "x"}
        found = await examination.examine(given, (gateway.closed,))
    assert [one.state for one in found] == ["ok", "warn"]
    assert "a host name that is not ours" in found[1].words


async def test_internal_paths_behind_the_gateway_are_a_failure(examine):
    [finding] = await examine(gateway.closed, {"GET /metrics": text(""), "GET /feed": text("", 401)})
    assert finding[:2] == ("FAIL", "gateway")
    assert "/feed (401), /metrics (200)" in finding[2]


async def test_a_feed_that_does_not_know_the_operator(examine, site):
    async with site({"GET /feed": text('{"code": "unknown_caller"}', 401)}) as url:
        [finding] = await examine(feed.feed, {}, HEADS_URLS=f" {url}/ ,")
    assert finding == ("FAIL", "feed", f"{url} does not let the operator in (401)")


async def test_keys_that_differ_inside(examine, site):
    jwks = "GET /oauth/jwks"
    async with site({jwks: text('{"keys": [{"kid": "b"}]}')}) as url:
        [finding] = await examine(feed.keys, {jwks: text('{"keys": [{"kid": "a"}]}')}, HEADS_URLS=url)
    assert finding == ("FAIL", "signing keys", f"{url} and the gateway know different ones")


async def test_what_others_say_is_one_line_without_secrets(site, monkeypatch, capsys):
    told = json.dumps({"ready": False, "missing": {"database": f"no\r\n\x1b[31mFAIL postgresql://u:hidden@h {SECRET}"}})
    async with site({"GET /readyz": text(told, 503)}) as url:
        for name, value in {"ORIGIN": url, "OPERATOR_SECRET": "x", "AUTH_ADMIN_URL": url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(examination, "CHECKS", (services.readiness,))
        assert await examination.run(as_json=False) == 1
    out = capsys.readouterr().out
    assert "FAIL  auth " in out
    assert "hidden" not in out
    assert SECRET not in out
    assert "\x1b" not in out
    assert out.splitlines()[0].startswith("FAIL  auth")
    assert out.splitlines()[1].startswith("warn  token")


async def test_no_check_may_last_or_break_the_others(examine, monkeypatch):
    monkeypatch.setattr(examination, "DEADLINE", 0.05)

    async def lasts(_patient):
        await asyncio.Event().wait()

    async def breaks(_patient):
        raise KeyError(SECRET)

    async def works(_patient):
        return [ok("works", "well")]

    given = {"ORIGIN": "http://localhost:1", "OPERATOR_SECRET": "x"}
    found = await examination.examine(given, (lasts, breaks, works))
    assert [one.state for one in found] == ["FAIL", "FAIL", "ok"]
    assert SECRET not in str(found)


async def test_room_and_modes_are_looked_at_on_one_machine_only(home, examine, monkeypatch):
    (home / "operator.json").write_text("{}")
    (home / "operator.json").chmod(0o640)
    assert await examine(machine.private_files, {}) == []
    assert await examine(machine.disk, {}) == []
    [finding] = await examine(machine.private_files, {}, LOCAL_MODE="true")
    assert finding[0] == "FAIL"
    assert "mode 640" in finding[2]
    (home / "operator.json").chmod(0o600)
    assert (await examine(machine.private_files, {}, LOCAL_MODE="true"))[0][0] == "ok"
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: type("", (), {"free": 100_000_000}))
    assert (await examine(machine.disk, {}, LOCAL_MODE="true"))[0][0] == "FAIL"
