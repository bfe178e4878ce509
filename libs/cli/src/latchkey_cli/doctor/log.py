"""The audit log: whether anything is missing in it, and whether it is proven as it should be."""

import math

from latchkey_cli.doctor.finding import Finding, fail, ok, warn
from latchkey_cli.doctor.patient import Numbers, Patient

_CHECK = "audit"
_SERVICE = "audit"


async def audit(patient: Patient) -> list[Finding]:
    """What the instances of the audit service say of the one log that they share."""
    missing: dict[str, float] = {}
    unwritten, withheld, told = 0.0, 0.0, False
    for instance, metrics in (await patient.metrics()).items():
        if instance.service != _SERVICE:
            continue
        told = True
        for labels, value in metrics.get("latchkey_audit_missing", ()):
            source = labels.get("source", "?")
            missing[source] = max(missing.get(source, 0.0), _number(value))  # each sees the same table
        unwritten = max([unwritten, *_values(metrics, "latchkey_audit_checkpoint_file_failing")])
        withheld = max([withheld, *_values(metrics, "latchkey_audit_months_withheld")])
    if not told:
        return [warn(_CHECK, "nobody tells of the log", "Check that /metrics can be read from here.")]
    return _about(missing, unwritten=unwritten, withheld=withheld)


def _about(missing: dict[str, float], *, unwritten: float, withheld: float) -> list[Finding]:
    found = []
    if lacking := ", ".join(f"{source}: {count:.0f}" for source, count in sorted(missing.items()) if count):
        advice = "Their sources are asked to send them again. If that does not help, see events_missing in audit's log."
        found.append(warn(_CHECK, f"events are missing ({lacking})", advice))
    if unwritten:
        advice = "See CHECKPOINT_FILE and its disk. What is signed meanwhile is written later."
        found.append(warn(_CHECK, "checkpoints cannot be written to their file", advice))
    if withheld:
        advice = "Run `latchkey audit verify`: an entry of a month that is over is not what it was."
        found.append(fail(_CHECK, f"{withheld:.0f} months are kept beyond their time", advice))
    return found or [ok(_CHECK, "no event is missing")]


def _values(metrics: Numbers, name: str) -> list[float]:
    return [_number(value) for _, value in metrics.get(name, ())]


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
