"""All checks at once, each with a deadline, and what they found: lines for people or JSON."""

import asyncio
import os
import sys
from collections.abc import Mapping

import aiohttp
import msgspec

from latchkey_cli.doctor import events, feed, gateway, log, machine, services
from latchkey_cli.doctor.finding import Check, Finding, fail
from latchkey_cli.doctor.patient import Patient, read
from latchkey_cli.errors import CommandError
from latchkey_cli.terminal import one_line
from latchkey_kit.clock import SystemClock
from latchkey_kit.telemetry.redaction import without_secrets

DEADLINE = 8.0
"""Seconds for one check; all run side by side."""
CHECKS: tuple[Check, ...] = (
    services.readiness,
    services.one_release,
    gateway.issuer,
    gateway.resources,
    gateway.closed,
    gateway.clocks,
    feed.keys,
    feed.feed,
    feed.leases,
    events.nats,
    events.streams,
    events.flow,
    log.audit,
    machine.private_files,
    machine.disk,
)


async def run(*, as_json: bool) -> int:
    """Look at everything and print it; returns the exit code, 1 if anything fails."""
    found = [_clean(finding) for finding in await examine(os.environ)]
    sys.stdout.write(_json(found) if as_json else _lines(found))
    return int(any(finding.state == "FAIL" for finding in found))


async def examine(environ: Mapping[str, str], checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """What there is to say, in the order of the checks."""
    try:
        known, instances = read(environ)
    except CommandError as error:
        advice = "Run it where `make up` was, set LATCHKEY_HOME, or set what is missing; see libs/cli/README.md."
        return [fail("settings", str(error), advice)]
    async with aiohttp.ClientSession() as session:
        patient = Patient(known, instances, session, SystemClock())
        found = await asyncio.gather(*(_in_time(check, patient) for check in checks))
    return [finding for findings in found for finding in findings]


async def _in_time(check: Check, patient: Patient) -> list[Finding]:
    name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
    try:
        async with asyncio.timeout(DEADLINE):
            return await check(patient)
    except TimeoutError:
        return [fail(name, f"took longer than {DEADLINE:.0f} s", "Something accepts requests and never answers them.")]
    except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
        return [fail(name, f"could not be checked ({type(error).__name__})", "Please report this.")]


def _clean(finding: Finding) -> Finding:
    """Others' words may hold anything."""
    return msgspec.structs.replace(finding, words=_one_line(finding.words), advice=_one_line(finding.advice))


def _one_line(text: str) -> str:
    return without_secrets(" ".join(one_line(text).split()))


def _lines(found: list[Finding]) -> str:
    width = max(len(finding.check) for finding in found)
    lines = [
        f"{finding.state:<5} {finding.check:<{width}}  {finding.words}{'. ' if finding.advice else ''}{finding.advice}"
        for finding in found
    ]
    counts = [f"{sum(one.state == state for one in found)} {state}" for state in ("ok", "warn", "FAIL")]
    return "\n".join([*lines, "", ", ".join(counts)]) + "\n"


def _json(found: list[Finding]) -> str:
    healthy = all(finding.state != "FAIL" for finding in found)
    return msgspec.json.encode({"healthy": healthy, "findings": found}).decode() + "\n"
