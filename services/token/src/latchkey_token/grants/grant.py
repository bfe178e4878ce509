"""What a grant type answers; the steps that all share are in `exchange`."""

from collections.abc import Callable

import msgspec

from latchkey_contracts.requests.clients import Gate
from latchkey_oauth.parameters import Parameters
from latchkey_oauth.token_string import Kind


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A token request. ``redirect_hash`` and ``verifier`` as in ``domain.presentation``."""

    redirect_hash: bytes | None = None
    verifier: bytes | None = None
    scope: str | None = None
    resources: tuple[str, ...] = ()


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """``parameter`` holds the code or token, which must be of this ``kind``; ``read`` parses the rest."""

    parameter: str
    kind: Kind
    read: Callable[[Parameters, Gate], Asked]
