"""The token service knows how everything stands with its owner: turns, bars, limits, and the gates of clients."""

from typing import Final

from latchkey_cli.check.agreeing import Side, agree
from latchkey_cli.check.finding import Finding, Tally, skipped
from latchkey_cli.check.scene import Scene


def _hex(*columns: str) -> str:
    return " || ".join(f"replace({column}::text, '-', '')" for column in columns)


_NO_SECRETS: Final = "'{}'::bytea[] AS must, '{}'::bytea[] AS may"
_BARRED: Final = "CASE WHEN {} THEN 'barred' ELSE 'open' END AS facts"


def _turned(kind: str, key: str, barred: str, table: str, *, place: str = "turn") -> str:
    return (
        f"SELECT '{kind}' AS kind, {key} AS key, {place} AS place, {_BARRED.format(barred)}, {_NO_SECRETS}"  # noqa: S608 - our own words
        f" FROM {table} WHERE {place} > 0"
    )


_CLIENT_BARRED: Final = "disabled OR compromised OR deleted_at IS NOT NULL"
_ORIGINALS: Final = {
    "client-registry": (
        _turned("client", _hex("id"), _CLIENT_BARRED, "client"),
        _turned("tenant_client", _hex("tenant_id", "client_id"), "barred", "tenant_client"),
    ),
    "auth": (
        _turned("tenant", _hex("id"), "off_boarded", "tenant"),
        _turned("user", _hex("id"), "disabled", "app_user"),
        _turned("tenant_user", _hex("tenant", "app_user"), "false", "membership"),
        _turned("limits", _hex("id"), "false", "tenant", place="revision"),
    ),
}
_KINDS: Final = {
    "client-registry": "'client', 'tenant_client'", "auth": "'tenant', 'user', 'tenant_user'"
}  # fmt: skip
_LIMITS: Final = _turned("limits", _hex("tenant_id"), "false", "tenant_limits", place="revision")
_GATE_FACTS: Final = f"concat_ws(' ', {_hex('tenant_id')}, turn, client_type, proof, ({{barred}})::text) AS facts"
_GATES: Final = Side(
    database="token",
    rows=f"""
        SELECT 'gate' AS kind, {_hex("client_id")} AS key, revision AS place, {_GATE_FACTS.format(barred="barred")},
            secret_hashes AS must, secret_hashes AS may
        FROM gate
    """,  # noqa: S608 - our own words
)
_CLIENTS: Final = Side(
    database="client-registry",
    # A secret that has just ended may still be in the gate: its end is another revision a moment later.
    rows=f"""
        SELECT 'gate' AS kind, {_hex("id")} AS key, revision AS place, {_GATE_FACTS.format(barred=_CLIENT_BARRED)},
            ARRAY(SELECT hash FROM client_secret WHERE client_id = client.id AND ends_at IS NULL) AS must,
            ARRAY(SELECT hash FROM client_secret WHERE client_id = client.id) AS may
        FROM client
    """,  # noqa: S608 - our own words
)


def _copy(owner: str) -> Side:
    turned = _turned("x", "key", "barred", "standing").replace("'x' AS kind", "kind")
    rows = f"{turned} AND kind IN ({_KINDS[owner]})"
    return Side(database="token", rows=f"{rows} UNION ALL {_LIMITS}" if owner == "auth" else rows)


async def turns(scene: Scene) -> list[Finding]:
    """Turns, bars and limits."""
    found = []
    for owner, tables in _ORIGINALS.items():
        rule = f"turns: {owner}"
        if owner not in scene.databases:
            found.append(skipped(rule, f"the database of {owner} was not given"))
            continue
        tally = Tally(rule, f"the token service knows every turn that {owner} has made")
        original = Side(database=owner, rows=" UNION ALL ".join(tables))
        await agree(scene, tally, copy=_copy(owner), original=original, complete=True)
        found.append(tally.finding())
    return found


async def gates(scene: Scene) -> list[Finding]:
    """What minting knows of clients."""
    if "client-registry" not in scene.databases:
        return [skipped("gates", "the database of client-registry was not given")]
    tally = Tally("gates", "each client's gate is as the registry has it")
    await agree(scene, tally, copy=_GATES, original=_CLIENTS, complete=False)
    return [tally.finding()]
