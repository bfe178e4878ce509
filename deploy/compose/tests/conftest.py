"""docker-compose.yml as compose reads it, and the secrets that the script makes for it."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[3]
MOUNTED = "/run/secrets/"
_DEFAULT = re.compile(r"\$\{\w+:-([^${}]*)}")


def read(file: Path) -> dict[str, Any]:
    """The file with every variable at its default."""
    text, left = file.read_text(), 1
    while left:
        text, left = _DEFAULT.subn(r"\1", text)
    return yaml.safe_load(text)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    return read(CHECKOUT / "docker-compose.yml")


@pytest.fixture(scope="session")
def containers(compose) -> dict[str, dict[str, Any]]:
    return compose["services"]


@pytest.fixture(scope="session")
def secrets(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    script = CHECKOUT / "deploy/compose/make-secrets"
    subprocess.run([script, folder], check=True, capture_output=True)  # noqa: S603 (ours)
    return folder


Given = Callable[[dict[str, Any]], dict[str, str]]


@pytest.fixture
def given(secrets, tmp_path) -> Given:
    """The environment of a container as its process sees it: the image's, its own, and its secrets as files."""
    image = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV HOST.*$", _recipe(), re.MULTILINE)[0]))

    def environment(container: dict[str, Any]) -> dict[str, str]:
        mounted = tmp_path / str(len(list(tmp_path.iterdir())))
        mounted.mkdir()
        for secret in map(mounts, container.get("secrets", [])):
            (mounted / secret["target"]).symlink_to(secrets / secret["source"])
        told = {name: str(value) for name, value in container["environment"].items()}
        return image | {name: value.replace(MOUNTED, f"{mounted}/") for name, value in told.items()}

    return environment


def mounts(secret: str | dict[str, str]) -> dict[str, str]:
    return {"source": secret, "target": secret} if isinstance(secret, str) else secret


def _recipe() -> str:
    return (CHECKOUT / "deploy/Dockerfile").read_text()
