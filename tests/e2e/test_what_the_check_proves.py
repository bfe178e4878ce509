"""After everything that the other tests did to the stack: databases, feed and logs agree."""

import asyncio

from proofs import proofs

from latchkey_contracts.feed import VERIFIERS

LEASE = 2000  # milliseconds


async def test_everything_that_was_done_is_told_and_nobody_was_let_in_after_their_kill(house, carly):
    app = house.app("sync-demo")  # so that there is somebody to look at when this test runs alone
    tokens = await app.connect(carly, resource=house.api)
    assert (await house.ask("GET", "/v1/companies?limit=1", tokens.access))[0] == 200
    assert (await app.refreshed(tokens.refresh)).refresh
    assert (await app.refresh(tokens.refresh))[0] == 400
    found = await asyncio.to_thread(proofs, house.folder)
    assert {rule: one["offenders"] for rule, one in found.items() if one["state"] != "ok"} == {}
    late = found["nothing after its kill"]["numbers"]
    assert late["dead"] >= 1
    assert late["latest acceptance after a kill in ms"] <= LEASE
    assert found["never backwards"]["numbers"]["verifiers"] >= len(VERIFIERS)
    assert found["refreshes are told"]["numbers"]["refreshes"] >= 1
