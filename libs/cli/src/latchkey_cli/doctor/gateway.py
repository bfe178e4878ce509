"""The gateway: whether the origin leads where the documents say, and nowhere else."""

import asyncio
from urllib.parse import urlsplit

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import Patient, Silent
from latchkey_contracts.api import Api
from latchkey_oauth.metadata import AUTHORIZATION_SERVER_PATH, protected_resource_url

_CLOCK_WARN, _CLOCK_FAIL = 5, 30
"""Seconds; a verifier refuses tokens of an issuer whose clock is 30 s ahead."""
_INSIDE = ("/internal/users", "/feed", "/readyz", "/metrics", "/latchkey-doctor-was-here")
_UNKNOWN_HOST = "latchkey-doctor.invalid"


async def issuer(patient: Patient) -> list[Finding]:
    """The metadata through the gateway name exactly the origin as issuer (RFC 8414 §3.3)."""
    origin = patient.known.origin
    try:
        answer = await patient.get(origin + AUTHORIZATION_SERVER_PATH)
    except Silent as silent:
        return [
            fail(
                "issuer",
                f"{origin} does not answer ({silent})",
                "Start the gateway, or correct ORIGIN; see that this machine resolves its name.",
            )
        ]
    told = answer.json().get("issuer")
    if answer.status != 200 or not isinstance(told, str):
        return [
            fail(
                "issuer",
                f"{origin}{AUTHORIZATION_SERVER_PATH} answers {answer.status} without an issuer",
                "Check that the gateway leads this path to the token service.",
            )
        ]
    if told != origin:
        return [
            fail(
                "issuer",
                f"the metadata name {told!r}, and ORIGIN is {origin!r}",
                "Give all services and this command one ORIGIN, to the letter, without a slash at its end.",
            )
        ]
    return [ok("issuer", f"{told}, as ORIGIN")]


async def resources(patient: Patient) -> list[Finding]:
    """The metadata of both resources (RFC 9728 §3.3), which apps start from."""
    api = Api(patient.known.origin)
    return list(await asyncio.gather(*(_resource(patient, resource) for resource in (api.rest, api.mcp))))


async def _resource(patient: Patient, resource: str) -> Finding:
    url = protected_resource_url(resource)
    name, advice = "resource metadata", "Check the gateway's routes, and ORIGIN of the service behind it."
    try:
        answer = await patient.get(url)
    except Silent as silent:
        return fail(name, f"{url} does not answer ({silent})", advice)
    told = answer.json()
    if answer.status != 200 or told.get("resource") != resource:
        return fail(name, f"{url} answers {answer.status}, resource {told.get('resource')!r}", advice)
    if patient.known.origin not in told.get("authorization_servers", ()):
        return fail(name, f"{url} does not name {patient.known.origin} as authorization server", advice)
    return ok(name, resource)


async def closed(patient: Patient) -> list[Finding]:
    """What is inside stays inside: the gateway knows no such path, and no host but ours."""
    origin = patient.known.origin
    answers = await patient.answers({path: origin + path for path in _INSIDE})
    if not answers:
        return [fail("gateway", f"does not answer at {origin}", "Start the gateway, or correct ORIGIN.")]
    open_paths = [f"{path} ({answer.status})" for path, answer in answers.items() if answer.status != 404]
    if open_paths:
        return [
            fail(
                "gateway",
                f"does not answer 404 for {', '.join(open_paths)}",
                "Route the paths of deploy/gateway/dynamic.yml, all others to nothing.",
            )
        ]
    found = [ok("gateway", "unknown and internal paths are not found")]
    if urlsplit(origin).hostname not in ("localhost", "127.0.0.1", "::1"):  # there nobody else's name leads to it
        found += await _other_hosts(patient)
    return found


async def _other_hosts(patient: Patient) -> list[Finding]:
    try:
        answer = await patient.get(patient.known.origin + AUTHORIZATION_SERVER_PATH, host=_UNKNOWN_HOST)
    except Silent:
        return [ok("gateway", "unknown hosts get no answer")]
    if answer.status in (404, 421):
        return [ok("gateway", "unknown hosts are not found")]
    return [
        warn(
            "gateway",
            f"answers {answer.status} to a host name that is not ours",
            "Let its routes match the host of ORIGIN only.",
        )
    ]


async def clocks(patient: Patient) -> list[Finding]:
    """The clocks of the gateway and of every process against ours, by the Date of their answers."""
    urls = {"gateway": patient.known.origin + AUTHORIZATION_SERVER_PATH}
    urls |= {instance.name: f"{instance.admin_url}/readyz" for instance in patient.instances}
    answers = await patient.answers(urls)
    skews = {name: answer.skew for name, answer in answers.items() if answer.skew is not None}
    if not skews:
        return [warn("clock", "nobody tells the time", "Start the gateway and the services.")]
    name, worst = max(skews.items(), key=lambda one: abs(one[1]))
    if abs(worst) <= _CLOCK_WARN:
        return [ok("clock", f"within {_CLOCK_WARN} s")]
    say = fail if abs(worst) > _CLOCK_FAIL else warn
    return [
        say(
            "clock",
            f"{name} is {abs(worst):.0f} s {'ahead of' if worst > 0 else 'behind'} this machine",
            "Let all machines keep time with NTP: tokens are born and end by it.",
        )
    ]
