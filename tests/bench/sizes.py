"""What a connection takes in PostgreSQL after many refreshes."""

import apps
from apps import App
from house import House
from table import Figure

CONNECTIONS, TIMES = 10_000, 3
OFTEN = 10_000
AIM = 500
_SIZE = """
    SELECT pg_table_size('connection') AS heap, pg_indexes_size('connection') AS indexes,
        (SELECT count(*) FROM connection) AS rows, (SELECT avg(pg_column_size(connection.*)) FROM connection) AS row
"""


async def measure(house: House, app: App) -> list[Figure]:
    """Refresh many connections a few times and one of them very often, with autovacuum as it comes."""
    tokens = (await apps.connections(house, app, CONNECTIONS))["refresh_token"]
    for _ in range(TIMES):
        tokens = await apps.refreshed(house, app, tokens)
    much_used = tokens.pop()
    rows_before = await _rows(house)
    alone = await apps.refreshed_often(house, app, much_used, OFTEN)
    (size,) = await house.sql(_SIZE)
    # A table that lives needs room for the next version of its rows: all of it is counted, dead versions and maps too.
    each = size["heap"] / size["rows"]
    with_indexes = (size["heap"] + size["indexes"]) / size["rows"]
    return [
        Figure(
            "bytes of a connection's row",
            f"{each:,.0f}",
            f"<= {AIM}",
            f"the table by its {size['rows']:,} rows, {TIMES} refreshes of each; {size['row']:.0f} is data,"
            f" the rest room for the next version; {with_indexes:,.0f} with indexes",
        ),
        Figure(
            f"rows that {OFTEN:,} refreshes of one connection added",
            f"{await _rows(house) - rows_before}",
            "0",
            f"one after the other: p50 {alone.latencies[len(alone.latencies) // 2] * 1e3:.2f} ms",
        ),
    ]


async def _rows(house: House) -> int:
    (found,) = await house.sql("SELECT count(*) AS rows FROM connection")
    return found["rows"]
