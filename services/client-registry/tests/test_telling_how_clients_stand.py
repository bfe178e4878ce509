"""What the token service asks when it has to catch up."""

import asyncpg
import pytest

from latchkey_contracts.requests.operator import LabsPut
from latchkey_contracts.requests.standing import Standing, StandingGet, StandingList
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT, USER


@pytest.fixture
def token(registry, peer):
    return peer("token", registry.internal_url)


@pytest.fixture
async def sql(registry):
    connection = await asyncpg.connect(registry.settings.database_url.reveal())
    yield connection
    await connection.close()


async def everything(token):
    pages = [await token.ask(StandingList())]
    while pages[-1].next is not None:
        pages.append(await token.ask(StandingList(after=pages[-1].next)))
    return pages


async def test_standings_are_what_was_told(manage, made, owners, token):
    client = await made()
    assert (await token.ask(StandingGet("client", client["id"]))).standing is None
    await manage("POST", f"/{client['id']}/disable")
    await manage("POST", f"/{client['id']}/block")
    told = owners.gates[-1]
    stands = Standing(
        kind="client", key=client["id"], turn=told.turn, barred=told.barred, reason=told.reason, by=told.by
    )
    assert (await token.ask(StandingGet("client", client["id"]))).standing == stands
    asked = await token.ask(StandingGet("tenant_client", TENANT + client["id"]))
    assert asked.standing == owners.standings[-1]
    (page,) = await everything(token)
    assert page.standings == (stands, owners.standings[-1])
    assert stands.by == USER


async def test_a_deleted_client_still_stands_barred(manage, made, token):
    client = await made()
    await manage("DELETE", f"/{client['id']}")
    standing = (await token.ask(StandingGet("client", client["id"]))).standing
    assert (standing.turn, standing.barred, standing.reason) == (1, True, "client.deleted")
    assert (await everything(token))[0].standings == (standing,)


@pytest.mark.parametrize(
    ("kind", "key"),
    [("client", "0" * 32), ("client", "0" * 64), ("tenant_client", "0" * 64), ("tenant_client", TENANT),
     ("tenant", TENANT), ("user", USER), ("tenant_user", TENANT + USER)],
)  # fmt: skip
async def test_what_never_turned_or_is_not_ours_has_no_standing(token, made, kind, key):
    await made()
    assert (await token.ask(StandingGet(kind, key))).standing is None


async def test_pages_bring_everything_that_turned_once_and_nothing_else(manage, made, token, sql):
    await made()
    await sql.execute(
        """
        INSERT INTO client (id, tenant_id, name, client_type, proof, preset, redirect_uris, turn, disabled)
        SELECT md5('c' || n)::uuid, $1, 'x', 'public', 'pkce', 'custom', '{}', n % 2, true
        FROM generate_series(1, 1400) n
        """,
        TENANT,
    )
    await sql.execute(
        """
        INSERT INTO tenant_client (tenant_id, client_id, turn, barred, reason)
        SELECT md5('t' || n % 3)::uuid, id, 1, true, 'client.blocked'
        FROM (SELECT id, row_number() OVER () AS n FROM client WHERE turn > 0) c
        """
    )
    pages = await everything(token)
    found = [(one.kind, one.key) for page in pages for one in page.standings]
    assert len(found) == len(set(found)) == 1400
    assert [len(page.standings) for page in pages] == [500, 500, 400]
    assert sum(kind == "tenant_client" for kind, _ in found) == 700


@pytest.mark.parametrize("turned", [500, 501])
async def test_a_full_page_is_followed_only_by_what_there_is(token, registry, sql, turned):
    await sql.execute(
        """
        INSERT INTO client (id, tenant_id, name, client_type, proof, preset, redirect_uris, turn)
        SELECT md5('c' || n)::uuid, $1, 'x', 'public', 'pkce', 'custom', '{}', 1 FROM generate_series(1, $2) n
        """,
        TENANT,
        turned,
    )
    pages = await everything(token)
    assert [len(page.standings) for page in pages] == ([500] if turned == 500 else [500, 1])


async def test_a_page_says_how_far_the_outbox_had_told(manage, made, token, sql):
    client = await made()
    await manage("POST", f"/{client['id']}/disable")
    many = await sql.fetchval("SELECT count(*) FROM outbox")

    async def all_numbered():
        return await sql.fetchval("SELECT last_number FROM outbox_state") == many

    await eventually(all_numbered)
    page = await token.ask(StandingList())
    epoch = await sql.fetchval("SELECT encode(uuid_send(epoch), 'hex') FROM outbox_state")
    assert (page.epoch, page.sequence) == (epoch, many)


@pytest.mark.parametrize("after", ["", "nobody", "0" * 31, "0" * 32 + "\n", "' OR 1=1", "0" * 96])
async def test_what_is_no_place_in_the_list_is_refused(token, after):
    with pytest.raises(PeerRefused):
        await token.ask(StandingList(after=after))


@pytest.mark.parametrize("key", ["", "0" * 32 + "\n", "0" * 48, "A" * 32])
async def test_what_is_no_key_is_refused(token, key):
    with pytest.raises(PeerRefused):
        await token.ask(StandingGet("tenant_client", key))


async def test_only_the_token_service_may_ask(registry, peer):
    for ask in (StandingList(), StandingGet("client", "0" * 32)):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await peer("auth", registry.internal_url).ask(ask)


async def test_a_client_that_is_unknown_to_users_is_so_in_every_tenant(manage, made, seen, operator):
    client = await made()
    await operator.ask(LabsPut(tenant="9" * 32, on=True))
    await manage("POST", f"/{client['id']}/disable")
    answer = await seen(client["id"], TENANT, "9" * 32)
    assert (answer.client, answer.usable_in, answer.turns_in) == (None, (), {})
