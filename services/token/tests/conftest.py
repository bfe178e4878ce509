"""A migrated database of the token service, and connections in it."""

import pytest
import pytest_asyncio

from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.entropy import SystemEntropy, new_id
from latchkey_kit.outbox import Outbox

_CLOCK, _ENTROPY = SystemClock(), SystemEntropy()


@pytest.fixture
def database_url(make_database):
    return make_database("latchkey_token")


@pytest_asyncio.fixture
async def database(database_url):
    async with db.connect(database_url, pool=12) as made:
        yield made


@pytest.fixture
def outbox():
    return Outbox("token", _CLOCK, _ENTROPY)


@pytest.fixture
def some_id():
    """Fresh ids, as many as a test wants."""
    return lambda: new_id(_CLOCK, _ENTROPY)


@pytest.fixture
def given_client(database, some_id):
    """A client that the gate knows: a strict public one, unless told otherwise."""

    async def make(tenant=None, **fields):
        gate = {
            "client_id": some_id(), "tenant_id": tenant or some_id(), "revision": 1, "turn": 1,
            "client_type": "public", "proof": "pkce", "secret_hashes": [], "retry_window": 0,
            "default_audience": "both",
        } | fields  # fmt: skip
        await _insert(database, "gate", gate)
        return gate["client_id"]

    return make


@pytest.fixture
def given_connection(database, some_id, given_client):
    """A connection as a row: exchanged once and alive, unless told otherwise."""

    async def make(tenant=None, client=None, **fields):
        tenant = tenant or some_id()
        client = client or await given_client(tenant)
        async with database.connection() as connection:
            await connection.execute(
                "INSERT INTO granted_scope (document, scope) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                b"d" * 32, "company:view company:update",
            )  # fmt: skip
            now = await connection.fetchval("SELECT clock_timestamp()")
        row = {
            "id": some_id(), "tenant_id": tenant, "user_id": some_id(), "client_id": client,
            "expires_at": now.replace(year=now.year + 1, day=1), "rotated_at": now, "generation": 1,
            "redirect_uri_sent": True, "redirect_hash": b"r" * 32, "challenge": None, "document": b"d" * 32,
            "current_hash": b"s" * 32, "nonce": b"n" * 16, "resources": ["https://api.latchkey.test/v1"],
        } | fields  # fmt: skip
        await _insert(database, "connection", row)
        return row["id"]

    return make


async def _insert(database, table, row):
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    async with database.connection() as connection:
        await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())  # noqa: S608 - our own words
