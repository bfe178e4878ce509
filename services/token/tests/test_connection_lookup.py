"""Whose a connection is, for the service that explains rights."""

from latchkey_contracts.requests.connections import ConnectionFacts, ConnectionGet
from latchkey_kit.testing.services import ORIGIN


async def test_a_connection_is_told_as_it_stands_to_its_own_tenant(house, peer):
    app = await house.app()
    tokens = await house.connected(app, resources=(f"{ORIGIN}/v1",))
    permissions = peer("permissions", house.served.internal_url)
    asked = ConnectionGet(tenant=app.gate.tenant, connection=tokens.claims["sid"])
    assert (await permissions.ask(asked)).connection == ConnectionFacts(
        tenant=app.gate.tenant,
        user=tokens.claims["sub"],
        client=app.id,
        document=tokens.claims["prm"],
        status="active",
    )
    await house.sql("UPDATE connection SET revoked_at = now() WHERE id = $1", tokens.claims["sid"])
    assert (await permissions.ask(asked)).connection.status == "revoked"
    for tenant, connection in (("f" * 32, asked.connection), (asked.tenant, "f" * 32)):
        assert (await permissions.ask(ConnectionGet(tenant=tenant, connection=connection))).connection is None
