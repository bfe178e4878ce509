"""A member is removed, a user disabled, a tenant off-boarded: all that they let apps do ends, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from apps import App

from latchkey_kit.testing import eventually

INCLUSIVE = {"scope": "inclusive"}
PASSWORD = "pw-" + os.urandom(12).hex()


@pytest.fixture
def latchkey(stack):
    """Type a command of the operator; gives what it says."""

    def typed(*words, **more):
        command = [Path(sys.executable).with_name("latchkey"), *words]
        env = {"PATH": os.defpath, "LATCHKEY_HOME": str(stack), **more}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 (ours)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return typed


@pytest.fixture
async def admin(house, carly):
    return await house.app("admin-cli").connect(carly, resource=house.api)


async def dead(house, app, tokens):
    async def refused():
        return (await house.ask("GET", "/v1/companies?limit=1", tokens.access))[0] == 401

    await eventually(refused)
    status, body = await app.refresh(tokens.refresh)
    assert (status, body["error"]) == (400, "invalid_grant")


async def alive(house, tokens):
    return (await house.ask("GET", "/v1/companies?limit=1", tokens.access))[0] == 200


async def test_removed_member_loses_every_token_and_consents_again_once_back(house, person, admin, carly):
    app, sam = house.app("sync-demo"), person("sam@acme.test")
    hers, his = await app.connect(carly), await app.connect(sam, **INCLUSIVE)
    _, listed, _ = await house.ask("GET", "/v1/members", admin.access)
    [member] = [one for one in listed["data"] if one["email"] == "sam@acme.test"]
    assert member["id"] == his.claims["sub"]
    try:
        status, answer, _ = await house.ask("DELETE", f"/v1/members/{member['id']}", admin.access)
        assert (status, answer["id"], "effective_at" in answer) == (200, member["id"], True)
        await dead(house, app, his)
        assert await alive(house, hers)
        page = await sam.authorize(app.ask(**INCLUSIVE)[0])
        assert "Invalid client_id: OAuth client not found." in page.words
    finally:
        status, back, _ = await house.ask("POST", "/v1/members", admin.access, json={"email": "sam@acme.test"})
    assert (status, back["id"]) == (200, member["id"])
    page = await sam.authorize(app.ask(**INCLUSIVE)[0])
    assert not (isinstance(page, dict) and "code" in page), "the old role did not come back"
    _, roles, _ = await house.ask("GET", "/v1/roles", admin.access)
    [rep] = [one["id"] for one in roles["data"] if one["name"] == "Rep"]
    status, _, _ = await house.ask("PUT", f"/v1/roles/{rep}/members/{member['id']}", admin.access)
    assert status == 200
    again = await app.connect(sam, **INCLUSIVE)
    assert await alive(house, again)
    await dead(house, app, his)

    async def told():
        _, found, _ = await house.ask("GET", "/v1/audit-events?limit=200", admin.access)
        return {"member.removed", "member.added"} <= {event["action"] for event in found["data"]}

    await eventually(told)


async def test_nobody_removes_themselves_or_learns_who_is_elsewhere(house, admin):
    status, body, _ = await house.ask("DELETE", f"/v1/members/{admin.claims['sub']}", admin.access)
    assert (status, body["code"]) == (409, "yourself")
    status, body, _ = await house.ask("POST", "/v1/members", admin.access, json={"email": "kim@globex.test"})
    assert (status, body["code"]) == (404, "no_former_member")


async def test_disabled_user_is_out_everywhere_and_looks_like_a_wrong_password(house, person, latchkey, carly):
    app, sam = house.app("sync-demo"), person("sam@acme.test")
    hers, his = await app.connect(carly), await app.connect(sam, **INCLUSIVE)
    try:
        assert "In force everywhere at" in latchkey("users", "disable", "sam@acme.test")
        await dead(house, app, his)
        assert await alive(house, hers)
        page = await sam.request("GET", app.ask(**INCLUSIVE)[0])
        password = house.demo["users"]["sam@acme.test"]["password"]
        again = await sam.submit(page, page.form("password"), email="sam@acme.test", password=password)
        assert (again.status, "The e-mail address or the password is wrong." in again.words) == (403, True)
        assert "It stood so already." in latchkey("users", "disable", "sam@acme.test")
    finally:
        latchkey("users", "enable", "sam@acme.test")
    assert await alive(house, await app.connect(sam, **INCLUSIVE))
    await dead(house, app, his)


async def test_off_boarded_tenant_is_dark_until_it_is_restored(house, person, latchkey):
    said = latchkey("bootstrap", "--tenant", "hooli", "--admin", "gavin@hooli.test", ADMIN_PASSWORD=PASSWORD)
    app, gavin = (
        App(house, said.partition("(public, PKCE): ")[2].partition(",")[0]),
        person("gavin@hooli.test", PASSWORD),
    )
    house.used.add(PASSWORD)
    tokens = await app.connect(gavin)
    latchkey("tenants", "off-board", "hooli")
    await dead(house, app, tokens)
    page = await gavin.authorize(app.ask()[0])
    assert "Invalid client_id: OAuth client not found." in page.words
    latchkey("tenants", "restore", "hooli")
    assert await alive(house, await app.connect(gavin))
    await dead(house, app, tokens)
