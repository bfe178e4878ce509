"""Whose a company is, for permissions, which explains who sees it."""

from aiohttp import web

from latchkey_contracts.requests.records import CompanyOwner, OwnerAnswer
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_records.store import companies


class OwnerOfCompany:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, request: web.Request) -> web.Response:
        asked = await json_body(request, CompanyOwner)
        async with self._database.connection() as connection:
            company = await companies.get(connection, asked.tenant, asked.company)
        return answer(OwnerAnswer(known=company is not None, owner=company.owner if company else None))
