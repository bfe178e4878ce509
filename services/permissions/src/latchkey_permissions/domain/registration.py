"""Whether a resource server's models fit beside everybody else's."""

from collections.abc import Iterable

import msgspec

from latchkey_permissions.domain.management import MODELS, RESERVED_ROUTES
from latchkey_policy.catalogue import Model

OURSELVES = "Latchkey"


class Registered(msgspec.Struct, frozen=True):
    """A model, and the resource server that it belongs to."""

    model: Model
    resource_server: str


def clashes(models: Iterable[Model], others: Iterable[Registered]) -> list[str]:
    """Say, one sentence each, which names and routes belong to somebody else."""
    taken = [*(Registered(model, OURSELVES) for model in MODELS), *others]
    names = {one.model.name: one.resource_server for one in taken}
    routes = dict.fromkeys(RESERVED_ROUTES, OURSELVES) | {one.model.route: one.resource_server for one in taken}
    found: list[str] = []
    for model in models:
        if model.name in names:
            found.append(f"The model name {model.name} belongs to {names[model.name]}.")
        if model.route in routes:
            found.append(f"The route {model.route} of model {model.name} belongs to {routes[model.route]}.")
    return found
