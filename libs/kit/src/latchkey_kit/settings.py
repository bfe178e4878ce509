"""Settings from the environment: each as ``NAME``, or as ``NAME_FILE`` that names a file holding it.

A service declares one frozen struct. Everything that is wrong is told at once, and no value is ever repeated.
"""

import pathlib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin

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
        namespace["merged"] = bases[1:]
        annotations["merged"] = ClassVar[tuple[type, ...]]
        namespace["__annotations__"] = annotations | namespace.get("__annotations__", {})
        return super().__new__(mcs, name, bases[:1], namespace, **options)


Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Origin = Annotated[str, msgspec.Meta(pattern=r"^https?://[a-z0-9.-]+(:[0-9]+)?$")]
OptionalOrigin = Annotated[str, msgspec.Meta(pattern=r"^(https?://[a-z0-9.-]+(:[0-9]+)?)?$")]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Common(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """What every service is told."""

    origin: Origin
    """The API origin, for example ``https://api.example.com``; it is the issuer too. No trailing slash."""
    host: str = "127.0.0.1"
    """The address to listen on; ``0.0.0.0`` in a container."""
    port: Port = 8000
    """Requests that come through the gateway."""
    internal_port: Port = 9000
    """Requests of other services."""
    admin_port: Port = 9100
    """``/livez``, ``/readyz`` and ``/metrics``, for the operator's probes only."""
    internal_secret: Secret = Secret("")
    """This service's own credential when it calls another."""
    internal_callers: dict[str, str] = {}
    """Who may call: name → SHA-256 (hexadecimal) of its credential, as a JSON object."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is written."""
    log_format: Literal["json", "pretty"] = "json"
    """A JSON object a line, or something for people."""
    local_mode: bool = False
    """One machine, demo data allowed. Never in production."""
    crash_at: str = ""
    """For tests, in local mode only: the crash point at which the process kills itself."""

    def contradictions(self) -> list[str]:
        """What is wrong with settings that are right by themselves, one sentence each."""
        found = []
        if len({self.port, self.internal_port, self.admin_port}) < 3:
            found.append("PORT, INTERNAL_PORT and ADMIN_PORT must differ")
        if self.crash_at and not self.local_mode:
            found.append("CRASH_AT is for LOCAL_MODE only")
        if self.origin.startswith("http://") and not self.origin.startswith(_LOCAL_ORIGINS):
            found.append("ORIGIN must be https, except on localhost: tokens would travel in the open")
        return found


_LOCAL_ORIGINS = ("http://localhost", "http://127.0.0.1")


class WithDatabase(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service with state."""

    database_url: Secret
    """``postgresql://role:password@host/database``; no other service uses the database."""
    owner_database_url: Secret = Secret("")
    """The same with the role that owns the tables, if that is another: for ``migrate``, not for what serves."""
    database_pool: Positive = 8
    """Connections of one process at most."""
    migrate_on_start: bool = False
    """Bring the database to this release before serving, instead of ``migrate`` as a job of its own."""


class WithEvents(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service that publishes or hears events."""

    nats_url: str
    """``nats://host:port``; several, separated by commas, for a cluster."""
    nats_user: str = ""
    """Empty when NATS knows no users."""
    nats_password: Secret = Secret("")
    """Of this service's own user."""


class WithOutbox(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service that publishes events."""

    outbox_consumers: str = "audit"
    """Who must have an event before it is forgotten (commas between). Of auth and client-registry: ``audit,token``."""
    outbox_kept: Positive = 7 * 24 * 3600
    """Seconds for which an event is kept at least; as old may a backup of audit be that is restored."""


class WithVerifier(msgspec.Struct, frozen=True, kw_only=True, metaclass=_Merging):
    """A service that takes bearers."""

    heads_urls: str
    """Internal addresses of the processes that serve the feed and the signing keys, separated by commas."""
    permissions_url: str
    """Internal address of the permissions service; several, separated by commas, are instances of it."""


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
    settings = cls(**values)
    if isinstance(settings, Common) and (found := settings.contradictions()):
        raise SettingsError(found)
    return settings


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
        raise ValueError(f"must be {in_words(wanted)}") from None


def in_words(wanted: Any) -> str:
    """What a setting of this type may be, for people."""
    meta = next((one for one in getattr(wanted, "__metadata__", ()) if isinstance(one, msgspec.Meta)), msgspec.Meta())
    if isinstance(wanted, type) and issubclass(wanted, str):
        return "text"
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(get_args(wanted))
    if wanted in (Origin, OptionalOrigin):
        return "an origin, such as https://api.example.com, without a path or a trailing slash"
    plain = getattr(wanted, "__origin__", wanted)
    if plain is int and meta.ge is not None:
        return f"a whole number from {meta.ge}" + (f" to {meta.le}" if meta.le is not None else "")
    return {int: "a whole number", float: "a number", bool: "true or false", dict: "a JSON object"}.get(plain, "valid")
