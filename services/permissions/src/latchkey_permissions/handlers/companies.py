"""Whose a company is, which only records knows, and who has it in a portfolio, which is known here."""

from latchkey_contracts.requests.records import CompanyOwner
from latchkey_kit.db import Connection
from latchkey_kit.requests import Peer
from latchkey_kit.web.problems import not_found
from latchkey_permissions.domain.explaining import Whereabouts
from latchkey_permissions.store import lists, teams


class Companies:
    def __init__(self, records: Peer) -> None:
        self._records = records

    async def owner(self, tenant: str, company: str) -> str | None:
        """The owner of a company of the tenant, if it has one; 404 when there is no such company."""
        found = await self._records.ask(CompanyOwner(tenant=tenant, company=company))
        if not found.known:
            raise not_found("This workspace has no such company.")
        return found.owner


async def whereabouts(connection: Connection, tenant: str, user: str, company: str, owner: str | None) -> Whereabouts:
    return Whereabouts(
        owner=owner,
        user=user,
        team=await teams.colleagues(connection, tenant, user),
        on_list=company in await lists.of_user(connection, tenant, user),
    )
