"""At most one living leaf a connection, and nobody living beyond what the rules of birth and death allow.

One snapshot of the token database, in which a row is whole: whatever is under way is in it wholly or not at all.
"""

from typing import Final

from latchkey_cli.check.databases import batches
from latchkey_cli.check.finding import Finding, Tally
from latchkey_cli.check.naming import NAMES, OWN
from latchkey_cli.check.scene import Scene
from latchkey_kit.db import Connection

MOST_LIVING: Final = 20
_SHAPES: Final = {
    "is a code, and was exchanged": "generation = 0 AND (nonce IS NOT NULL OR rotated_at IS NOT NULL)",
    "was exchanged, and says not when or from what the next secret follows": (
        f"generation > 0 AND NOT {OWN} AND (rotated_at IS NULL OR octet_length(nonce) IS DISTINCT FROM 16)"
    ),
    "holds no SHA-256 of its secret": "octet_length(current_hash) <> 32",
    "misses the answer to a generation that is yet to come": "unanswered > generation",
    "is dead without a reason, or has a reason and lives": "(revoked_at IS NULL) <> (revoked_reason IS NULL)",
    "bears a number that was never drawn": "born > (SELECT last_value FROM connection_born)",
}
_ONCE: Final = {"id": "its id", "current_hash": "its secret", "born": "its number"}
_KILLED: Final = f"EXISTS (SELECT FROM {NAMES} JOIN kill USING (kind, key) WHERE kill.cutoff >= c.born)"


async def one_leaf(scene: Scene) -> list[Finding]:
    """One row for a connection, of one shape, and nothing in two of them."""
    tally = Tally("one leaf", "each connection is one row with one current secret")
    async with scene.databases.snapshot("token") as token:
        tally.count("connections", await token.fetchval("SELECT count(*) FROM connection"))
        tally.count("living", await token.fetchval("SELECT count(*) FROM connection WHERE revoked_at IS NULL"))
        await _shapes(token, tally)
        for column, words in _ONCE.items():
            statement = f"SELECT min(id::text) AS id FROM connection GROUP BY {column} HAVING count(*) > 1"  # noqa: S608 - our own words
            async for rows in batches(token, statement):
                for row in rows:
                    tally.broke(f"connection {row['id'].replace('-', '')}: another row has {words}, too")
    return [tally.finding()]


async def _shapes(token: Connection, tally: Tally) -> None:
    cases = " ".join(f"WHEN {condition} THEN '{words}'" for words, condition in _SHAPES.items())
    statement = f"SELECT * FROM (SELECT id, CASE {cases} END AS wrong FROM connection AS c) AS seen WHERE wrong <> ''"  # noqa: S608 - our own words
    async for rows in batches(token, statement):
        for row in rows:
            tally.broke(f"connection {row['id']}: it {row['wrong']}")


async def standing(scene: Scene) -> list[Finding]:
    """A client that acts for itself has one connection for that."""
    tally = Tally("one standing", "a client that acts for itself has one connection for that")
    async with scene.databases.snapshot("token") as token:
        rows = await token.fetch(
            "SELECT client_id, count(*) AS times FROM connection WHERE standing_revision IS NOT NULL GROUP BY client_id"
        )
    for row in rows:
        tally.count("clients")
        if row["times"] > 1:
            tally.broke(f"client {row['client_id']}: {row['times']} standing connections")
    return [tally.finding()]


async def twenty(scene: Scene) -> list[Finding]:
    """A user has at most twenty living connections with an app in a tenant."""
    tally = Tally("twenty at most", f"no user has more than {MOST_LIVING} living connections with an app in a tenant")
    async with scene.databases.snapshot("token") as token:
        rows = await token.fetch(
            f"""
            SELECT tenant_id, user_id, client_id, count(*) AS living FROM connection AS c
            WHERE revoked_at IS NULL AND expires_at > statement_timestamp() AND NOT {OWN} AND NOT {_KILLED}
            GROUP BY tenant_id, user_id, client_id HAVING count(*) > {MOST_LIVING}
            """  # noqa: S608 - our own words
        )
    for row in rows:
        whose = f"tenant {row['tenant_id']}, user {row['user_id']}, client {row['client_id']}"
        tally.broke(f"{whose}: {row['living']} living connections")
    return [tally.finding()]
