"""deploy/Dockerfile, by its linter and by what must stand in it."""

import json
import re
import subprocess
import sysconfig
from pathlib import Path

from docker.utils.build import exclude_paths

CHECKOUT = Path(__file__).parents[3]
RECIPE = CHECKOUT / "deploy/Dockerfile"
TEXT = re.sub(r"\\\n", "", RECIPE.read_text())
LAST = TEXT[TEXT.rindex("\nFROM ") :]


def test_the_linter_finds_nothing():
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    found = subprocess.run([hadolint, RECIPE], capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    assert found.returncode == 0, found.stdout


def test_health_is_readiness_on_the_admin_port():
    check = json.loads(re.search(r"HEALTHCHECK .* CMD (\[.*])", LAST)[1])
    assert check[:2] == ["python", "-ISc"]
    compile(check[2], "health", "exec")
    assert 'os.environ["ADMIN_PORT"]}/readyz' in check[2]
    assert "EXPOSE 8000 9000 9100" in LAST
    assert "PORT=8000 INTERNAL_PORT=9000 ADMIN_PORT=9100" in LAST


def test_a_service_is_the_first_process_itself_and_not_root():
    assert 'ENTRYPOINT ["latchkey-service"]' in LAST, "a shell in between would keep SIGTERM to itself"
    assert 'CMD ["serve"]' in LAST
    runtime = TEXT[TEXT.index("FROM python AS runtime") :]
    assert "USER 10001:10001" in runtime
    assert not re.search(r"^(RUN|USER)", LAST, re.MULTILINE)


def test_packages_are_installed_with_their_hashes_only():
    installs = re.findall(r"pip install (.*?)(?:&&|\n)", TEXT)
    assert len(installs) == 3
    assert all("--require-hashes" in words for words in installs)


def test_an_image_is_built_from_sources_alone():
    patterns = (CHECKOUT / ".dockerignore").read_text().splitlines()
    sent = {path for path in exclude_paths(str(CHECKOUT), patterns) if (CHECKOUT / path).is_file()}
    assert {"requirements.lock", "services/token/src/latchkey_token/migrations/0001_connections.sql"} < sent
    wanted = re.compile(r"requirements\.lock|(libs|services)/[a-z-]+/(pyproject\.toml|src/latchkey_\w+/[\w/.-]+)")
    sent.discard(".dockerignore")  # told to the builder, copied by nobody
    assert not {path for path in sent if not wanted.fullmatch(path)}
    unwanted = re.compile(r"libs/embedded|/testing/|/tests/|__pycache__")
    assert not {path for path in sent if unwanted.search(path)}
