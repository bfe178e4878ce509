"""What a data model and a field are here: the catalogue's view of them, and what records needs besides."""

from typing import Literal

import msgspec

from latchkey_policy import catalogue

Type = Literal["text", "email", "number", "boolean", "date", "datetime", "user", "company"]
"""``user`` and ``company`` hold an id."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a record; one with a dotted name, such as ``address.city``, is nested in JSON.

    ``about`` is a sentence for people and AI models. ``required``: it must be given at creation. ``nullable``: it may
    be empty. ``calculated``: it stands in no column. ``longest`` counts characters.
    """

    name: str
    type: Type
    title: str
    about: str = ""
    writable: bool = True
    required: bool = False
    nullable: bool = True
    calculated: bool = False
    longest: int = 200

    @property
    def path(self) -> tuple[str, ...]:
        """The member names that lead to it in JSON."""
        return tuple(self.name.split("."))


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A data model: ``name`` in permissions and scopes, ``route`` in URLs."""

    name: str
    route: str
    title: str
    plural: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def model(self) -> catalogue.Model:
        """Describe it as `PUT /v1/catalogue` takes it."""
        fields = tuple(catalogue.Field(one.name, one.type, one.title, one.writable) for one in self.fields)
        return catalogue.Model(
            name=self.name,
            route=self.route,
            title=self.title,
            plural=self.plural,
            actions=("create", "view", "update", "remove", "export"),
            fields=fields,
        )
