"""Who may tell of what. NATS holds publishers to it by the subject (deploy/nats/server.conf), inboxes by the body."""

from collections.abc import Mapping
from types import MappingProxyType

from latchkey_contracts.events import EVENTS, CloudEvent

TELLERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "user": ("auth",), "tenant": ("auth",), "member": ("auth",), "consent": ("auth",),
        "grant": ("token",), "token": ("token",), "connection": ("token",), "key": ("token",),
        "user.disconnected": ("token",),
        "client": ("client-registry",), "labs": ("client-registry",),
        "role": ("permissions",), "ceiling": ("permissions",), "catalogue": ("permissions",),
        "team": ("permissions",), "portfolio": ("permissions",),
        "auditlog": ("audit",), "auditconsumer": ("audit",),
        "record": ("records",),
        "access.refused": ("auth", "token", "client-registry", "permissions", "audit", "records"),
        "access.change_refused": ("permissions",),
    }
)  # fmt: skip
"""By aggregate; by type what others than the aggregate's owner tell."""
_WORDS = 6


def tellers(event_type: str) -> tuple[str, ...]:
    """Give the sources that may tell of it, none for what nobody knows."""
    return TELLERS.get(event_type) or TELLERS.get(event_type.partition(".")[0], ())


def subjects(source: str) -> tuple[str, ...]:
    """Give the subjects that a source may publish on, as NATS has them: no more, and none that is another's.

    All of an aggregate that is its own, types to come included. Where others tell some of its types: type by type.
    """
    own = [name for name, sources in TELLERS.items() if source in sources]
    whole = [name for name in own if "." not in name and not _is_shared(name, source)]
    single = [name for name, _ in EVENTS if source in tellers(name) and name.partition(".")[0] not in whole]
    each = (name.partition(".") for name in dict.fromkeys(single))
    return (*(f"lk.v1.*.{name}.>" for name in whole), *(f"lk.v1.*.{name}.*.{happened}" for name, _, happened in each))


def _is_shared(aggregate: str, source: str) -> bool:
    return any(name.startswith(f"{aggregate}.") and source not in sources for name, sources in TELLERS.items())


def type_of(subject: str) -> str:
    """Give the type of the event that a subject is for, empty for a subject of another shape."""
    words = subject.split(".")
    return f"{words[3]}.{words[5]}" if len(words) == _WORDS and words[:2] == ["lk", "v1"] else ""


def misfit(subject: str, event: CloudEvent) -> str:
    """Say why an event that came on this subject is not what the subject says, or not its source's to tell; else "".

    It is compared word by word: a tenant ``a.record`` would make one subject of two.
    """
    aggregate, _, happened = event.type.partition(".")
    if subject.split(".") != ["lk", "v1", event.tenantid or "_", aggregate, event.subject, happened]:
        return f"it says that it is {event.type} of {event.subject}, tenant {event.tenantid or '_'}"
    if event.source not in tellers(event.type):
        return f"{event.source} may not tell of {event.type}"
    return ""
