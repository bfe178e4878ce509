"""Links that are good once: what their tokens look like, and what is kept of them."""

import base64
import hashlib
from typing import Literal

from latchkey_kit.entropy import Entropy

Kind = Literal["inv", "pwl"]
"""What a token is for: an invitation, or a new password."""
_SIZE = 32


def new_token(kind: Kind, entropy: Entropy) -> str:
    """256 random bits that tell what they are for."""
    return f"lk_{kind}_{base64.urlsafe_b64encode(entropy.bytes(_SIZE)).rstrip(b'=').decode()}"


def token_hash(token: str) -> bytes:
    """What is stored. A token has bits enough for one plain hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
