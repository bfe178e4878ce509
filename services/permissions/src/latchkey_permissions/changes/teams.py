"""Teams and lists: changes of what people see whose portfolio is ``team`` or ``listed``."""

from latchkey_contracts.changes import differences
from latchkey_contracts.events.permission import PortfolioChanged, TeamChanged, TeamRemoved
from latchkey_kit.web.problems import FieldError, not_found
from latchkey_permissions.changes.assigning import refuse_self
from latchkey_permissions.changes.changing import Change
from latchkey_permissions.changes.refusing import BeyondYourself
from latchkey_permissions.changes.roles import name_taken
from latchkey_permissions.store import lists, teams
from latchkey_permissions.store.teams import Team
from latchkey_policy.portfolio import Portfolio


async def create(change: Change, team: str, name: str, members: frozenset[str]) -> Team:
    """Make a team; raises as `edit`."""
    if not await teams.insert(change.connection, change.tenant, team, name):
        raise name_taken(name)
    return await _with_members(change, Team(id=team, name="", members=()), name, members)


async def edit(change: Change, team: str, name: str | None, members: frozenset[str] | None) -> Team:
    """Change a team; ``None`` stays as it is.

    Raises:
        Problem: 404 for a team of another tenant, 409 for a name that another has and when the actor's own portfolio
            would be wider for it, 403 when the actor does not see every company and somebody else's would be wider.

    """
    before = await get(change, team)
    after = before.name if name is None else name
    if after != before.name and not await teams.rename(change.connection, change.tenant, team, after):
        raise name_taken(after)
    wanted = frozenset(before.members) if members is None else members
    if after == before.name and wanted == frozenset(before.members):
        return before
    return await _with_members(change, before, after, wanted)


async def remove(change: Change, team: str) -> None:
    found = await get(change, team)
    await teams.remove(change.connection, change.tenant, team)
    await change.users_changed(found.members)
    await change.tell(TeamRemoved(team=team, name=found.name, removed=found.members))


async def get(change: Change, team: str) -> Team:
    found = await teams.get(change.connection, change.tenant, team)
    if found is None:
        raise not_found("This workspace has no such team.")
    return found


async def _with_members(change: Change, before: Team, name: str, members: frozenset[str]) -> Team:
    known = frozenset(before.members)
    added, removed = members - known, known - members
    if added:
        if change.actor.user in members:
            refuse_self(change, change.actor.user)
        await _refuse_narrow(change, "/members")
    await teams.add_members(change.connection, change.tenant, before.id, added)
    await teams.remove_members(change.connection, change.tenant, before.id, removed)
    if added or removed:
        await change.users_changed(known | members)
    changes = differences({"name": before.name} if before.name else None, {"name": name})
    lists = {"added": tuple(sorted(added)), "removed": tuple(sorted(removed))}
    await change.tell(TeamChanged(team=before.id, name=name, changes=changes, **lists))
    return Team(id=before.id, name=name, members=tuple(sorted(members)))


async def put_list(change: Change, user: str, companies: frozenset[str]) -> None:
    """Replace the list of companies of a user; raises as `edit`. What is on the actor's own list may be handed on."""
    before = await lists.of_user(change.connection, change.tenant, user)
    if companies == before:
        return
    if added := companies - before:
        refuse_self(change, user)
        own = await change.own()
        if own is not None and own.reach.portfolio is Portfolio.LISTED:
            added -= await lists.of_user(change.connection, change.tenant, change.actor.user or "")
        if added:
            await _refuse_narrow(change, "/companies")
    await lists.put(change.connection, change.tenant, user, companies)
    revisions = await change.users_changed([user])
    changes = differences({"companies": tuple(sorted(before))}, {"companies": tuple(sorted(companies))})
    event = PortfolioChanged(user=user, companies=len(companies), revision=revisions[user], changes=changes)
    await change.tell(event)


async def _refuse_narrow(change: Change, pointer: str) -> None:
    """Only who sees every company lets others see more."""
    own = await change.own()
    if own is not None and own.reach.portfolio is not Portfolio.ALL:
        message = "Your own role does not see every company, so it cannot show more of them to others."
        error = FieldError(pointer=pointer, message=message)
        raise BeyondYourself(message, (error,), (f"portfolio:{Portfolio.ALL.value}",))
