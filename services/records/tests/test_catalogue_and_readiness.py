"""The data models reach the permissions service, sooner or later; the metadata says where to get a token."""

from aiohttp.test_utils import TestServer

from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import ORIGIN
from latchkey_policy.catalogue import Catalogue
from latchkey_records.domain.catalogue import CATALOGUE, KINDS
from latchkey_records.handlers.query import RESERVED
from latchkey_records.registration import registering
from latchkey_records.store.statement import column


async def test_catalogue_is_registered_at_start(house):
    (sent,) = house.permissions.catalogues
    assert [model["name"] for model in sent["models"]] == ["asset", "company", "conversation", "enduser", "task"]
    assert all(set(model["actions"]) == {"create", "view", "update", "remove", "export"} for model in sent["models"])


async def test_service_is_not_ready_until_the_catalogue_is_registered(starting, permissions, missing):
    permissions.away = True
    async with starting() as served:
        assert (await missing(served))["catalogue"] == "catalogue not registered yet"
        permissions.away = False

        async def registered():
            return "catalogue" not in await missing(served)

        await eventually(registered)
    assert len(permissions.catalogues) == 1


async def test_a_permissions_service_that_lost_the_catalogue_has_it_back(permissions, peer):
    async with (
        TestServer(permissions.app(), host="127.0.0.1") as server,
        registering(peer("records", str(server.make_url(""))), CATALOGUE, again=0.02) as registration,
    ):

        async def registered():
            return len(permissions.catalogues) > 0

        await eventually(registered)
        permissions.catalogues.clear()
        await eventually(registered)
        assert await registration.problem() is None


def test_models_are_fit_for_any_catalogue():
    assert len(Catalogue(kind.model() for kind in KINDS)) == 5


def test_no_field_is_called_like_a_parameter_or_shares_a_column():
    for kind in KINDS:
        assert not {field.name for field in kind.fields} & (RESERVED | {"id"})
        columns = [column(field) for field in kind.fields]
        assert len(set(columns)) == len(columns)


async def test_resource_metadata_names_the_authorization_server(house):
    path = "/.well-known/oauth-protected-resource/v1"
    answer = await house.ask("GET", path, None, headers={"Origin": "https://elsewhere.example"})
    assert answer.status == 200
    assert answer.body["resource"] == f"{ORIGIN}/v1"
    assert answer.body["authorization_servers"] == [ORIGIN]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


async def test_without_a_token_the_challenge_names_the_metadata(house):
    answer = await house.get("/v1/companies", None)
    assert answer.status == 401
    metadata = f"{ORIGIN}/.well-known/oauth-protected-resource/v1"
    assert answer.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{metadata}", scope="inclusive"'
