"""Facts of no tenant are a log that the operator reads, and reading it is told there."""

import json

from latchkey_contracts.events.audit import NOBODY
from latchkey_contracts.requests.audit import EVENTS_OF_TENANT
from latchkey_kit.testing import eventually


async def test_the_operator_reads_it_and_that_is_told_in_it(audit, peer, record, fact):
    event = fact(at=1, tenant=None)
    await record(event)
    operator = peer("operator", audit.internal_url)

    async def page():
        return json.loads(await operator.send("GET", EVENTS_OF_TENANT, params={"tenant": NOBODY}))["data"]

    assert [one["id"] for one in await page()] == [event.id]

    async def told():
        return [one for one in await page() if one["action"] == "auditlog.viewed"]

    (view,) = await eventually(told)
    assert (view["staff"], view["user"]) == (True, None)
