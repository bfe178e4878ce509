"""What the audit log says of all this."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import aiohttp

from latchkey_cli.demo.client import call
from latchkey_cli.demo.story import Stopwatch, chapter, require, table

_EXPECTED = {
    "client.created",
    "consent.granted",
    "grant.issued",
    "token.refreshed",
    "token.reused",
    "connection.revoked",
    "user.disconnected",
    "client.secret_rotated",
    "connection.all_cut",
}
_GIVE_UP = 5_000  # milliseconds


async def tell(session: aiohttp.ClientSession, origin: str, access_token: str, since: dt.datetime) -> None:
    chapter("The audit trail of acme: GET /v1/audit-events.")
    watch = Stopwatch()
    asked = urlencode({"since": since.isoformat(), "limit": 100})
    events: list[dict[str, Any]] = []
    while not {event["action"] for event in events} >= _EXPECTED and watch.milliseconds() < _GIVE_UP:
        status, found = await call(session, "GET", f"{origin}/v1/audit-events?{asked}", access_token)
        require(status == 200, f"the audit log answered {status}")
        events = found["data"]
    missing = _EXPECTED - {event["action"] for event in events}
    require(not missing, f"the audit log lacks {sorted(missing)}")
    table(
        [
            (event["time"][11:23], event["action"], event["subject"][:12] + "…", _who(event))
            for event in reversed(events)
        ]
    )


def _who(event: dict[str, Any]) -> str:
    parts = [f"{name} {event[name][:8]}…" for name in ("user", "client") if event.get(name)]
    return ", ".join(parts)
