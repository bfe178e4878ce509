"""The data models of the reference resource server."""

from typing import Final

from latchkey_policy.catalogue import Catalogue
from latchkey_records.domain.kinds import Field, Kind

_LONG = 10_000
_COMPANY = Field(name="company", type="company", title="Company", about="The company that it belongs to.")


def _metric(name: str, title: str, about: str) -> Field:
    """A number that is calculated from other records whenever it is read."""
    words = f"{about} Calculated."
    return Field(name=name, type="number", title=title, about=words, writable=False, nullable=False, calculated=True)


COMPANY: Final = Kind(
    name="company",
    route="companies",
    title="Company",
    plural="companies",
    fields=(
        Field(name="name", type="text", title="Name", required=True, nullable=False),
        Field(name="domain", type="text", title="Domain", about="Its internet domain, such as example.com."),
        Field(name="owner", type="user", title="Owner", about="The person here who looks after the company."),
        Field(name="phase", type="text", title="Phase", about="Where it stands in its life as a customer."),
        Field(name="health", type="text", title="Health", about="How well the relationship is going."),
        Field(name="arr", type="number", title="ARR", about="Annual recurring revenue."),
        Field(name="city", type="text", title="City", about="Where it is at home; its postal address may differ."),
        Field(name="description", type="text", title="Description", longest=_LONG),
        Field(name="address.street", type="text", title="Street", about="Street and number of the postal address."),
        Field(name="address.city", type="text", title="Address: city", about="City of the postal address."),
        Field(name="address.country", type="text", title="Country", about="Country of the postal address."),
        _metric("open_tasks", "Open tasks", "How many tasks of the company are not done."),
        _metric("assets", "Assets", "How many assets the company has."),
        Field(name="created_at", type="datetime", title="Created", writable=False, nullable=False),
    ),
)

ENDUSER: Final = Kind(
    name="enduser",
    route="endusers",
    title="End user",
    plural="end users",
    fields=(
        Field(name="name", type="text", title="Name", required=True, nullable=False),
        Field(name="email", type="email", title="E-mail"),
        _COMPANY,
        Field(name="title", type="text", title="Title", about="What the person does at the company."),
    ),
)

CONVERSATION: Final = Kind(
    name="conversation",
    route="conversations",
    title="Conversation",
    plural="conversations",
    fields=(
        _COMPANY,
        Field(name="subject", type="text", title="Subject", required=True, nullable=False),
        Field(name="channel", type="text", title="Channel", about="How it was held, such as e-mail or call."),
        Field(name="body", type="text", title="Body", longest=_LONG),
        Field(name="at", type="datetime", title="Time", about="When it was held; now, if not given.", nullable=False),
    ),
)

TASK: Final = Kind(
    name="task",
    route="tasks",
    title="Task",
    plural="tasks",
    fields=(
        _COMPANY,
        Field(name="title", type="text", title="Title", required=True, nullable=False),
        Field(name="done", type="boolean", title="Done", nullable=False),
        Field(name="due", type="date", title="Due"),
        Field(name="assignee", type="user", title="Assignee", about="The person here who does it."),
    ),
)

ASSET: Final = Kind(
    name="asset",
    route="assets",
    title="Asset",
    plural="assets",
    fields=(
        _COMPANY,
        Field(name="name", type="text", title="Name", required=True, nullable=False),
        Field(name="kind", type="text", title="Kind"),
        Field(name="serial", type="text", title="Serial number"),
    ),
)

KINDS: Final = (COMPANY, ENDUSER, CONVERSATION, TASK, ASSET)
CATALOGUE: Final = Catalogue(kind.model() for kind in KINDS)
BY_ROUTE: Final = {kind.route: kind for kind in KINDS}
BY_NAME: Final = {kind.name: kind for kind in KINDS}
