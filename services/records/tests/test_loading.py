"""The operator's demo records: in local mode only, once."""

import pytest

from latchkey_contracts.requests.records import RecordsLoad
from latchkey_kit.requests import PeerRefused, PeerUnavailable

ACME, GLOBEX, SAM = "a" * 32, "b" * 32, "5" * 32
ONE = {"id": "1" * 32, "name": "One", "owner": SAM, "created_at": "2025-01-01T00:00:00Z"}


async def test_known_records_stay_as_they_are(house):
    assert await house.load("company", ONE) == 1
    assert await house.load("company", ONE | {"name": "Other"}, ONE | {"id": "2" * 32}) == 1
    answer = await house.get(f"/v1/companies/{'1' * 32}", house.grant())
    assert (answer.body["name"], answer.body["created_at"]) == ("One", "2025-01-01T00:00:00Z")


async def test_same_id_in_two_tenants_are_two_records(house):
    assert await house.load("company", ONE) == 1
    assert await house.load("company", ONE | {"name": "Theirs"}, tenant=GLOBEX) == 1
    assert (await house.get(f"/v1/companies/{'1' * 32}", house.grant())).body["name"] == "One"
    assert (await house.get(f"/v1/companies/{'1' * 32}", house.grant(tid=GLOBEX))).body["name"] == "Theirs"


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"id": "x", "name": "X"}, "/records/1/id"), ({"name": "X"}, "/records/1/id"), (5, "/records/1"),
        ({"id": "2" * 32}, "/records/1/name"),
        ({"id": "2" * 32, "name": "X", "open_tasks": 1}, "/records/1/open_tasks"),
        ({"id": "2" * 32, "name": "X", "owner": "me"}, "/records/1/owner"),
    ],
)  # fmt: skip
async def test_bad_record_is_named_and_none_is_loaded(house, record, pointer):
    refused = await refusal(house, "operator", RecordsLoad(tenant=ACME, model="company", records=(ONE, record)))
    assert refused.status == 400
    if isinstance(record, dict):
        assert [error.pointer for error in refused.errors] == [pointer]
    assert (await house.get("/v1/companies", house.grant())).data == []


async def test_company_of_another_tenant_cannot_be_named(house):
    assert await house.load("company", ONE) == 1
    task = {"id": "2" * 32, "title": "Call", "company": "1" * 32}
    refused = await refusal(house, "operator", RecordsLoad(tenant=GLOBEX, model="task", records=(task,)))
    assert refused.status == 400
    assert await house.load("task", task) == 1


@pytest.mark.parametrize("caller", ["mcp", "edge", "permissions"])
async def test_only_the_operator_loads(house, caller):
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await house.peer(caller).ask(RecordsLoad(tenant=ACME, model="company", records=(ONE,)))


async def test_nothing_is_loaded_outside_local_mode(starting, peer):
    async with starting(local_mode=False) as served:
        asked = RecordsLoad(tenant=ACME, model="company", records=(ONE,))
        with pytest.raises(PeerRefused) as raised:
            await peer("operator", served.internal_url).ask(asked)
        assert (raised.value.problem.status, raised.value.problem.code) == (403, "local_mode_only")


async def refusal(house, caller, question):
    with pytest.raises(PeerRefused) as raised:
        await house.peer(caller).ask(question)
    return raised.value.problem
