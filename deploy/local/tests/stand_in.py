"""What stands in for every command of ours: a service that answers what it was asked, or the maker of demo data.

A file `<data folder, which its log is in>/fail-<name>` makes it fail.
"""

import http.server
import json
import os
import pathlib
import sys
import threading


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers any request with what it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = 404 if self.path == "/" or self.path.startswith("/nothing/") else 200
        if self.path == "/check" and "dead" in self.headers.get("Authorization", "dead"):
            status = 401
        name = pathlib.Path(sys.argv[0]).name.removeprefix("latchkey-")
        body = json.dumps(
            {"service": name, "path": self.path, "port": self.server.server_port, "headers": dict(self.headers)}
        ).encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Bearer scope="inclusive"')
        if status == 404:
            self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (the name that the standard library looks for)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Says nothing of a caller that hung up: whoever asks in vain at its start resets the connection."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve():
    name = "heads" if sys.argv[1] == "heads" else pathlib.Path(sys.argv[0]).name.removeprefix("latchkey-")
    home = pathlib.Path("/proc/self/fd/1").readlink().parents[1]
    if (home / f"fail-{name}").exists():
        sys.exit(f"{name} was told to fail")
    (home / f"environment-{name}.json").write_text(json.dumps(dict(os.environ)))
    for port in (os.environ["PORT"], os.environ["INTERNAL_PORT"], os.environ["ADMIN_PORT"]):
        server = Server((os.environ["HOST"], int(port)), Echo)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


def demo_data():
    home = pathlib.Path(os.environ["LATCHKEY_HOME"])
    if (home / "fail-demo-data").exists():
        sys.exit("demo data was told to fail")
    users = {"carly@acme.test": {"password": "latchkey", "roles": {"acme": "Admin"}}}
    told = {"origin": os.environ["ORIGIN"], "nats_url": os.environ["STREAMS_URL"], "users": users}
    (home / "demo.json").write_text(json.dumps(told))


def migrate():
    home = pathlib.Path("/proc/self/fd/1").readlink().parents[1]
    if (home / "fail-migrate").exists():
        sys.exit("the migration was told to fail")
    (home / "environment-migrate.json").write_text(json.dumps(dict(os.environ)))


def streams_config():
    print("jetstream { sync_interval: always }")  # noqa: T201 - that is what it is for


{
    "serve": serve,
    "heads": serve,
    "migrate": migrate,
    "demo-data": demo_data,
    "streams-config": streams_config,
}[sys.argv[1]]()
