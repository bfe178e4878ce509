"""What a resource server embeds: token check, feed, lease, effective permissions."""

from latchkey_verify.bearer import Bearer
from latchkey_verify.connecting import connect
from latchkey_verify.embedding import embedding
from latchkey_verify.errors import InvalidToken, NoLease, RightsUnavailable
from latchkey_verify.rights import Effective
from latchkey_verify.verifier import Verifier, VerifierSettings, verifying

__all__ = [
    "Bearer", "Effective", "InvalidToken", "NoLease", "RightsUnavailable",
    "Verifier", "VerifierSettings", "connect", "embedding", "verifying",
]  # fmt: skip
