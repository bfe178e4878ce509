"""Events: whether NATS is there, and what was committed gets out and in."""

import asyncio
import contextlib
import math
from urllib.parse import urlsplit

import msgspec

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import ANSWER_SECONDS, Patient, addresses

_PORT = 4222
_MANY = 1000
_RELAYS = ("auth", "token", "client-registry", "permissions", "records", "audit")


class _Info(msgspec.Struct):
    """What a NATS server says first (NATS client protocol, INFO)."""

    version: str = "?"
    jetstream: bool = False
    ldm: bool = False


async def nats(patient: Patient) -> list[Finding]:
    """Each NATS server greets, and has JetStream."""
    urls = addresses(patient.known.nats_url)
    if not urls:
        return [warn("nats", "was not looked at", "Set NATS_URL.")]
    gone_without = "Tokens and sign-in go on meanwhile; events wait in the outboxes."
    return list(await asyncio.gather(*(_server("nats", url, gone_without) for url in urls)))


async def streams(patient: Patient) -> list[Finding]:
    """Each NATS server for customers' consumers greets, and has JetStream."""
    urls = addresses(patient.known.streams_url)
    if not urls:
        return [warn("streams", "were not looked at", "Set STREAMS_URL, unless customers have no consumers.")]
    gone_without = "Only customers' consumers wait meanwhile; they miss nothing."
    return list(await asyncio.gather(*(_server("streams", url, gone_without) for url in urls)))


async def _server(name: str, url: str, gone_without: str) -> Finding:
    parts = urlsplit(url if "://" in url else f"nats://{url}")
    where = f"{parts.hostname}:{parts.port or _PORT}"  # never the address whole: it may hold a password
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            greeting = await _greeting(parts.hostname or "", parts.port or _PORT)
    except (OSError, TimeoutError, ValueError) as error:
        return fail(name, f"{where} does not answer ({type(error).__name__})", f"Start it. {gone_without}")
    if not greeting.startswith(b"INFO "):
        return fail(name, f"{where} is something else than NATS", f"Correct {name.upper()}_URL.")
    try:
        info = msgspec.json.decode(greeting[5:], type=_Info)
    except msgspec.MsgspecError:
        info = _Info()
    if not info.jetstream:
        return fail(name, f"{where} has no JetStream", "Switch JetStream on: events need a stream there.")
    if info.ldm:
        return warn(name, f"{where} is about to stop", "Nothing, if this is an upgrade.")
    return ok(name, f"{where}, version {info.version}")


async def _greeting(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        return await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def flow(patient: Patient) -> list[Finding]:
    """How many committed events wait for NATS, whether anybody sends them, and whether any was put aside."""
    waiting: dict[str, float] = {}
    leading: set[str] = set()
    parked: dict[str, float] = {}
    behind: dict[str, float] = {}
    for instance, told in (await patient.metrics()).items():
        if instance.service in _RELAYS:
            counts = [value for _, value in told.get("latchkey_outbox_waiting", ()) if not math.isnan(value)]
            waiting[instance.service] = max([waiting.get(instance.service, 0.0), *counts])  # each sees the same table
            if any(value for _, value in told.get("latchkey_relay_leads", ())):
                leading.add(instance.service)
        for labels, value in told.get("latchkey_inbox_waiting", ()):
            name = labels.get("durable", instance.service)
            behind[name] = max(behind.get(name, 0.0), value)
        for labels, value in told.get("latchkey_inbox_parked", ()):
            name = labels.get("durable", instance.service)
            parked[name] = max(parked.get(name, 0.0), value)  # NaN, where it could not be counted, is never greater
    if not waiting:
        return [warn("events", "nobody tells how many wait", "Check that /metrics can be read from here.")]
    return _about_flow(waiting, waiting.keys() - leading, behind, parked)


def _about_flow(
    waiting: dict[str, float], unsent: set[str], behind: dict[str, float], parked: dict[str, float]
) -> list[Finding]:
    found = []
    if unsent:
        names = ", ".join(sorted(unsent))
        advice = "Look again in some seconds; then see its log for relay_waits."
        found.append(warn("events", f"nobody sends those of {names}", advice))
    if many := _many(waiting):
        advice = "See whether NATS takes them: its stream (max_bytes) or its disk may be full."
        found.append(warn("events", f"many wait to be sent ({many})", advice))
    if many := _many(behind):
        advice = "It catches up by itself, more instances share the work. See inbox_waits in its log."
        found.append(warn("events", f"many wait to be read ({many})", advice))
    if aside := "; ".join(f"{name}: {count:.0f}" for name, count in parked.items() if count):
        advice = "See `latchkey events dead`; when the cause is mended, `latchkey events retry`."
        found.append(warn("events", f"some could not be read and were put aside ({aside})", advice))
    return found or [ok("events", f"{sum(waiting.values()):.0f} wait to be sent, none was put aside")]


def _many(counts: dict[str, float]) -> str:
    return "; ".join(f"{name}: {count:.0f}" for name, count in counts.items() if count > _MANY)
