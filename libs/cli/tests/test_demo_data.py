"""The demo's cast: the same in every run, whole, and for one machine only."""

import pytest

from latchkey_cli.demo_data import cast, load
from latchkey_cli.demo_data.companies import COMPANIES
from latchkey_cli.demo_data.records import batches
from latchkey_cli.errors import CommandError
from latchkey_contracts.ids import is_id

TENANTS = {"acme": "1" * 32, "globex": "2" * 32}
USERS = {person.email: f"{number:032x}" for number, person in enumerate(cast.PEOPLE, 1)}


def records_of(name, tenant=None):
    return dict(batches(name, tenant or TENANTS[name], USERS))


@pytest.mark.parametrize("name", TENANTS)
def test_records_are_the_same_in_every_run(name):
    assert records_of(name) == records_of(name)


@pytest.mark.parametrize("name", TENANTS)
def test_companies_come_first_and_every_record_belongs_to_one(name):
    made = records_of(name)
    assert next(iter(made)) == "company"
    companies = {record["id"] for record in made.pop("company")}
    assert {record["company"] for records in made.values() for record in records} == companies


def test_every_id_is_an_id_and_used_once():
    ids = [record["id"] for name in TENANTS for records in records_of(name).values() for record in records]
    assert all(map(is_id, ids))
    assert len(set(ids)) == len(ids)


def test_another_tenant_has_other_ids():
    ours, theirs = records_of("acme")["company"], records_of("acme", "3" * 32)["company"]
    assert {record["id"] for record in ours}.isdisjoint(record["id"] for record in theirs)


def test_sam_owns_five_of_twenty_companies_and_carly_eight():
    owners = [company.owner for company in COMPANIES["acme"]]
    assert (len(owners), owners.count("sam@acme.test"), owners.count("carly@acme.test")) == (20, 5, 8)


def test_whoever_owns_a_company_is_a_member_of_its_tenant():
    members = {(tenant, person.email) for person in cast.PEOPLE for tenant in person.roles}
    assert {(tenant, one.owner) for tenant, companies in COMPANIES.items() for one in companies} <= members


@pytest.mark.parametrize("given", [None, "false"])
async def test_demo_data_is_refused_outside_local_mode(owners, home, monkeypatch, given):
    if given is not None:
        monkeypatch.setenv("LOCAL_MODE", given)
    with pytest.raises(CommandError, match="one-machine stack only"):
        await load.run()
    assert owners == []
    assert list(home.iterdir()) == []
