"""The same with a socket and no NATS library: python audit_stream_plain.py <file.creds> <host> <port> <durable>."""

import base64
import json
import pathlib
import re
import socket
import ssl
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

file, host, port, durable = sys.argv[1:]
jwt, seed = re.findall(r"-----BEGIN [^-]+-----\n(\S+)", pathlib.Path(file).read_text(encoding="ascii"))
key = Ed25519PrivateKey.from_private_bytes(base64.b32decode(seed + "=" * (-len(seed) % 8))[2:34])
next_one = f"PUB $JS.API.CONSUMER.MSG.NEXT.AUDIT.{durable} _INBOX.next", '{"batch": 1, "expires": 30000000000}'


def send(line: str, body: str = "") -> None:
    line += f" {len(body)}\r\n{body}" if line.startswith("PUB") else ""
    connection.sendall(f"{line}\r\n".encode())


connection = socket.create_connection((host, int(port)))
lines = connection.makefile("rb")
info = json.loads(lines.readline().removeprefix(b"INFO "))
if info.get("tls_required"):
    connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    lines = connection.makefile("rb")
signature = base64.urlsafe_b64encode(key.sign(info["nonce"].encode())).rstrip(b"=").decode()
send("CONNECT " + json.dumps({"jwt": jwt, "sig": signature, "headers": True, "verbose": False, "lang": "none"}))
send("PING")
while line := lines.readline().decode():
    if line.startswith("PING"):
        send("PONG")
    elif line.startswith("PONG"):  # we are signed in; what is asked before that is refused
        send("SUB _INBOX.next 1")
        send(*next_one)
    elif line.startswith("HMSG"):  # an entry has a subject for the answer; "nothing new in 30 seconds" has none
        *_, answer, head, size = line.split()
        body = lines.read(int(size) + 2)[int(head) : -2]
        if answer.startswith("$JS.ACK."):
            print(json.loads(body)["type"], flush=True)  # your work here
            send(f"PUB {answer}", "+ACK")
        send(*next_one)
    elif line.startswith("-ERR"):
        sys.exit(line)
