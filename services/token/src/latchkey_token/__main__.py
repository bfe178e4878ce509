"""``latchkey-token serve | migrate``."""

from typing import NoReturn

from latchkey_kit import service
from latchkey_token.app import running
from latchkey_token.settings import Settings

DEFINITION = service.Definition(name="token", settings=Settings, running=running, package="latchkey_token")


def main() -> NoReturn:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
