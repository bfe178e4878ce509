"""Whose a company is, for the service that explains portfolios."""

from latchkey_contracts.requests.records import CompanyOwner, OwnerAnswer

ACME, GLOBEX = "a" * 32, "b" * 32
SAM = "5" * 32
OWNED, UNOWNED = "c" * 32, "d" * 32


async def test_the_owner_of_a_company_of_the_tenant_is_told(house):
    await house.load("company", {"id": OWNED, "name": "One", "owner": SAM}, {"id": UNOWNED, "name": "Two"})
    permissions = house.peer("permissions")
    assert await permissions.ask(CompanyOwner(tenant=ACME, company=OWNED)) == OwnerAnswer(known=True, owner=SAM)
    assert await permissions.ask(CompanyOwner(tenant=ACME, company=UNOWNED)) == OwnerAnswer(known=True)
    for tenant, company in ((GLOBEX, OWNED), (ACME, "e" * 32)):
        assert await permissions.ask(CompanyOwner(tenant=tenant, company=company)) == OwnerAnswer(known=False)
