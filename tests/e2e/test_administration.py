"""Clients by the API, a tenant of one's own, and what the audit log keeps of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from apps import App

from latchkey_cli.operator import operating
from latchkey_contracts.requests.operator import LabsPut
from latchkey_kit.testing import eventually

ELSEWHERE = "https://integrator.test/back"


async def actions_on(house, admin, client_id):
    """What the audit log tells of a client: done through it, or done to it."""
    _, found, _ = await house.ask("GET", "/v1/audit-events?limit=200", admin.access)
    return {event["action"] for event in found["data"] if client_id in (event["client"], event["subject"])}


async def test_admin_makes_a_client_moves_its_redirect_and_finds_it_all_in_the_audit_log(house, carly):
    admin = await house.app("admin-cli").connect(carly, resource=house.api)
    wanted = {"name": "Integrator", "redirect_uris": [ELSEWHERE], "permissions": {"company": ["view"]}}
    status, made, _ = await house.ask("POST", "/v1/oauth-clients", admin.access, json=wanted)
    assert status == 201
    app = App(house, made["client_id"], made["client_secret"])
    page = await carly.authorize(app.ask()[0])
    assert "Invalid redirect_uri: not registered for this client." in page.words
    moved = {"redirect_uris": [ELSEWHERE, "http://127.0.0.1/callback"]}
    status, changed, _ = await house.ask("PATCH", f"/v1/oauth-clients/{made['id']}", admin.access, json=moved)
    assert (status, changed["redirect_uris"]) == (200, moved["redirect_uris"])
    assert "client_secret" not in changed
    tokens = await app.connect(carly)
    assert tokens.scope == ["company:view"]
    renewed = await app.refreshed(tokens.refresh)
    assert (await app.refresh(tokens.refresh))[0] == 400
    expected = {"client.created", "consent.granted", "grant.issued", "token.refreshed", "token.reused"}

    async def all_there():
        return await actions_on(house, admin, made["client_id"]) >= expected | {"connection.revoked"}

    await eventually(all_there)
    assert (await house.ask("GET", "/v1/companies", renewed.access))[0] == 401


async def test_one_without_the_right_manages_nothing(house, carly):
    tokens = await house.app("sync-demo").connect(carly)
    for method, path in (
        ("POST", "/v1/oauth-clients"), ("GET", "/v1/oauth-clients"), ("GET", "/v1/connections"),
        ("GET", "/v1/audit-events"), ("DELETE", f"/v1/connections/{tokens.claims['sid']}"),
    ):  # fmt: skip
        status, body, _ = await house.ask(method, path, tokens.access, json={"name": "Mine"})
        assert (status, body["code"]) == (403, "insufficient_scope"), path


@pytest.fixture(scope="session")
def initech(stack):
    """A tenant made with `latchkey bootstrap`: its admin's password, and its management client."""
    password = "pw-" + os.urandom(12).hex()
    command = [
        Path(sys.executable).with_name("latchkey"),
        "bootstrap",
        "--tenant",
        "initech",
        "--admin",
        "ida@initech.test",
    ]
    env = {"PATH": os.defpath, "LATCHKEY_HOME": str(stack), "ADMIN_PASSWORD": password}
    for _ in range(2):  # the second time changes nothing
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 (ours)
        assert done.returncode == 0, done.stderr
    assert password not in done.stdout
    return password, done.stdout.partition("(public, PKCE): ")[2].partition(",")[0]


@pytest.fixture
async def ida(house, person, initech):
    """The admin of initech, connected to the management API."""
    house.used.add(initech[0])
    browser = person("ida@initech.test", initech[0])
    return browser, await App(house, initech[1]).connect(browser, resource=house.api)


async def test_bootstrapped_admin_makes_and_uses_a_client(house, ida):
    browser, admin = ida
    wanted = {
        "name": "First",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "permissions": {"company": ["view", "create"]},
    }
    status, made, _ = await house.ask("POST", "/v1/oauth-clients", admin.access, json=wanted)
    assert status == 201, made
    tokens = await App(house, made["client_id"], made["client_secret"]).connect(browser)
    status, company, _ = await house.ask("POST", "/v1/companies", tokens.access, json={"name": "Initech"})
    assert status == 201, company
    _, listed, _ = await house.ask("GET", "/v1/companies", tokens.access)
    assert [one["name"] for one in listed["data"]] == ["Initech"]


async def test_tenants_see_nothing_of_one_another(house, ida, carly):
    _, admin = ida
    other = await house.app("admin-cli").connect(carly, resource=house.api)
    foreign = house.app("sync-demo").client_id
    assert (await house.ask("GET", f"/v1/oauth-clients/{foreign}", admin.access))[0] == 404
    assert (await house.ask("PATCH", f"/v1/oauth-clients/{foreign}", admin.access, json={"name": "Mine"}))[0] == 404
    assert (await house.ask("DELETE", f"/v1/connections/{other.claims['sid']}", admin.access))[0] == 404
    assert (await house.ask("GET", "/v1/oauth-clients", other.access))[0] == 200
    _, found, _ = await house.ask("GET", "/v1/audit-events?limit=200", admin.access)
    theirs = {event["client"] for event in found["data"]}
    assert not theirs & {one["client_id"] for one in house.demo["clients"].values()}
    assert not await actions_on(house, other, admin.claims["client_id"])
    page = await carly.authorize(App(house, admin.claims["client_id"]).ask()[0])
    assert "Invalid client_id: OAuth client not found." in page.words


async def test_labs_off_stops_new_clients_and_authorizations_but_no_connection(house, ida, monkeypatch):
    browser, admin = ida
    monkeypatch.setenv("LATCHKEY_HOME", str(house.folder))
    async with operating() as operator:
        await operator.client_registry.ask(LabsPut(tenant=admin.claims["tid"], on=False))
        status, body, _ = await house.ask("POST", "/v1/oauth-clients", admin.access, json={"name": "More"})
        assert (status, body["code"]) == (403, "labs_off")
        page = await browser.authorize(App(house, admin.claims["client_id"]).ask()[0])
        assert "Invalid client_id: OAuth client not found." in page.words
        assert (await house.ask("GET", "/v1/companies", admin.access))[0] == 200
        await operator.client_registry.ask(LabsPut(tenant=admin.claims["tid"], on=True))
