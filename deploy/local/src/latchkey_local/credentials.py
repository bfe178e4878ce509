"""Every secret of the stack: made once, kept in one private file."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from latchkey_kit.entropy import Entropy
from latchkey_local.files import read_json, write_json, write_private
from latchkey_local.home import Home
from latchkey_local.services import OPERATOR, OWNERS

LENGTH = 24  # bytes of randomness in a password
MASTER_KEY_LENGTH = 32


@dataclass(frozen=True)
class Credentials:
    """Names are `postgres`, `database/<service>`, `owner/<service>`, `nats/<user>` and `internal/<caller>`."""

    passwords: dict[str, str]
    master_key_file: Path
    """32 random bytes in base64: signing and MAC keys lie encrypted under it."""

    @property
    def postgres(self) -> str:
        """The superuser's."""
        return self.passwords["postgres"]

    def database(self, service: str) -> str:
        return self.passwords[f"database/{service}"]

    def owner(self, service: str) -> str:
        """Of the role that owns the service's database, where that is another than the service's own."""
        return self.passwords[f"owner/{service}"]

    def nats(self, user: str) -> str:
        return self.passwords[f"nats/{user}"]

    def internal(self, caller: str) -> str:
        return self.passwords[f"internal/{caller}"]

    def callers(self) -> dict[str, str]:
        """Return what services know each other by: name → SHA-256 (hexadecimal) of its secret."""
        names = [*(service.name for service in OWNERS), OPERATOR]
        return {name: hashlib.sha256(self.internal(name).encode()).hexdigest() for name in names}


def load(home: Home, entropy: Entropy) -> Credentials:
    """Read the secrets; make those that are not there yet."""
    file = home.secrets / "passwords.json"
    passwords: dict[str, str] = read_json(file, dict[str, str])
    missing = [name for name in _names() if name not in passwords]
    if missing:
        # A letter first: the configuration of NATS reads a word of digits as a number.
        passwords |= {name: "pw_" + entropy.bytes(LENGTH).hex() for name in missing}
        write_json(file, passwords)
    master_key = home.secrets / "master.key"
    if not master_key.exists():
        write_private(master_key, base64.b64encode(entropy.bytes(MASTER_KEY_LENGTH)) + b"\n")
    return Credentials(passwords, master_key)


def _names() -> list[str]:
    names = ["postgres", "nats/deploy", f"internal/{OPERATOR}"]
    for service in OWNERS:
        names += [f"nats/{service.name}", f"internal/{service.name}"]
        if service.database:
            names.append(f"database/{service.name}")
        if service.kept:
            names.append(f"owner/{service.name}")
    return names
