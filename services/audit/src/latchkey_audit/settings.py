"""What the audit service is told."""

from typing import Annotated

import msgspec

from latchkey_kit.settings import Common, Positive, Secret, WithDatabase, WithEvents, WithOutbox, WithVerifier

MONTHS = (1, 3, 6, 12, 24, 36, 60, 84, 120)
"""For so long a log may be kept."""


class Settings(Common, WithDatabase, WithEvents, WithOutbox, WithVerifier, frozen=True, kw_only=True):
    """What it has of its own."""

    master_key: Secret
    """Base64 of 32 bytes, from which every key of the service comes. Keep a copy."""
    auth_url: str
    """Internal address of the auth service, which signs for whoever is at the console."""
    streams_url: str = ""
    """``nats://host:port`` of the server for customers' consumers, commas between several; empty: there are none."""
    streams_public_url: str = ""
    """What customers are told to connect to; empty when it is ``STREAMS_URL``."""
    retention_months: Annotated[int, msgspec.Meta(ge=1)] = 12
    """Months for which the log of a tenant that is new is kept: 1, 3, 6, 12, 24, 36, 60, 84 or 120."""
    checkpoint_seconds: Positive = 300
    """Seconds between two signatures of a tenant's log, as long as it grows."""
    checkpoint_file: str = ""
    """A file to which every checkpoint is appended, best on a disk that the database's owner cannot write to."""

    def contradictions(self) -> list[str]:
        found = Common.contradictions(self)
        if self.retention_months not in MONTHS:
            found.append(f"RETENTION_MONTHS must be one of {', '.join(map(str, MONTHS))}")
        return found


class StreamOfCheckpoints(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to read which checkpoints lie on the server for customers' consumers."""

    master_key: Secret
    """The same as the service's."""
    streams_url: str = ""
    """The same as the service's."""


class StreamsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration of the server for customers' consumers is made of."""

    master_key: Secret
    """The same as the service's."""
    streams_accounts: str = "/data/accounts"
    """The folder where that server keeps accounts, as it sees it."""
    streams_certificate: str = ""
    """A file with its TLS certificate, as it sees it; empty: no TLS."""
    streams_certificate_key: str = ""
    """The file with the key of that."""
