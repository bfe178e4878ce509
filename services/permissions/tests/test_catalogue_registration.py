import aiohttp
import msgspec
import pytest

from latchkey_contracts.events import CloudEvent
from latchkey_contracts.requests.permissions import CeilingGet, LeavingAsk
from latchkey_kit import db
from latchkey_kit.requests import PeerUnavailable


async def _events(house):
    async with db.connect(house.served.settings.database_url.reveal()) as database, database.connection() as connection:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY created_at, id")
    return [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]


async def test_models_are_registered_on_either_port_and_the_same_ones_again_change_nothing(empty_house, models):
    for url in (empty_house.served.public_url, empty_house.served.internal_url):
        status, answer = await empty_house.register(*models, url=url)
        assert (status, answer) == (200, {"models": ["asset", "company", "enduser"]})
    status, _ = await empty_house.register(*reversed(models))
    assert status == 200
    (event,) = await _events(empty_house)
    assert (event.type, event.subject, event.tenantid) == ("catalogue.registered", "records", None)
    assert msgspec.json.decode(event.data)["models"] == ["asset", "company", "enduser"]


async def test_a_registration_replaces_all_that_the_server_had(house, models):
    await house.register(*models[:1])
    assert (await house.resolve("asset:view")).refusal == "unknown_scope"
    assert (await house.resolve("company:view")).refusal == "nothing"


async def test_models_may_trade_their_routes(house, models):
    company, enduser = models[0], models[1]
    status, _ = await house.register(
        company | {"route": enduser["route"]}, enduser | {"route": company["route"]}, models[2]
    )
    assert status == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": "member"}, "model name member"), ({"route": "roles"}, "route roles"), ({"route": "mcp"}, "route mcp")],
)
async def test_a_model_that_takes_what_is_ours_is_refused_by_name(house, models, change, words):
    status, problem = await house.register(models[0] | change)
    assert (status, problem["code"]) == (409, "catalogue_clash")
    assert words in problem["detail"]
    assert (await house.resolve("company:view")).refusal == "nothing", "the models before are still there"


async def test_a_model_of_another_resource_server_is_refused_by_name(house, models):
    async with db.connect(house.served.settings.database_url.reveal()) as database, database.connection() as connection:
        await connection.execute("UPDATE data_model SET resource_server = 'crm' WHERE name = 'asset'")
    status, problem = await house.register(models[2] | {"route": "things"})
    assert (status, problem["detail"]) == (409, "The model name asset belongs to crm.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Company"}, "Illegal model name: Company."),
        ({"route": "../x"}, "Model company has an illegal route: ../x."),
        ({"fields": [{"name": "a b", "type": "text", "title": "A"}]}, "Model company has an illegal field name: a b."),
        ({"actions": []}, "Model company must list at least one action, and each just once."),
        ({"actions": ["fly"]}, "/models/0/actions/0"),
        ({"fields": [{"name": "a"}]}, "/models/0/fields/0"),
        ({"colour": "red"}, "/models/0"),
    ],
)
async def test_a_malformed_model_is_refused_by_name(empty_house, models, change, words):
    status, problem = await empty_house.register(models[0] | change)
    assert (status, problem["code"]) == (400, "invalid_request")
    assert words in [problem["detail"], *(error["pointer"] for error in problem.get("errors", ()))]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"models": 1}', b'{"models": [], "more": 1}', b"null", b'"\\ud800"', b"\xff", b"[" * 9999],
)
async def test_a_body_of_another_shape_is_a_problem(empty_house, body):
    status, problem = await empty_house.put(body)
    assert (status, problem["code"]) == (400, "invalid_request")


async def test_only_a_resource_server_registers_models(empty_house, models):
    for url in (empty_house.served.public_url, empty_house.served.internal_url):
        status, problem = await empty_house.register(*models, who="mcp", url=url)
        assert (status, problem["code"]) == (403, "caller_not_allowed")
        headers = {"Authorization": aiohttp.encode_basic_auth("records", "guess")}
        async with empty_house.http.put(f"{url}/v1/catalogue", json={"models": []}, headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Basic")


async def test_two_instances_see_one_catalogue(house, models, serving, http, peer):
    async with serving(database_url=house.served.settings.database_url) as second:
        twin = type(house)(second, http, peer)
        assert (await twin.resolve("asset:view")).refusal == "nothing"
        await house.register(*models[:1])
        assert (await twin.resolve("asset:view")).refusal == "unknown_scope"
        await twin.register(*models)
        assert (await house.resolve("asset:view")).refusal == "nothing"


async def test_internal_requests_are_for_their_callers_only(house):
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await house.rights("0" * 64, who="operator")
    for question in (LeavingAsk(tenant=house.acme, user=house.sam), CeilingGet(tenant=house.acme, client=house.claude)):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await house.caller("records").ask(question)


async def test_a_catalogue_that_came_back_from_a_backup_is_read_anew(house, models):
    """With the revision of another one, as after a restore under a process that ran on."""
    await house.ceiling({"company": ("view",)})
    async with db.connect(house.served.settings.database_url.reveal()) as database, database.connection() as connection:
        await house.register(*models[:1])
        seen = await connection.fetchval("SELECT revision FROM catalogue")
        assert (await house.resolve("asset:view")).refusal == "unknown_scope"
        await connection.execute("UPDATE catalogue SET revision = $1", seen - 1)
        await house.register(*models)
        assert await connection.fetchval("SELECT revision FROM catalogue") == seen
    assert (await house.resolve("asset:view")).refusal == "nothing"
