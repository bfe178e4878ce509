"""The operator's command without a house: its folder is empty, and no setting of ours leaks in."""

import contextlib

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from latchkey_cli.operator import OperatorSettings
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, Put, TenantPut, UserPut
from latchkey_contracts.requests.permissions import RoleAnswer, RoleAssign, RolePut

ANSWERS = {
    TenantPut: Put(id="1" * 32, created=True),
    UserPut: Put(id="2" * 32, created=True),
    MemberPut: Done(),
    RolePut: RoleAnswer(role="3" * 32),
    RoleAssign: Done(),
    LabsPut: Done(),
    ClientPut: Put(id="4" * 32, created=True),
}


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """The data folder that the command sees."""
    for field in msgspec.structs.fields(OperatorSettings):
        monkeypatch.delenv(field.name.upper(), raising=False)
        monkeypatch.delenv(f"{field.name.upper()}_FILE", raising=False)
    for name in ("ADMIN_PASSWORD", "STAFF_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LATCHKEY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
async def owners(monkeypatch):
    """Every service at one address, set in the environment; gives the list of what they were asked."""
    asked = []

    def serve(kind):
        async def handle(request):
            asked.append(msgspec.json.decode(await request.read(), type=kind))
            return web.Response(body=msgspec.json.encode(ANSWERS[kind]))

        return handle

    app = web.Application()
    for kind in ANSWERS:
        app.router.add_post(kind.path, serve(kind))
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("/"))
        for name in ("AUTH_URL", "CLIENT_REGISTRY_URL", "PERMISSIONS_URL", "RECORDS_URL"):
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("ORIGIN", "https://api.latchkey.test")
        monkeypatch.setenv("OPERATOR_SECRET", "operator-credential-for-tests")
        yield asked


@pytest.fixture
def site():
    """``async with site({"GET /path": answer}) as url``: answers are functions of a request."""

    @contextlib.asynccontextmanager
    async def serve(answers):
        app = web.Application()
        for name, handler in answers.items():
            app.router.add_route(*name.split(" "), handler)
        async with TestServer(app, host="127.0.0.1") as server:
            yield str(server.make_url("/")).rstrip("/")

    return serve
