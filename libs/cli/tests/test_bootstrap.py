"""`latchkey bootstrap`: the first tenant, and a password that is neither weak nor seen."""

import getpass
import sys

import pytest

from latchkey_cli import bootstrap
from latchkey_cli.errors import CommandError
from latchkey_cli.roles import ADMIN
from latchkey_contracts.requests.operator import ClientPut, LabsPut, MemberPut, TenantPut, UserPut
from latchkey_contracts.requests.permissions import RoleAssign, RolePut

GOOD = "a long enough password"


@pytest.fixture
def typing(monkeypatch):
    """Somebody at a terminal who types these, one after the other."""

    def sits_there(*words):
        left = list(words)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(getpass, "getpass", lambda _prompt: left.pop(0))

    return sits_there


async def test_tenant_admin_and_management_client_are_made(owners, monkeypatch, capsys):
    monkeypatch.setenv("ADMIN_PASSWORD", GOOD)
    await bootstrap.run("northwind", "ana@northwind.example", None)
    assert [type(one) for one in owners] == [TenantPut, UserPut, MemberPut, RolePut, RoleAssign, LabsPut, ClientPut]
    tenant, user, member, role, assign, labs, client = owners
    assert (tenant.name, user.email, user.password, user.staff) == ("northwind", "ana@northwind.example", GOOD, False)
    assert (member.tenant, member.user) == (assign.tenant, assign.user) == ("1" * 32, "2" * 32)
    assert (role.name, role.permissions, role.portfolio, assign.role) == ("Admin", ADMIN, "all", "3" * 32)
    assert labs.on
    assert (client.client_type, client.proof, client.secret) == ("public", "pkce", None)
    told = capsys.readouterr().out
    assert "4" * 32 in told
    assert GOOD not in told


async def test_staff_are_nobodys_member(owners, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", GOOD)
    monkeypatch.setenv("STAFF_PASSWORD", GOOD[::-1])
    await bootstrap.run("northwind", "ana@northwind.example", "staff@northwind.example")
    (staff,) = (one for one in owners if isinstance(one, UserPut) and one.staff)
    assert (staff.email, staff.password) == ("staff@northwind.example", GOOD[::-1])
    assert len([one for one in owners if isinstance(one, MemberPut)]) == 1


async def test_password_typed_twice_is_taken(owners, typing):
    typing(GOOD, GOOD)
    await bootstrap.run("northwind", "ana@northwind.example", None)
    assert [one.password for one in owners if isinstance(one, UserPut)] == [GOOD]


async def test_passwords_that_differ_make_nothing(owners, typing):
    typing(GOOD, GOOD + "!")
    with pytest.raises(CommandError, match="differ; nothing was made"):
        await bootstrap.run("northwind", "ana@northwind.example", None)
    assert owners == []


@pytest.mark.parametrize("short", ["", "elevenchars"])
async def test_short_password_makes_nothing_and_is_not_repeated(owners, monkeypatch, short):
    monkeypatch.setenv("ADMIN_PASSWORD", short)
    with pytest.raises(CommandError, match="at least 12 characters") as raised:
        await bootstrap.run("northwind", "ana@northwind.example", None)
    assert owners == []
    assert not short or short not in str(raised.value)


async def test_without_a_terminal_the_variable_is_named(owners, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="set ADMIN_PASSWORD"):
        await bootstrap.run("northwind", "ana@northwind.example", None)
    monkeypatch.setenv("ADMIN_PASSWORD", GOOD)
    with pytest.raises(CommandError, match="set STAFF_PASSWORD"):
        await bootstrap.run("northwind", "ana@northwind.example", "staff@northwind.example")
    assert owners == []
