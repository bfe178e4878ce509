"""``latchkey-token serve | heads | migrate | config``."""

from typing import NoReturn

from latchkey_kit import service
from latchkey_token import app, heads_app
from latchkey_token.settings import HeadsSettings, Settings

DEFINITION = service.Definition(name="token", settings=Settings, running=app.running, package="latchkey_token")
HEADS = service.Definition(
    name="token",
    settings=HeadsSettings,
    running=heads_app.running,
    package="latchkey_token",
    verb="heads",
    about="serve the feed and the signing keys to verifiers until SIGTERM",
)


def main() -> NoReturn:
    service.main(DEFINITION, HEADS)


if __name__ == "__main__":
    main()
