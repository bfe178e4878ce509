"""Every process: whether it answers, can do its work, and is of the same release as the others."""

import asyncio

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import SERVICES, Instance, Patient, Silent

_BUILD = "latchkey_build_info"


async def readiness(patient: Patient) -> list[Finding]:
    """A line for each process, and for each service whose address is not known."""
    found = list(await asyncio.gather(*(_ready(patient, instance) for instance in patient.instances)))
    known = {instance.service for instance in patient.instances}
    for service in SERVICES:
        if service not in known:
            setting = service.upper().replace("-", "_") + "_ADMIN_URL"
            found.append(warn(service, "was not looked at", f"Set {setting} to the address of its admin port."))
    return found


async def _ready(patient: Patient, instance: Instance) -> Finding:
    try:
        answer = await patient.get(f"{instance.admin_url}/readyz")
    except Silent as silent:
        return fail(
            instance.name,
            f"does not answer at {instance.admin_url} ({silent})",
            "Start it, and see its log. If it runs, check that its ADMIN_PORT is this one.",
        )
    told = answer.json()
    if answer.status == 200 and told.get("ready") is True:
        return ok(instance.name, "ready")
    missing = told.get("missing")
    if not isinstance(missing, dict) or not missing:
        return fail(
            instance.name,
            f"answers {answer.status} at {instance.admin_url}/readyz",
            "Check that the address is that of its admin port.",
        )
    words = "; ".join(f"{name}: {problem}" for name, problem in missing.items())
    return fail(instance.name, f"runs, and is not ready: {words}", "It gets ready by itself once that is there.")


async def one_release(patient: Patient) -> list[Finding]:
    """Whether all processes are of one version."""
    versions: dict[str, list[str]] = {}
    for instance, told in (await patient.metrics()).items():
        for labels, _ in told.get(_BUILD, ()):
            versions.setdefault(labels.get("version", "?"), []).append(instance.name)
    if len(versions) == 1:
        (version,) = versions
        return [ok("release", f"all are of version {version}")]
    if not versions:
        return [warn("release", "no service tells its version", "Check that their /metrics can be read from here.")]
    mixed = "; ".join(f"{version}: {', '.join(names)}" for version, names in sorted(versions.items()))
    return [warn("release", f"several versions at once ({mixed})", "Finish the upgrade: bring all to one version.")]
