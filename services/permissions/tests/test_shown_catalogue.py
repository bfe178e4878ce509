"""``GET /v1/catalogue``: what there is to allow, as a form shows it."""

import aiohttp
import pytest

from latchkey_contracts.requests.console import ACTOR_HEADER
from latchkey_kit.testing.services import credential


@pytest.fixture
def catalogue(house, token):
    """What the console is answered when it asks for somebody."""

    async def ask(user=house.carly, tenant=house.acme, *, assertion=None):
        given = token.actors.assertion("permissions", user, tenant) if assertion is None else assertion
        headers = {
            "Authorization": aiohttp.encode_basic_auth("console", credential("console")), ACTOR_HEADER: given,
        }  # fmt: skip
        async with house.http.get(f"{house.served.internal_url}/v1/catalogue", headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return ask


@pytest.fixture
async def carly(house):
    await house.assign(await house.role({}, name="Maker", app_center=True), house.carly)


@pytest.fixture
def tree(house, models, catalogue, carly):
    """Register a model of these fields; its fields as they are shown."""

    async def ask(*fields):
        odd = models[0] | {
            "fields": [{"type": "text", "title": name.upper(), "name": name} | more for name, more in fields]
        }
        status, _ = await house.register(odd, *models[1:])
        assert status == 200
        _, shown = await catalogue()
        (company,) = [model for model in shown["models"] if model["name"] == "company"]
        return company["fields"]

    return ask


async def test_models_are_shown_by_title_and_those_of_management_last(catalogue, carly):
    status, shown = await catalogue()
    names = [(model["title"], model["management"]) for model in shown["models"]]
    assert status == 200
    assert names == [
        ("Asset", False), ("Company", False), ("End user", False), ("Audit log", True), ("Audit stream", True),
        ("Connection", True), ("Member", True), ("OAuth client", True), ("Role", True), ("Service account", True),
    ]  # fmt: skip


async def test_a_model_has_everything_that_a_form_needs(catalogue, carly, models):
    _, shown = await catalogue()
    (company,) = [model for model in shown["models"] if model["name"] == "company"]
    assert company == {
        "name": "company", "route": "companies", "title": "Company", "plural": "companys", "management": False,
        "actions": models[0]["actions"],
        "fields": [
            {"name": "name", "title": "Name", "type": "text", "writable": True, "fields": []},
            {"name": "arr", "title": "ARR", "type": "number", "writable": False, "fields": []},
        ],
    }  # fmt: skip


async def test_nested_fields_stand_below_their_group_where_its_first_one_was(tree):
    shown = await tree(
        ("address.city", {}), ("name", {}), ("address.geo.lat", {"writable": False}), ("address.geo.long_name.de", {})
    )
    assert [field["name"] for field in shown] == ["address", "name"]
    address = shown[0]
    assert (address["title"], address["type"], address["writable"]) == ("Address", "group", True)
    assert [field["name"] for field in address["fields"]] == ["address.city", "address.geo"]
    geo = address["fields"][1]
    assert [field["name"] for field in geo["fields"]] == ["address.geo.lat", "address.geo.long_name"]
    assert geo["fields"][1]["title"] == "Long name"
    assert geo["fields"][1]["fields"][0] == {
        "name": "address.geo.long_name.de", "title": "ADDRESS.GEO.LONG_NAME.DE", "type": "text", "writable": True,
        "fields": [],
    }  # fmt: skip


async def test_a_group_of_which_nothing_can_be_written_cannot_be_written(tree):
    (address,) = await tree(("address.city", {"writable": False}), ("address.street", {"writable": False}))
    assert address["writable"] is False


async def test_a_group_of_one_is_a_group_and_a_name_that_only_begins_alike_is_not_in_it(tree):
    shown = await tree(("address.city", {}), ("addressee", {}))
    assert [(field["name"], len(field["fields"])) for field in shown] == [("address", 1), ("addressee", 0)]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [({}, 403), ({"audit": True}, 403), ({"app_center": True}, 200), ({"settings": True}, 200)],
)
async def test_it_is_for_those_who_set_up_apps_or_roles(house, catalogue, flags, expected):
    await house.assign(await house.role({"company": ("view",)}, **flags), house.carly)
    status, body = await catalogue()
    assert status == expected
    assert expected == 200 or body["code"] == "not_allowed"


async def test_who_has_no_role_or_is_elsewhere_is_refused(house, catalogue, carly):
    assert (await catalogue(house.sam))[0] == 403
    assert (await catalogue(house.carly, house.globex))[0] == 403


async def test_without_the_word_of_auth_nothing_is_shown(house, token, catalogue, carly):
    for given in ("", "noise", token.actors.assertion("auth", house.carly, house.acme)):
        assert (await catalogue(assertion=given))[0] == 401


async def test_only_the_console_may_ask_and_only_inside(house):
    for caller, expected in (("auth", 403), ("records", 403), ("operator", 403)):
        headers = {"Authorization": aiohttp.encode_basic_auth(caller, credential(caller))}
        async with house.http.get(f"{house.served.internal_url}/v1/catalogue", headers=headers) as response:
            assert response.status == expected, caller
    async with house.http.get(f"{house.served.public_url}/v1/catalogue") as response:
        assert response.status == 405
