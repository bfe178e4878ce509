"""The deployment that is looked at: where everything is, and one way of asking it that never waits long."""

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import environment, home
from latchkey_kit.clock import Clock
from latchkey_kit.settings import Secret, SettingsError, load

SERVICES = ("auth", "token", "heads", "client-registry", "permissions", "audit", "edge", "records", "mcp")
ANSWER_SECONDS = 3.0
_SUFFIX = "_ADMIN_URL"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's settings tell of the deployment; addresses may be several, separated by commas."""

    origin: str
    operator_secret: Secret = Secret("")
    heads_urls: str = ""
    nats_url: str = ""
    streams_url: str = ""
    local_mode: bool = False


class Instance(msgspec.Struct, frozen=True):
    """One process of a service; ``name`` carries a number where there are several."""

    service: str
    name: str
    admin_url: str


class Answer(msgspec.Struct, frozen=True):
    """``skew``: seconds that the other's clock is ahead of ours, ``None`` if it does not say."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    skew: float | None

    def json(self) -> Any:
        """The body; an empty object for what is no JSON object."""
        try:
            found = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, dict) else {}


Numbers = dict[str, list[tuple[dict[str, str], float]]]
"""Name of a metric → labels and value of each of its samples."""


class Silent(Exception):  # noqa: N818 - a state, not a mistake
    """Nobody answers there; says how it failed."""


class Patient:
    """``folder`` is the data folder of the one-machine stack, ``None`` elsewhere."""

    def __init__(
        self, known: Known, instances: tuple[Instance, ...], session: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self.known = known
        self.instances = instances
        self.folder = home() if known.local_mode else None
        self._session = session
        self._clock = clock
        self._asked: dict[tuple[str, str], asyncio.Task[Answer]] = {}

    async def get(self, url: str, *, host: str = "", secret: str = "") -> Answer:
        """``GET``, once for all checks that want the same; redirects are answers.

        Raises:
            Silent: no answer in time.

        """
        task = self._asked.get((url, host))
        if task is None:
            task = self._asked[url, host] = asyncio.create_task(self._get(url, host, secret))
        return await asyncio.shield(task)

    async def answers(self, urls: Mapping[str, str]) -> dict[str, Answer]:
        """Ask all at once: name → URL gives name → answer; who is silent is left out."""
        found = await asyncio.gather(*map(self.get, urls.values()), return_exceptions=True)
        return {name: one for name, one in zip(urls, found, strict=True) if isinstance(one, Answer)}

    async def metrics(self) -> dict[Instance, Numbers]:
        """What the processes tell in numbers; who tells nothing is left out, for readiness says so."""
        names = {instance.name: instance for instance in self.instances}
        answers = await self.answers({name: f"{one.admin_url}/metrics" for name, one in names.items()})
        return {names[name]: _numbers(answer) for name, answer in answers.items() if answer.status == 200}

    async def _get(self, url: str, host: str, secret: str) -> Answer:
        headers = {"Host": host} if host else {}
        if secret:
            headers["Authorization"] = aiohttp.encode_basic_auth("operator", secret)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self._session.get(url, headers=headers, timeout=timeout, allow_redirects=False) as response:
                body = await response.read()
                return Answer(response.status, body, response.headers, self._skew(response.headers.get("Date")))
        except TimeoutError:
            raise Silent(f"no answer in {ANSWER_SECONDS:.0f} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Silent(type(error).__name__) from None

    def _skew(self, date: str | None) -> float | None:
        try:
            return (parsedate_to_datetime(date or "") - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None


def read(environ: Mapping[str, str]) -> tuple[Known, tuple[Instance, ...]]:
    """Read where everything is.

    Raises:
        CommandError: the settings tell too little, or cannot be read.

    """
    merged = environment(environ)
    try:
        known = load(Known, merged)
    except SettingsError as error:
        raise CommandError("; ".join(["the operator's settings are not complete", *error.problems])) from None
    return known, tuple(instance for service in SERVICES for instance in _instances(service, merged))


def _numbers(answer: Answer) -> Numbers:
    found: Numbers = {}
    try:
        for family in text_string_to_metric_families(answer.body.decode()):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
    except ValueError:
        return {}  # something else answers there
    return found


def addresses(text: str) -> list[str]:
    return [part.strip().rstrip("/") for part in text.split(",") if part.strip()]


def _instances(service: str, environ: Mapping[str, str]) -> list[Instance]:
    urls = addresses(environ.get(service.upper().replace("-", "_") + _SUFFIX, ""))
    return [
        Instance(service, service if number == 1 else f"{service}-{number}", url) for number, url in enumerate(urls, 1)
    ]
