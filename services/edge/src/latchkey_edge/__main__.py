"""`latchkey-edge`."""

from latchkey_edge.app import running
from latchkey_edge.settings import Settings
from latchkey_kit import service

DEFINITION = service.Definition(name="edge", settings=Settings, running=running)


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
