"""A resource server of somebody else registers a model, and its requests are governed like those of records."""

import contextlib

import pytest
from aiohttp.test_utils import TestServer
from offices import opened
from second_server import MODEL, Reports, register

from latchkey_cli.operator import operating
from latchkey_contracts.requests.resource_servers import ResourceServerAdd, ResourceServerRemove
from latchkey_kit.requests import PeerRefused
from latchkey_kit.testing import eventually

NAME = "partner-reports"
FULL = {"report": ["view", "update"], "company": ["view"]}
SOME = {"report": {"view": ["title", "pages"], "update": ["title"]}, "company": ["view"]}


@pytest.fixture
async def operator(house, monkeypatch):
    monkeypatch.setenv("LATCHKEY_HOME", str(house.folder))
    async with operating() as one:
        yield one


@pytest.fixture
async def secret(house, operator):
    """The secret of the resource server, which is there for the time of the test."""
    added = await operator.token.ask(ResourceServerAdd(name=NAME, audience=house.api))
    house.used.add(added.secret)
    yield added.secret
    with contextlib.suppress(PeerRefused):
        await operator.token.ask(ResourceServerRemove(name=NAME))


@pytest.fixture
async def registered(house, http, secret):
    async def done():  # one that was just added is known within two seconds
        return await register(http, house.origin, NAME, secret) == (200, {"models": ["report"]})

    await eventually(done)


@pytest.fixture
async def reports(house, operator, secret, registered):
    """The reports, on a port of their own."""
    made, heads = Reports(), f"http://127.0.0.1:{house.stack['ports']['heads-internal']}"
    permissions = operator.settings.permissions_url
    app = made.app(origin=house.origin, heads_urls=heads, permissions_url=permissions, name=NAME, secret=secret)
    async with TestServer(app, host="127.0.0.1") as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


async def asked(house, reports, token, method="GET", path="/reports", **more):
    """Status and JSON; a server that has just started may have no lease yet."""
    headers = {"Authorization": f"Bearer {token}"}

    async def answer():
        async with house.http.request(method, reports.url + path, headers=headers, **more) as got:
            is_json = got.content_type.endswith("json")
            return None if got.status == 503 else (got.status, await got.json() if is_json else None, got.headers)

    return await eventually(answer)


@pytest.fixture
async def office(house, person, operator, reports):
    made = await opened(house, operator, person, role=FULL, ceiling=FULL, more={"report": FULL["report"]})
    values = {"title": "Q3", "margin": 0.4, "pages": 12}
    for number, owner in enumerate((made.user, "f" * 32)):
        one = {"id": str(number), "tenant": made.tenant, "owner": owner, "company": f"{number:032x}"}
        reports.kept[one["id"]] = {**one, "values": dict(values)}
    reports.kept["other"] = {**reports.kept["0"], "id": "other", "tenant": "e" * 32}
    return made


async def test_model_of_another_server_is_granted_and_reduced_like_any(house, office, reports):
    token = (await office.connect(resource=house.api)).access
    _, body, _ = await asked(house, reports, token)
    assert [set(one) for one in body["data"]] == [{"id", "title", "margin", "pages"}] * 2, "of this tenant only"
    status, changed, _ = await asked(house, reports, token, "PATCH", "/reports/0", json={"margin": 0.5})
    assert (status, changed["margin"]) == (200, 0.5)
    await office.set_role(SOME)

    async def narrowed():
        _, seen, _ = await asked(house, reports, token)
        return [set(one) for one in seen["data"]] == [{"id", "title", "pages"}] * 2

    await eventually(narrowed)
    status, _, headers = await asked(house, reports, token, "PATCH", "/reports/0", json={"margin": 0.9})
    assert status == 403
    assert 'error="insufficient_scope"' in headers["WWW-Authenticate"]
    assert (await asked(house, reports, token, "PATCH", "/reports/0", json={"title": "Q4"}))[0] == 200
    assert (await asked(house, reports, token, "PATCH", "/reports/0", json={"pages": 1}))[0] == 400
    assert reports.kept["0"]["values"] == {"title": "Q4", "margin": 0.5, "pages": 12}


async def test_portfolio_and_model_of_the_role_hold_there_too(house, office, reports):
    token = (await office.connect(resource=house.api)).access
    await office.manage("PATCH", f"/v1/roles/{office.role}", {"portfolio": "own"})

    async def own_only():
        _, body, _ = await asked(house, reports, token)
        return [one["id"] for one in body["data"]] == ["0"]

    await eventually(own_only)
    assert (await asked(house, reports, token, "PATCH", "/reports/1", json={"title": "x"}))[0] == 404
    await office.set_role({"company": ["view"]})

    async def refused():
        return (await asked(house, reports, token))[0] == 403

    await eventually(refused)


async def test_connection_that_ends_is_refused_there(house, office, reports):
    tokens = await office.connect(resource=house.api)
    assert (await asked(house, reports, tokens.access))[0] == 200
    await office.app.revoke(tokens.refresh)

    async def refused():
        return (await asked(house, reports, tokens.access))[0] == 401

    await eventually(refused)


async def test_names_and_routes_of_others_and_bad_secrets_are_refused(house, http, secret, registered):
    assert (await register(http, house.origin, NAME, "guess"))[0] == 401
    assert (await register(http, house.origin, "nobody", secret))[0] == 401
    for taken in ({**MODEL, "name": "company"}, {**MODEL, "route": "companies"}):
        status, problem = await register(http, house.origin, NAME, secret, taken)
        assert (status, problem["code"]) == (409, "catalogue_clash")


async def test_server_that_is_removed_is_nobody_any_more(house, http, operator, secret, registered):
    await operator.token.ask(ResourceServerRemove(name=NAME))

    async def refused():
        return (await register(http, house.origin, NAME, secret))[0] == 401

    await eventually(refused)
