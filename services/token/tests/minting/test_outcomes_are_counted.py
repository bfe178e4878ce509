"""Operators see how token requests end, by grant type and in one word."""

from latchkey_kit.telemetry import metrics


def counted(grant, outcome):
    return metrics.registry.get_sample_value(
        "latchkey_token_requests_total", {"grant": grant, "outcome": outcome}
    ) or 0  # fmt: skip


OUTCOMES = [
    ("authorization_code", "issued"),
    ("refresh_token", "issued"),
    ("refresh_token", "invalid_grant"),
    ("refresh_token", "invalid_client"),
]


async def test_every_end_of_a_token_request_is_counted_once(house):
    before = {pair: counted(*pair) for pair in OUTCOMES}
    app = await house.app()
    first = await house.connected(app)
    second = await house.refresh(app, first.body["refresh_token"])
    await house.refresh(app, "lk_rt_canary")
    await house.refresh(app, second.body["refresh_token"], client_secret="lk_cs_wrong")
    await house.post(b"grant_type=canary", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert {pair: counted(*pair) - before[pair] for pair in OUTCOMES} == dict.fromkeys(OUTCOMES, 1)
    assert "canary" not in metrics.exposition().decode()
