"""Prints docs/settings.md: what every process can be told, from the structs that read it. `make docs` writes it."""

import importlib
import sys
import types

from latchkey_kit.service import Definition, Printed
from latchkey_kit.settings import Common, WithDatabase, WithEvents, WithOutbox, WithVerifier
from latchkey_kit.settings_report import markdown, own_names
from latchkey_local.services import SERVICES, Service

HEAD = """# Settings

Every process reads its settings from the environment: each as `NAME`, or as `NAME_FILE`, the path of a file that holds
the value (for secrets that are mounted). `latchkey-<service> config` shows what would be used now and where it comes
from; a process that cannot start says everything that is missing or wrong at once. This page is made from the code
(`make docs`).

What is shared comes first; below, what each process has of its own.
"""
SHARED = (
    ("Every process", Common),
    ("Those with a database", WithDatabase),
    ("Those that publish or hear events", WithEvents),
    ("Those with events of their own", WithOutbox),
    ("Those that take bearers", WithVerifier),
)


def definitions() -> dict[str, Definition]:
    """Every process: its command, and what it is made of."""
    found = {}
    for service in SERVICES:
        name = "DEFINITION" if not service.of else service.name.upper()
        found[f"latchkey-{service.owner} {service.verb}"] = getattr(_program(service), name)
    return found


def printed() -> dict[str, Printed]:
    """Every command that prints what it makes of its settings."""
    owners = {f"latchkey-{service.owner}": _program(service) for service in SERVICES}
    return {f"{name} {one.verb}": one for name, module in owners.items() for one in getattr(module, "PRINTS", ())}


def _program(service: Service) -> types.ModuleType:
    return importlib.import_module(f"latchkey_{service.owner.replace('-', '_')}.__main__")


def main() -> None:
    parts = [HEAD]
    parts += [f"## {title}\n\n{markdown(cls, own_names(cls))}" for title, cls in SHARED]
    for command, definition in definitions().items():
        names = own_names(definition.settings)
        shared = [(title.lower(), cls) for title, cls in SHARED if own_names(cls) <= names]
        names = names.difference(*(own_names(cls) for _, cls in shared))
        table = f"\n{markdown(definition.settings, names)}" if names else ""
        titles = ", ".join(title for title, _ in shared)
        parts.append(f"## `{command}`\n\nThe settings of {titles}{'; and' if names else '.'}\n{table}")
    parts += [f"## `{command}`\n\n{markdown(one.settings)}" for command, one in printed().items()]
    sys.stdout.write("\n".join(parts))


if __name__ == "__main__":
    main()
