"""A client's standing connection: remade when the client's gate moves, and dead when somebody wants it dead."""

import asyncio

import pytest

from latchkey_oauth.token_string import secret_hash

INVALID_GRANT = (400, "invalid_grant")


async def standing(house, app):
    return await house.sql(
        "SELECT id, standing_revision AS revision FROM connection"
        " WHERE client_id = $1 AND standing_revision IS NOT NULL",
        app.id,
    )


async def killed_at(house, app):
    """The cutoff below which everything of a client is dead."""
    rows = await house.sql("SELECT cutoff FROM kill WHERE kind = 'client' AND key = $1", app.id)
    return max((row["cutoff"] for row in rows), default=0)


async def test_a_regenerated_secret_kills_it_and_the_new_one_has_another(house, own):
    app = await own.app()
    before = await own.token(app)
    renewed = await house.changed(app, secret_hashes=(secret_hash("lk_cs_new").hex(),), turn=2)
    assert (await own.token(app)).error == (401, "invalid_client")
    after = await own.token(app, client_secret="lk_cs_new")
    assert after.status == 200
    assert after.claims["sid"] != before.claims["sid"]
    assert before.claims["born"] <= await killed_at(house, app) < after.claims["born"]
    assert [row["revision"] for row in await standing(house, app)] == [renewed.gate.revision]


async def test_an_instance_that_has_not_heard_cannot_mint_with_the_old_secret(running_house, house, own):
    app = await own.app()
    async with running_house() as other:
        other.registry.gates[app.id] = app.gate
        stale = type(own)(other)
        assert (await stale.token(app)).status == 200
        await house.changed(app, secret_hashes=(secret_hash("lk_cs_new").hex(),), turn=2)
        other.registry.gates[app.id] = house.registry.gates[app.id]
        assert (await stale.token(app)).error == (401, "invalid_client")


async def test_a_mere_change_of_the_client_remakes_it_and_kills_nothing(house, own):
    app = await own.app()
    before = await own.token(app)
    await house.changed(app)
    after = await own.token(app)
    assert after.claims["sid"] != before.claims["sid"]
    old = await house.row(before.claims["sid"])
    assert old["revoked_at"] is None
    (left,) = await house.sql(
        "SELECT extract(epoch FROM expires_at - clock_timestamp()) AS seconds FROM connection WHERE id = $1",
        before.claims["sid"],
    )
    assert 3500 < left["seconds"] <= 3600, "it lives as long as its last token"


async def test_many_who_come_first_after_a_change_make_one(house, own):
    app = await own.app()
    await own.token(app)
    await house.changed(app)
    answers = await asyncio.gather(*(own.token(app) for _ in range(30)))
    assert len({answer.claims["sid"] for answer in answers}) == 1
    assert len(await standing(house, app)) == 1


async def test_instances_side_by_side_make_one(running_house, house, own):
    app = await own.app()
    async with running_house() as other:
        other.registry.gates[app.id] = app.gate
        second = type(own)(other)
        answers = await asyncio.gather(*(one.token(app) for one in (own, second) for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.claims["sid"] for answer in answers}) == 1


async def test_cut_by_an_admin_it_stays_dead_until_the_client_changes(house, own):
    app = await own.app()
    token = (await own.token(app)).body["access_token"]
    await house.lease(token)
    (row,) = await standing(house, app)
    assert (await house.api("DELETE", f"/v1/connections/{row['id']}", token)).status in (200, 202, 204)
    for _ in range(2):
        assert (await own.token(app)).error == INVALID_GRANT
    await house.changed(app)
    assert (await own.token(app)).status == 200


async def test_cut_with_all_others_it_stays_dead_too(house, own):
    app = await own.app()
    first = await own.token(app)
    await house.sql(
        "INSERT INTO kill (kind, key, source, cutoff, number, reason)"
        " VALUES ('tenant_client', $1, 'token', $2, 1, 'cut')",
        app.gate.tenant + app.id, first.claims["born"],
    )  # fmt: skip
    assert (await own.token(app)).error == INVALID_GRANT
    await house.changed(app)
    assert (await own.token(app)).status == 200


@pytest.mark.parametrize("kind", ["tenant", "tenant_client"])
async def test_barred_it_is_not_born_and_lifted_it_is(house, own, kind):
    app = await own.app()
    before = await own.token(app)
    key = app.gate.tenant + (app.id if kind == "tenant_client" else "")
    await own.turned(app, kind, key, turn=1, barred=True)
    assert (await own.token(app)).error == INVALID_GRANT
    await house.changed(app)
    assert (await own.token(app)).error == INVALID_GRANT, "nor under a newer gate"
    await own.turned(app, kind, key, turn=2)
    after = await own.token(app)
    assert (after.status, after.claims["sid"] != before.claims["sid"]) == (200, True)


async def test_a_client_that_may_no_longer_act_for_itself_mints_nothing(house, own):
    app = await own.app()
    await own.token(app)
    await house.changed(app, client_credentials=False)
    assert (await own.token(app)).error == (400, "unauthorized_client")


async def test_a_disabled_client_mints_nothing(house, own):
    app = await own.app()
    await own.token(app)
    await house.changed(app, barred=True, turn=2)
    assert (await own.token(app)).error == (401, "invalid_client")
    await house.changed(app, barred=False, turn=3)
    assert (await own.token(app)).status == 200


async def test_a_client_that_revokes_its_token_gets_another(house, own):
    app = await own.app()
    first = await own.token(app)
    assert (await house.revoke(app, first.body["access_token"]))[0] == 200
    assert not await house.alive(first.claims["sid"])
    second = await own.token(app)
    assert second.claims["sid"] != first.claims["sid"]


async def test_after_a_restore_it_is_remade(house, own):
    app = await own.app()
    first = await own.token(app)
    await house.sql(
        "INSERT INTO kill (kind, key, source, cutoff, number, reason) VALUES ('all', '', 'restore', $1, 1, 'restore')",
        first.claims["born"],
    )
    second = await own.token(app)
    assert (second.status, second.claims["born"] > first.claims["born"]) == (200, True)


async def test_the_sweep_of_a_kill_does_not_make_it_an_admins_cut(house, own):
    app = await own.app()
    first = await own.token(app)
    await own.turned(app, "tenant_client", app.gate.tenant + app.id, turn=1, barred=True)
    await house.sql(
        "UPDATE connection SET revoked_at = clock_timestamp(), revoked_reason = 'client.blocked' WHERE id = $1",
        first.claims["sid"],
    )
    await own.turned(app, "tenant_client", app.gate.tenant + app.id, turn=2)
    assert (await own.token(app)).status == 200


async def test_the_limits_of_a_client_end_it_and_another_takes_its_place(house, own):
    app = await own.app(connection_lifetime=3600)
    first = await own.token(app)
    await house.sql(
        "UPDATE connection SET created_at = created_at - interval '1 hour' WHERE id = $1", first.claims["sid"]
    )
    second = await own.token(app)
    assert (second.status, second.claims["sid"] != first.claims["sid"]) == (200, True)


async def test_it_outlives_the_sweep_of_codes_that_nobody_came_for(house, own):
    app = await own.app()
    await own.token(app)
    (row,) = await house.sql("SELECT generation, expires_at FROM connection WHERE client_id = $1", app.id)
    assert (row["generation"], row["expires_at"].year) == (1, 9999)
