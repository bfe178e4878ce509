"""Staff at the console: any tenant's clients and switches, by the word of auth alone, and never on the public port."""

import msgspec
import pytest

from latchkey_contracts.requests.clients import ClientsGet
from latchkey_verify.testing import TENANT, USER

OTHER = "7" * 32
STAFF = "8" * 32
CLIENTS = "/v1/all-clients"


async def test_staff_find_clients_of_any_tenant_by_part_of_the_name_or_an_id(made, published, staff):
    mine, theirs = (await made(name="Straße 100% Sync"))["id"], await published(OTHER)

    async def found(text):
        status, shown = await staff("GET", f"{CLIENTS}?q={text}")
        assert status == 200
        return [one["id"] for one in shown["data"]]

    assert set(await found("")) == {mine, theirs}
    assert [await found(text) for text in ("MARKET", "100%25", "stra%C3%9Fe", mine, theirs, TENANT)] == [
        [theirs], [mine], [mine], [mine], [theirs], [mine],
    ]  # fmt: skip
    assert [await found(text) for text in ("%25market", "_", "nothing", "0" * 32, "' OR 1=1")] == [[]] * 5
    _, shown = await staff("GET", f"{CLIENTS}?q=market")
    assert shown["data"] == [
        {
            "id": theirs, "name": "market", "tenant": OTHER, "status": "active", "published": True, "dynamic": False,
            "logo": None,
        }
    ]  # fmt: skip


async def test_the_list_is_walked_by_its_cursor_and_has_no_deleted_client(made, manage, staff, clock):
    clients = []
    for number in range(4):
        clock.advance(0.01)
        clients.append((await made(name=f"App {number}"))["id"])
    await manage("DELETE", f"/{clients.pop(1)}")
    _, first = await staff("GET", f"{CLIENTS}?q=app&limit=2")
    _, rest = await staff("GET", f"{CLIENTS}?q=app&limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["data"] + rest["data"]] == clients
    assert rest["next_cursor"] is None


async def test_a_compromised_client_is_barred_until_staff_lift_it(made, staff, gate, told):
    client = (await made())["id"]
    for on, status in ((True, "compromised"), (True, "compromised"), (False, "active")):
        code, shown = await staff("PUT", f"{CLIENTS}/{client}/compromised", {"on": on})
        assert (code, shown["status"], "effective_at" in shown) == (200, status, True)
        assert (await gate(client)).barred is on
    assert (await gate(client)).secret_hashes == ()
    for kind in ("client.compromised", "client.lifted"):
        (one,) = await told(kind)
        assert (one.tenantid, one.userid, one.bystaff) == (TENANT, STAFF, True)


async def test_staff_are_told_when_the_token_service_does_not_know_yet(made, staff, owners):
    client = (await made())["id"]
    owners.away.add("/internal/token/apply")
    code, shown = await staff("PUT", f"{CLIENTS}/{client}/compromised", {"on": True})
    assert (code, shown["pending"], shown["status"]) == (202, True, "compromised")


async def test_a_dynamic_client_has_no_ceiling_until_staff_switch_it_back(made, staff, owners, told):
    client = (await made())["id"]
    for on in (True, True, False):
        code, shown = await staff("PUT", f"{CLIENTS}/{client}/dynamic", {"on": on})
        assert (code, shown["dynamic"], client in owners.dynamic) == (200, on, on)
    found = await told("client.updated")
    assert [(one.userid, one.bystaff) for one in found] == [(STAFF, True)] * 2


async def test_a_client_with_tokens_of_its_own_is_not_made_dynamic(made, staff):
    client = (await made(client_credentials=True))["id"]
    status, problem = await staff("PUT", f"{CLIENTS}/{client}/dynamic", {"on": True})
    assert (status, problem["code"]) == (409, "has_own_tokens")


async def test_labs_are_switched_and_listed(staff, registry, told, made, peer):
    assert await staff("GET", "/v1/labs") == (200, {"on": [TENANT]})
    for on in (True, True, False):
        assert await staff("PUT", f"/v1/labs/{OTHER}", {"on": on}) == (200, {"on": on})
        assert (await staff("GET", "/v1/labs"))[1]["on"] == [TENANT, *([OTHER] if on else [])]
    found = [one for one in await told("labs.changed") if one.tenantid == OTHER]
    assert [(msgspec.json.decode(one.data)["on"], one.userid, one.bystaff) for one in found] == [
        (True, STAFF, True), (False, STAFF, True),
    ]  # fmt: skip
    client = (await made())["id"]
    await staff("PUT", f"/v1/labs/{TENANT}", {"on": False})
    answer = await peer("auth", registry.internal_url).ask(ClientsGet(client=client, tenants=(TENANT,)))
    assert answer.usable_in == ()


ALL = [
    ("GET", "/v1/publish-requests"), ("POST", f"/v1/publish-requests/{'0' * 32}"), ("GET", CLIENTS),
    ("PUT", f"{CLIENTS}/{'0' * 32}/dynamic"), ("PUT", f"{CLIENTS}/{'0' * 32}/compromised"), ("GET", "/v1/labs"),
    ("PUT", f"/v1/labs/{OTHER}"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_nobody_else_does_what_staff_do(console, staff, registry, http, manage, owners, method, path):
    body = {"on": True, "decision": "approve"}
    assert (await console(method, path, body))[1]["code"] == "not_staff"
    assert (await console(method, path, body, stf=True, aud="auth"))[1]["code"] == "assertion_refused"
    assert (await console(method, path, body, caller="token", stf=True))[1]["code"] == "caller_not_allowed"
    assert (await staff(method, path, body, headers={"X-Latchkey-Actor": ""}))[0] == 401
    bearer = {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    async with http.request(method, registry.public_url + path, json=body, headers=bearer) as response:
        assert response.status == 404


@pytest.mark.parametrize("path", [f"{CLIENTS}/{'0' * 32}/dynamic", f"{CLIENTS}/x/compromised", "/v1/labs/acme"])
async def test_staff_switch_only_what_there_is(staff, path):
    assert (await staff("PUT", path, {"on": True}))[0] == 404


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": True, "off": False}, []])
async def test_a_switch_is_on_or_off(staff, made, body):
    client = (await made())["id"]
    for path in (f"{CLIENTS}/{client}/dynamic", f"{CLIENTS}/{client}/compromised", f"/v1/labs/{OTHER}"):
        assert (await staff("PUT", path, body))[0] == 400


async def test_a_person_at_the_console_manages_as_a_bearer_does(console, manage, owners, told):
    new = {"name": "By hand", "redirect_uris": [], "permissions": {}}
    status, client = await console("POST", "/v1/oauth-clients", new, sub="5" * 32)
    assert (status, client["updated_by"]) == (201, "5" * 32)
    assert (await manage("GET", f"/{client['id']}"))[1]["name"] == "By hand"
    (one,) = await told("client.created")
    assert (one.tenantid, one.userid, one.clientid, one.bystaff) == (TENANT, "5" * 32, None, False)
    owners.person = {"oauthclient": ["view"]}
    status, problem = await console("PATCH", f"/v1/oauth-clients/{client['id']}", {"name": "Other"})
    assert (status, problem["code"]) == (403, "not_allowed")
    assert (await console("GET", f"/v1/oauth-clients/{client['id']}", tid=OTHER))[0] == 404
    assert owners.ceiling_puts[0].actor == "5" * 32 != USER
