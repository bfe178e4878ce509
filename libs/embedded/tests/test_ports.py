"""Free ports: processes that ask at the same time are not given the same one."""

import socket
import subprocess
import sys

from latchkey_embedded import free_port, is_free, keep_port

_ASK = (
    "import sys\nfrom latchkey_embedded import free_port, ports\nimport itertools\nports._turn = itertools.count({})\n"
)


def test_a_port_can_be_listened_on():
    port = free_port()
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        assert not is_free(port)


def test_a_port_given_to_one_process_is_not_given_to_another():
    ours = free_port()
    asked = subprocess.run(  # noqa: S603 — our own interpreter
        [sys.executable, "-c", _ASK.format(ours - 10_000) + "print(free_port())"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(asked.stdout) not in {0, ours}
    assert is_free(ours), "it is kept for whoever asked, not used"


def test_no_port_comes_twice_in_a_row():
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == len(given)


def test_a_port_that_a_process_keeps_is_free_for_no_other_who_asks():
    ask = (
        "from latchkey_embedded import keep_port\n"
        f"print(next(filter(keep_port, range({free_port()}, 32_000))), flush=True); input()"
    )
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ask], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        port = int(other.stdout.readline())
        assert not keep_port(port)
        other.communicate("\n")
    assert keep_port(port), "it is free again when whoever kept it ended"


def test_a_port_that_somebody_listens_on_cannot_be_kept():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not keep_port(server.getsockname()[1])
