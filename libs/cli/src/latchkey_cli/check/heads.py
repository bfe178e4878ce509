"""Where the feed is told to verifiers."""

from collections.abc import Mapping

import msgspec

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import environment
from latchkey_kit.settings import Secret, SettingsError, load


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """Where the feed is told, with commas between; and the operator's credential, which opens it."""

    heads_urls: str = ""
    operator_secret: Secret = Secret("")

    @property
    def urls(self) -> list[str]:
        return [url.strip().rstrip("/") for url in self.heads_urls.split(",") if url.strip()]


def known(environ: Mapping[str, str]) -> Heads:
    """From the environment, or as the one-machine stack wrote it down; none where neither tells."""
    try:
        return load(Heads, environment(environ))
    except (CommandError, SettingsError):
        return Heads()
