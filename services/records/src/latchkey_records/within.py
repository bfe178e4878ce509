"""What is written stays within reach of its author."""

from collections.abc import Mapping
from typing import Any

from latchkey_kit.db import Connection
from latchkey_kit.web.problems import FieldError, bad_request
from latchkey_records.domain.catalogue import COMPANY
from latchkey_records.domain.portfolio import Reach
from latchkey_records.refusals import OutsidePortfolio
from latchkey_records.store import records
from latchkey_records.task import Task


async def stay_within(connection: Connection, task: Task, values: Mapping[str, Any], *, new: bool = False) -> None:
    """Refuse values that would put the record out of reach; a company out of reach is as if it did not exist."""
    if task.kind is COMPANY:
        _check_company(task.reach, values, task.bearer.user, new=new)
    elif "company" in values and values["company"] is None:
        if not task.reach.is_everything:
            raise OutsidePortfolio("/values/company", "Name a company that you work with.")
    elif "company" in values and not await records.hold_company(connection, COMPANY, task.reach, values["company"]):
        fault = FieldError(pointer="/values/company", message="There is no such company.")
        raise bad_request("Something in it is not valid.", fault)


def _check_company(reach: Reach, values: Mapping[str, Any], me: str, *, new: bool) -> None:
    if new and reach.listed is not None:
        advice = "You work with the companies on your list, and a new one is not on it: ask who keeps the list."
        raise OutsidePortfolio("/values", advice)
    if reach.owners is None or "owner" not in values or values["owner"] in reach.owners:
        return
    if reach.owners == (me,):
        raise OutsidePortfolio("/values/owner", 'Name yourself as the owner ("me").')
    raise OutsidePortfolio("/values/owner", 'Name yourself ("me"), or somebody in a team with you, as the owner.')
