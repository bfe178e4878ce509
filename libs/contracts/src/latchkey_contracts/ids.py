"""The one shape of an id: 32 lower-case hexadecimal digits (a UUIDv7 without dashes)."""

from typing import Annotated, TypeGuard

import msgspec

# The length is said too, because `$` lets a line feed follow.
Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
"""An id of a tenant, user, client, connection, role, record or event. Safe in a NATS subject as it stands."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
"""A SHA-256 digest in hexadecimal."""


def is_id(value: object) -> TypeGuard[Id]:
    """Whether something that came from outside is spelled like an id."""
    try:
        msgspec.convert(value, Id)
    except msgspec.ValidationError:
        return False
    return True
