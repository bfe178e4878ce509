"""Settings from the environment: each as ``NAME``, or as ``NAME_FILE`` that names a file holding it.

A service declares one frozen struct. Everything that is wrong is told at once, and no value is ever repeated.
"""

import pathlib
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class Secret(str):
    """A setting that must not be seen: it shows itself as ``***``, formatted too; whoever needs it reveals it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __str__(self) -> str:
        return "***"

    def __format__(self, _spec: str) -> str:
        return "***"

    def reveal(self) -> str:
        return str.__str__(self)


class SettingsError(Exception):
    """Every problem of the environment, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Merging(msgspec.StructMeta):
    """Lets a struct have several bases with fields: those of the second and later ones become its own.

    Without it Python refuses, because each base lays out its instances in its own way.
    """

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        annotations: dict[str, Any] = {}
        for base in bases[1:]:
            for field in msgspec.structs.fields(base):
                annotations[field.name] = field.type
                if not field.required:
                    given = msgspec.field(  # type: ignore[call-overload]  # one of the two is msgspec.NODEFAULT
                        default=field.default, default_factory=field.default_factory
                    )
                    namespace.setdefault(field.name, given)
        namespace["__annotations__"] = annotations | namespace.get("__annotations__", {})
        return super().__new__(mcs, name, bases[:1], namespace, **options)


class Common(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """What every service is told."""

    origin: str
    """The API origin, for example ``https://api.example.com``; it is the issuer too. No trailing slash."""
    host: str = "127.0.0.1"
    port: int = 8000
    """Requests that come through the gateway."""
    internal_port: int = 9000
    """Requests of other services, and health."""
    internal_secret: Secret = Secret("")
    """This service's own credential when it calls another."""
    internal_callers: dict[str, str] = {}
    """Who may call: name → SHA-256 (hexadecimal) of its credential."""
    log_level: str = "info"
    log_format: str = "json"
    local_mode: bool = False
    """One machine, demo data allowed. Never in production."""


class WithDatabase(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service with state."""

    database_url: Secret
    database_pool: int = 8
    migrate_on_start: bool = False


class WithEvents(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service that publishes or hears events."""

    nats_url: str
    nats_user: str = ""
    nats_password: Secret = Secret("")


def load(cls: type[SettingsT], environ: Mapping[str, str]) -> SettingsT:
    """Read a settings struct from the environment.

    Raises:
        SettingsError: with every missing, contradictory and malformed setting.

    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        name = field.name.upper()
        try:
            text = _text(name, environ)
            if text is not None:
                values[field.name] = _convert(text, field.type)
            elif field.required:
                problems.append(f"{name} is missing (or {name}_FILE, the path of a file that holds it)")
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise SettingsError(problems)
    return cls(**values)


def _text(name: str, environ: Mapping[str, str]) -> str | None:
    direct, path = environ.get(name), environ.get(f"{name}_FILE")
    if direct is not None and path is not None:
        raise ValueError(f"{name} and {name}_FILE are both set; keep one")
    if path is None:
        return direct
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file that {name}_FILE names cannot be read") from None


def _convert(text: str, wanted: Any) -> Any:
    if wanted is Secret:
        return Secret(text)
    try:
        if getattr(wanted, "__origin__", wanted) in (dict, list, tuple):
            return msgspec.json.decode(text, type=wanted)
        return msgspec.convert(text, wanted, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise ValueError(f"not a valid {getattr(wanted, '__name__', wanted)}") from None
