"""No verifier ever went backwards: within an epoch its head only grows, and never beyond the feed.

A verifier writes down its head whenever a pull has moved it; what it has heard since is beyond that, never below.
The feed is asked before the verifiers' own words about it, as it was when they told them: one snapshot has both.
"""

from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.scene import Scene


async def ahead(scene: Scene) -> list[Finding]:
    """The table of verifiers against the feed."""
    tally = Tally("nobody is ahead", "no verifier has applied more than the feed ever told")
    async with scene.databases.snapshot("token") as token:
        rows = await token.fetch("SELECT name, applied, applied > last_number AS wrong FROM verifier, feed_state")
    for row in rows:
        tally.count("verifiers")
        if row["wrong"]:
            tally.broke(f"verifier {row['name']}: it has applied {row['applied']}")
    return [tally.finding()]


async def backwards(scene: Scene) -> list[Finding]:
    """The logs of verifiers."""
    rule = "never backwards"
    if scene.logs is None:
        return [skipped(rule, "no logs were given: --logs FOLDER")]
    if not scene.logs.moves:
        return [skipped(rule, "no verifier tells of its head (feed_applied) in these logs")]
    tally = Tally(rule, "the head of each verifier only grew")
    tally.count("moves", scene.logs.moves)
    tally.count("verifiers", len({verifier for verifier, _ in scene.logs.heads}))
    for fall in scene.logs.falls:
        tally.broke(fall)
    return [tally.finding()]
