"""Waiting for the database to be there, ours, and of this release."""

import asyncio
from typing import Any

import asyncpg

from latchkey_kit.db import will_pass
from latchkey_kit.migrate import MigrationError, check, migrate
from latchkey_kit.service.definition import Definition
from latchkey_kit.telemetry.trouble import Trouble
from latchkey_kit.web.health import Health

_PAUSE_SECONDS = 0.5


async def bring_to_release(definition: Definition, settings: Any) -> None:
    """Migrate, as the owner of the tables if that is another role than the one that serves. Raises as ``migrate``."""
    serves = settings.database_url.reveal()
    await migrate(settings.owner_database_url.reveal() or serves, definition.components, serves=serves)


async def schema_ready(definition: Definition, settings: Any, health: Health) -> None:
    """Return when the database has this release's schema; until then `health` says what it waits for."""
    trouble = Trouble("waits_for_database")
    while (problem := await _problem(definition, settings)) is not None:
        health.waiting(problem)
        trouble.tell(problem)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _problem(definition: Definition, settings: Any) -> str | None:
    try:
        if settings.migrate_on_start:
            await bring_to_release(definition, settings)
        else:
            await check(settings.database_url.reveal(), definition.components)
    except MigrationError as error:
        return f"{error}; see `latchkey-{definition.name} migrate`"
    except Exception as error:
        if will_pass(error) or isinstance(error, asyncpg.PostgresError):
            return f"the database cannot be used yet: {type(error).__name__}"
        raise
    return None
