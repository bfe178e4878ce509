"""The data folder (`LATCHKEY_HOME`): what is where in it, and whether it is ours to use."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from latchkey_local.errors import StackError

CHECKOUT = Path(__file__).resolve().parents[4]
MARKER = ".latchkey-home"
EXPLANATION = "Data of a Latchkey stack on one machine. `make reset` removes it.\n"
CHOOSE = "Choose another folder: LATCHKEY_HOME=… make up"


@dataclass(frozen=True)
class Home:
    """The folder of one stack."""

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Home":
        return cls(Path(environ.get("LATCHKEY_HOME") or CHECKOUT / ".latchkey").absolute())

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives; its process id is inside."""
        return self.path / "supervisor.lock"

    @property
    def stack(self) -> Path:
        """Addresses and ports: for programs that use the stack."""
        return self.path / "stack.json"

    @property
    def state(self) -> Path:
        """How each part is doing."""
        return self.path / "state.json"

    @property
    def demo(self) -> Path:
        """Users and clients of the demo data."""
        return self.path / "demo.json"

    @property
    def operator(self) -> Path:
        """What the `latchkey` command needs to ask the services."""
        return self.path / "operator.json"

    @property
    def checkpoints(self) -> Path:
        """Where the audit log stood, signed; for `latchkey audit verify`."""
        return self.path / "audit-checkpoints.jsonl"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def nats(self) -> Path:
        return self.path / "nats"

    @property
    def streams(self) -> Path:
        return self.path / "streams"

    @property
    def gateway(self) -> Path:
        return self.path / "gateway"

    @property
    def logs(self) -> Path:
        """Where the services and commands write; the other parts write beside their data."""
        return self.path / "logs"

    def log(self, part: str) -> Path:
        """Return where a part's output goes."""
        own = {
            "postgres": self.postgres / "postgres.log",
            "nats": self.nats / "nats.log",
            "streams": self.streams / "nats.log",
            "gateway": self.gateway / "traefik.log",
        }
        return own.get(part, self.logs / f"{part}.log")

    @property
    def is_ours(self) -> bool:
        return (self.path / MARKER).is_file()

    def open(self) -> None:
        """Make the folder, or see that the one there is ours and can be written."""
        try:
            # 0711: PostgreSQL runs as another user when we are root. What is secret in here is 0600 or 0700 itself.
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._check()
            (self.path / MARKER).write_text(EXPLANATION)
            self.secrets.mkdir(mode=0o700, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise StackError(f"The data folder {self.path} cannot be written: {problem.strerror}. {CHOOSE}") from None

    def _check(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise StackError(f"The data folder {self.path} belongs to {_user(owner)}. {CHOOSE}")
        if not self.is_ours and any(self.path.iterdir()):
            raise StackError(f"{self.path} is no data folder of Latchkey, and it is not empty. {CHOOSE}")


def _user(uid: int) -> str:
    try:
        return f"the user '{pwd.getpwuid(uid).pw_name}'"
    except KeyError:
        return f"another user (uid {uid})"
