"""`latchkey-console`."""

from latchkey_console.app import running
from latchkey_console.settings import Settings
from latchkey_kit import service

DEFINITION = service.Definition(name="console", settings=Settings, running=running)


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
