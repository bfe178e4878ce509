"""`latchkey-mcp`."""

from latchkey_kit import service
from latchkey_mcp.app import running
from latchkey_mcp.settings import Settings

DEFINITION = service.Definition(name="mcp", settings=Settings, running=running)


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
