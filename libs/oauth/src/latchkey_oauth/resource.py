"""Resource indicators (RFC 8707): which audiences an authorization or token request asks for."""

import re
from collections.abc import Collection, Iterable, Sequence

from latchkey_oauth.errors import invalid_target

_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*)([^?#]*)")


def canonical(resource: str, known: Collection[str]) -> str | None:
    """Our spelling of a resource, `None` if it is not one of `known`.

    Only the case of scheme and host and one slash at the end are forgiven: clients add and drop those by themselves.
    """
    wanted = _key(resource)
    return next((ours for ours in known if wanted is not None and _key(ours) == wanted), None)


def audiences(resources: Iterable[str], known: Collection[str], default: Sequence[str]) -> tuple[str, ...]:
    """Audiences that a request names, without repetition, in the order of `known`; `invalid_target` for an unknown one.

    None at all, and the bare origin of a known resource, mean the client's `default`, which is one or more of `known`.
    """
    if not default or not set(default) <= set(known):
        raise ValueError("a client's default audiences are among those we know")
    origins = {_origin(ours) for ours in known}
    wanted: set[str] = set()
    for resource in resources:
        ours = canonical(resource, known)
        if ours is not None:
            wanted.add(ours)
        elif _key(resource) in origins:
            wanted.update(default)
        else:
            raise invalid_target()
    wanted = wanted or set(default)
    return tuple(ours for ours in known if ours in wanted)


def _key(resource: str) -> str | None:
    found = _ABSOLUTE.fullmatch(resource)
    return found[1].lower() + found[2].removesuffix("/") if found else None


def _origin(resource: str) -> str | None:
    found = _ABSOLUTE.fullmatch(resource)
    return found[1].lower() if found else None
