"""`latchkey-client-registry`."""

from latchkey_client_registry.app import running
from latchkey_client_registry.settings import Settings
from latchkey_kit import service

DEFINITION = service.Definition(
    name="client-registry", settings=Settings, running=running, package="latchkey_client_registry"
)


def main() -> None:
    service.main(DEFINITION)


if __name__ == "__main__":
    main()
