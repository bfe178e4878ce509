"""Nothing was accepted later than one lease after its kill: access logs against the feed.

A request counts from when it came, for that is when its bearer was let in at the earliest. A kill counts from when it
was committed at the latest: it is written down a little before that, and a verifier cannot know it sooner.
"""

import datetime as dt
from typing import Final

import asyncpg

from latchkey_cli.check.databases import parts
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.logs import Acceptance, Logs
from latchkey_cli.check.naming import COMMITTED, DEATHS
from latchkey_cli.check.scene import Scene
from latchkey_kit.db import Connection

RULE: Final = "nothing after its kill"
_FIRST_DEATHS: Final = f"""
    SELECT DISTINCT ON (c.id) c.id, death.number, death.at, death.effective_at, {COMMITTED} AS committed,
        feed.key, CASE WHEN feed.kind = 'connection' THEN 'connection.revoked' ELSE (
            SELECT max(reason) FROM kill WHERE kill.kind = feed.kind AND kill.key = feed.key
        ) END AS reason
    FROM connection AS c CROSS JOIN LATERAL {DEATHS} AS death JOIN feed USING (number)
    WHERE c.id = ANY($1::uuid[]) ORDER BY c.id, death.number
"""  # noqa: S608 - our own words
_TOLD_BY: Final = """
    SELECT convert_from(body, 'UTF8')::json ->> 'requestid' AS request FROM event
    WHERE entity_id = ANY($1) AND action = $2 AND at <= $3::timestamptz + interval '1 second'
    ORDER BY at DESC LIMIT 1
"""
_ID_SIZE: Final = 32


async def acceptances(scene: Scene) -> list[Finding]:
    """The latest acceptance of each connection that is dead."""
    if scene.logs is None:
        return [skipped(RULE, "no logs were given: --logs FOLDER")]
    if not scene.logs.latest:
        return [skipped(RULE, "no request in these logs names the connection that it was let in by")]
    tally = Tally(RULE, f"no connection was let in more than {scene.lease:g} s after its kill")
    tally.count("acceptances", scene.logs.requests)
    tally.count("connections", len(scene.logs.latest))
    latest = [0.0]
    async with scene.databases.snapshot("token") as token:
        for ids in parts(list(scene.logs.latest)):
            for death in await token.fetch(_FIRST_DEATHS, list(ids), dt.timedelta(seconds=scene.lease)):
                tally.count("dead")
                came = scene.logs.latest[death["id"]].came
                latest.append((came - death["at"]).total_seconds() * 1000)
                await _judge(scene, scene.logs, death, tally)
    tally.count("latest acceptance after a kill in ms", round(max(latest)))
    return [tally.finding()]


async def _judge(scene: Scene, logs: Logs, death: asyncpg.Record, tally: Tally) -> None:
    accepted, lease = logs.latest[death["id"]], dt.timedelta(seconds=scene.lease)
    came = accepted.came - dt.timedelta(seconds=scene.skew)
    told = death["effective_at"]
    if told is not None and told < death["at"] + lease and came > told:  # every verifier had said that it knew
        tally.broke(_words(death, accepted, "though the kill was told to be in force"))
    elif came > death["at"] + lease and came > await _committed(scene, logs, death) + lease:
        tally.broke(_words(death, accepted, "which is more than a lease"))


def _words(death: asyncpg.Record, accepted: Acceptance, words: str) -> str:
    late = (accepted.came - death["at"]).total_seconds() * 1000
    return f"connection {death['id']}: {accepted.service} let it in {late:.0f} ms after kill {death['number']}, {words}"


async def _committed(scene: Scene, logs: Logs, death: asyncpg.Record) -> dt.datetime:
    """When the kill was committed at the latest: also, when whoever wanted it had the answer, or a verifier knew it."""
    request = None
    if "audit" in scene.databases:
        async with scene.databases.now("audit") as audit:
            request = await _told_by(audit, death)
    known = (logs.answered({request}).get(request) if request else None, logs.applied(death["number"]))
    latest: dt.datetime = death["committed"]
    return min([latest, *(at for at in known if at is not None and at >= death["at"])])


async def _told_by(audit: Connection, death: asyncpg.Record) -> str | None:
    """The request that killed it, as the event tells that tells of the kill; ``None`` if nobody knows."""
    key: str = death["key"]
    named = [key[start : start + _ID_SIZE] for start in range(0, len(key), _ID_SIZE)]
    request: str | None = await audit.fetchval(_TOLD_BY, named, death["reason"], death["at"])
    return request
