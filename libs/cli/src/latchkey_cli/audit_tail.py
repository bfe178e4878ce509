"""`latchkey audit tail --tenant NAME`: the newest entries of a tenant's log, and then each that is recorded."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from itertools import cycle
from typing import Any, Final

import aiohttp
import msgspec

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import NAME, operating, tenant_called
from latchkey_cli.terminal import one_line
from latchkey_contracts.requests.audit import EVENTS_OF_TENANT, STREAM_OF_TENANT
from latchkey_kit.web.problems import Document

FILTERS: Final = ("since", "until", "action", "user", "client", "connection", "about", "address", "result", "q")
_PAUSE_SECONDS = 1.0
_SILENCE = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=40)
"""There is a heartbeat every fifteen seconds."""
_LONGEST_LINE = 2**22


async def run(tenant: str, filters: Mapping[str, str], *, last: int, as_json: bool) -> None:
    """Print until it is interrupted. A stream that breaks is taken up where it was, without loss."""
    async with operating() as operator:
        whose = await tenant_called(operator, tenant)
        secret = operator.settings.operator_secret.reveal()
        urls = [url.strip() for url in operator.settings.audit_url.split(",") if url.strip()]
    if not urls:
        raise CommandError("AUDIT_URL is not set: where is the audit service?")
    headers = {"Authorization": aiohttp.encode_basic_auth(NAME, secret)}
    async with aiohttp.ClientSession(headers=headers, timeout=_SILENCE, read_bufsize=_LONGEST_LINE) as session:
        tail = _Tail(session, {"tenant": whose, **filters}, last)
        for url in cycle(urls):
            async for entry in tail.follow(url):
                sys.stdout.write(_line(entry, as_json=as_json))
                sys.stdout.flush()
            await asyncio.sleep(_PAUSE_SECONDS)


class _Tail:
    """Remembers up to which position all was shown."""

    def __init__(self, session: aiohttp.ClientSession, wanted: Mapping[str, str], newest: int) -> None:
        self._session = session
        self._wanted = dict(wanted)
        self._newest = newest
        self._position: int | None = None
        self._is_away = False

    async def follow(self, url: str) -> AsyncIterator[dict[str, Any]]:
        """Give entries until the stream breaks; raises `CommandError` when it is refused."""
        sent = {} if self._position is None else {"Last-Event-ID": str(self._position)}
        try:
            async with self._session.get(url + STREAM_OF_TENANT, params=self._wanted, headers=sent) as response:
                await _accept(response)
                self._is_away = False
                async for position, kind, data in _events(response):
                    if self._position is None:
                        for entry in await self._before(url, position):
                            yield entry
                    self._position = position
                    if kind == b"entry":
                        yield msgspec.json.decode(data)
                    elif kind == b"reset":
                        sys.stderr.write(f"latchkey: the log ends earlier than it did, at {position}; going on there\n")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Say once that nothing comes at the moment."""
        if not self._is_away:
            answered = isinstance(error, aiohttp.ClientResponseError)
            what = f"audit answers {error.status}" if answered else "audit went away"  # type: ignore[attr-defined]  # a ClientResponseError
            sys.stderr.write(f"latchkey: {what}; going on where this ended as soon as it lets us\n")
            self._is_away = True

    async def _before(self, url: str, position: int) -> list[dict[str, Any]]:
        """Give the newest entries up to where the stream begins, oldest first."""
        if not self._newest:
            return []
        params = {**self._wanted, "limit": str(self._newest)}
        async with self._session.get(url + EVENTS_OF_TENANT, params=params) as response:
            await _accept(response)
            page = msgspec.json.decode(await response.read())
        return [entry for entry in reversed(page["data"]) if entry["position"] <= position]


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[int, bytes, bytes]]:
    """Give each event that came whole (HTML standard §9.2.6): its id, its name and its data, if it has any."""
    event: dict[bytes, bytes] = {}
    async for line in response.content:
        name, _, value = line.rstrip(b"\n").partition(b": ")
        if name:
            event[name] = value
        elif b"id" in event:
            yield int(event[b"id"]), event.get(b"event", b""), event.get(b"data", b"")
            event = {}


async def _accept(response: aiohttp.ClientResponse) -> None:
    """Raise for a no that will not pass: `CommandError`; for one that may: `aiohttp.ClientError`."""
    if response.status in (400, 401, 403, 404):
        problem = msgspec.json.decode(await response.read(), type=Document)
        named = [f"{error.pointer} {error.message}" for error in problem.errors]
        raise CommandError(" ".join([problem.title, problem.detail, *named]).strip())
    response.raise_for_status()


def _line(entry: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(entry) + "\n"  # ASCII only: nothing in it turns or moves what is on the terminal
    by = "staff" if entry["staff"] else entry["user"] or "-"
    words = (
        entry["time"], f"{entry['result']:<7}", entry["action"], entry["title"], f"by {by}",
        f"app {entry['client']}" if entry["client"] else "", entry["address"] or "", json.dumps(entry["details"]),
    )  # fmt: skip
    return one_line("  ".join(filter(None, words))) + "\n"
