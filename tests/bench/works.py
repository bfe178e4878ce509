"""The works that are measured: what clients and resource servers ask of a token service."""

import apps
from apps import CHAINS, TOKEN_PATH, App
from house import House
from load import Done, Job
from rates import Work


class Refresh:
    """Refresh with rotation: each chain brings what its last answer gave it."""

    name = "refresh with rotation"

    def __init__(self, house: House, app: App, tokens: list[str]) -> None:
        self._port = house.token.port
        self._app = app
        self._tokens = tokens

    async def job(self, seconds: float) -> Job:
        bodies = [self._app.refresh(token) for token in self._tokens]
        pattern = self._app.refresh("*")
        return Job(
            port=self._port, path=TOKEN_PATH, chains=CHAINS, seconds=seconds, bodies=bodies,
            follow="refresh_token", pattern=pattern,
        )  # fmt: skip

    def done(self, how: Done) -> None:
        self._tokens = how.last


class Exchange:
    """Authorization codes, born before the clock starts."""

    name = "authorization code"

    def __init__(self, house: House, app: App) -> None:
        self._house = house
        self._app = app
        self._rate = 500.0

    async def job(self, seconds: float) -> Job:
        codes = await apps.codes(self._house, self._app, int(self._rate * seconds) + CHAINS)
        bodies = [self._app.exchange(code) for code in codes]
        return Job(port=self._house.token.port, path=TOKEN_PATH, chains=CHAINS, seconds=60, bodies=bodies)

    def done(self, how: Done) -> None:
        self._rate = how.answers / how.seconds


class Same:
    """The same request again and again."""

    def __init__(self, name: str, house: House, path: str, body: str) -> None:
        self.name = name
        self._port = house.token.port
        self._path = path
        self._body = body

    async def job(self, seconds: float) -> Job:
        return Job(
            port=self._port, path=self._path, chains=CHAINS, seconds=seconds, bodies=[self._body], repeat=True
        )  # fmt: skip

    def done(self, how: Done) -> None:
        """Nothing to keep."""


async def all_of_them(house: House, app: App) -> dict[str, Work]:
    """The works by their short names."""
    held = await apps.connections(house, app, CHAINS)
    return {
        "refresh": Refresh(house, app, held["refresh_token"]),
        "exchange": Exchange(house, app),
        "credentials": Same("client credentials", house, TOKEN_PATH, app.form(grant_type="client_credentials")),
        "introspection": Same("introspection", house, "/oauth/introspect", app.form(token=held["access_token"][0])),
    }
