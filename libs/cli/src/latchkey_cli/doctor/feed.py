"""Kills: whether keys and feed are to be had, and every verifier holds its lease."""

import asyncio

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import Answer, Patient, Silent, addresses
from latchkey_contracts.feed import PULL_PATH
from latchkey_oauth.metadata import JWKS_PATH

_BEHIND_ALL = 2**63 - 1
_START = "Start `latchkey-token heads`, and check HEADS_URLS: verifiers without the feed refuse every token after 2 s."


async def keys(patient: Patient) -> list[Finding]:
    """The signing keys, at the gateway and at every address of the feed's process: the same ones."""
    try:
        public = await patient.get(patient.known.origin + JWKS_PATH)
    except Silent as silent:
        return [fail("signing keys", f"{JWKS_PATH} does not answer ({silent})", "Start gateway and token service.")]
    published = _key_ids(public)
    if not published:
        return [
            fail(
                "signing keys",
                f"{JWKS_PATH} answers {public.status} without a key",
                "See the log of the token service.",
            )
        ]
    found = []
    for url in addresses(patient.known.heads_urls):
        try:
            inside = _key_ids(await _inside(patient, url + JWKS_PATH))
        except Silent as silent:
            found.append(fail("signing keys", f"{url} does not answer ({silent})", _START))
            continue
        if inside != published:
            found.append(
                fail(
                    "signing keys",
                    f"{url} and the gateway know different ones",
                    "Check that both use the token service's one database.",
                )
            )
    return found or [ok("signing keys", f"{len(published)}, the same everywhere")]


async def feed(patient: Patient) -> list[Finding]:
    """Each address of the feed answers with a head."""
    urls = addresses(patient.known.heads_urls)
    if not urls:
        return [warn("feed", "was not looked at", "Set HEADS_URLS as the services have it.")]
    return list(await asyncio.gather(*(_head(patient, url) for url in urls)))


async def _head(patient: Patient, url: str) -> Finding:
    query = f"?after={_BEHIND_ALL}&verifier=doctor"
    try:
        answer = await _inside(patient, url + PULL_PATH + query)
    except Silent as silent:
        return fail("feed", f"{url} does not answer ({silent})", _START)
    head = answer.json().get("head")
    if answer.status in (401, 403):
        return fail(
            "feed",
            f"{url} does not let the operator in ({answer.status})",
            "Compare OPERATOR_SECRET with `operator` in its INTERNAL_CALLERS.",
        )
    if answer.status != 200 or not isinstance(head, int):
        return fail("feed", f"{url} answers {answer.status}", "See whether its database is there, and a primary.")
    return ok("feed", f"{url} is at number {head}")


async def leases(patient: Patient) -> list[Finding]:
    """Whether each verifier may decide by what it knows."""
    seen: list[str] = []
    without: list[str] = []
    for instance, told in (await patient.metrics()).items():
        for _, value in told.get("latchkey_verifier_lease_held", ()):
            (seen if value else without).append(instance.name)
    if without:
        return [
            fail(
                "leases",
                f"{', '.join(without)} cannot tell living tokens from dead ones, and answers 503",
                "See that it reaches HEADS_URLS.",
            )
        ]
    if not seen:
        return [warn("leases", "no verifier tells of its lease", "Check that their /metrics can be read from here.")]
    return [ok("leases", f"held by {', '.join(seen)}")]


async def _inside(patient: Patient, url: str) -> Answer:
    return await patient.get(url, secret=patient.known.operator_secret.reveal())


def _key_ids(answer: Answer) -> set[str]:
    keys = answer.json().get("keys")
    if answer.status != 200 or not isinstance(keys, list):
        return set()
    return {str(key.get("kid")) for key in keys if isinstance(key, dict)}
