"""The command line of a service: ``serve``, ``migrate``, ``config``, and what else it has."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import asyncpg
import uvloop

from latchkey_kit import crash
from latchkey_kit.clock import SystemClock
from latchkey_kit.migrate import MigrationError
from latchkey_kit.sealing import SealError
from latchkey_kit.service.definition import Definition, Printed, PrintError
from latchkey_kit.service.schema import bring_to_release
from latchkey_kit.service.serving import serve
from latchkey_kit.settings import SettingsError, load
from latchkey_kit.settings_report import effective, markdown
from latchkey_kit.telemetry import logs

_EPILOG = (
    "Settings come from the environment: each as NAME, or as NAME_FILE, the path of a file holding it. See `config`."
)


def main(*definitions: Definition, prints: Sequence[Printed] = ()) -> NoReturn:
    """Run the command line of a service; the first definition is the one that ``serve`` starts."""
    started: tuple[Definition | Printed, ...] = (*definitions, *prints)
    asked = _parser(definitions[0], started).parse_args()
    if asked.verb == "config":
        _config({one.verb: one for one in started}[asked.process], definitions[0], table=asked.table)
    for one in prints:
        if one.verb == asked.verb:
            _print(one, definitions[0])
    definition = next((one for one in definitions if one.verb == asked.verb), definitions[0])
    settings = _settings(definition, definition)
    logs.configure(definition.process, settings.log_level, settings.log_format)
    if settings.crash_at:
        crash.arm(settings.crash_at)
    try:
        uvloop.run(bring_to_release(definition, settings) if asked.verb == "migrate" else serve(definition, settings))
    except (MigrationError, SealError) as error:
        sys.exit(f"latchkey-{definition.name}: {error}")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"latchkey-{definition.name} cannot {asked.verb}: {type(error).__name__}: {error}")
    sys.stdout.flush()
    os._exit(0)  # everything is closed; taking the interpreter apart can last longer than the stop itself


def _parser(first: Definition, started: Sequence[Definition | Printed]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"latchkey-{first.name}", epilog=_EPILOG)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for one in started:
        verbs.add_parser(one.verb, help=one.about, description=one.about, epilog=_EPILOG)
    if first.package:
        verbs.add_parser("migrate", help="bring the database to this release", epilog=_EPILOG)
    shown = verbs.add_parser("config", help="show the settings as they are now, secrets hidden", epilog=_EPILOG)
    shown.add_argument("process", nargs="?", default=first.verb, choices=[one.verb for one in started])
    shown.add_argument("--table", action="store_true", help="all settings with their meaning, as a Markdown table")
    return parser


def _settings(started: Definition | Printed, of: Definition) -> Any:
    try:
        return load(started.settings, os.environ)
    except SettingsError as error:
        sys.exit("\n".join([f"latchkey-{of.name} cannot start:", *(f"  {one}" for one in error.problems)]))


def _config(started: Definition | Printed, of: Definition, *, table: bool) -> NoReturn:
    sys.stdout.write(markdown(started.settings) if table else effective(_settings(started, of), os.environ))
    sys.exit(0)


def _print(printed: Printed, of: Definition) -> NoReturn:
    try:
        text = printed.text(_settings(printed, of), SystemClock())
        sys.stdout.writelines([text] if isinstance(text, str) else text)
    except (PrintError, SealError) as error:
        sys.exit(f"latchkey-{of.name}: {error}")
    sys.exit(0)
