"""The configuration of the streams server. It holds no secret: keys are public there, and what they sign."""

import datetime as dt
import json

from latchkey_audit.keys import master
from latchkey_audit.settings import StreamsConfig
from latchkey_audit.streams import claims
from latchkey_audit.streams.keys import Keys
from latchkey_kit.clock import Clock

_TEMPLATE = """\
# The NATS server that customers' consumers connect to. Made by `latchkey-audit streams-config`; holds no secret.
# The folder is named on the command line, as are address and ports where they differ:
#   nats-server --config … --store_dir … [--addr …] [--port …] [--http_port …]

server_name: latchkey-streams
listen: "127.0.0.1:4222"
http: "127.0.0.1:8222"    # monitoring knows no passwords: loopback only
{tls}
jetstream {{
  sync_interval: always   # acknowledged means on the disk; the default flushes every two minutes
  max_memory_store: 64MB
  max_file_store: {disk}
}}

max_payload: 272KB        # an event as large as NATS inside takes it, and what it is sent with
max_pending: 8MB          # a reader that falls this far behind is cut, and reads on from where it was
max_connections: 10000
max_control_line: 4KB
write_deadline: "2s"
ping_interval: "10s"      # a cut line is noticed in half a minute; customers are farther away than services
ping_max: 2
lame_duck_duration: "30s"

# Operator mode: an account is what the audit service has signed, not what stands in a file here.
operator: {operator}
system_account: {system}
resolver: {{
  type: full
  dir: {accounts}
  allow_delete: true      # a consumer that is revoked is cut at once
  interval: "2m"          # servers of a cluster tell each other what they have
}}
resolver_preload: {{
  {system}: {system_account}
  {platform}: {platform_account}
}}
"""
_TLS = """
tls {{
  cert_file: {certificate}
  key_file: {key}
}}
"""


def text(keys: Keys, folder: str, at: dt.datetime, *, certificate: str = "", key: str = "") -> str:
    """Write it. All three are paths as the server sees them; ``folder`` is where it keeps accounts."""
    return _TEMPLATE.format(
        tls=_TLS.format(certificate=json.dumps(certificate), key=json.dumps(key)) if certificate else "",
        disk=claims.DISK + claims.DISK_OF_CHECKPOINTS,
        operator=claims.operator(keys, at),
        system=keys.system.account.public,
        platform=keys.platform.account.public,
        accounts=json.dumps(folder),
        system_account=claims.system_account(keys, at),
        platform_account=claims.platform_account(keys, at),
    )


def printed(settings: StreamsConfig, clock: Clock) -> str:
    """Write it as the settings say. Raises SealError for a malformed master key."""
    return text(
        Keys(master(settings.master_key.reveal())),
        settings.streams_accounts,
        clock.now(),
        certificate=settings.streams_certificate,
        key=settings.streams_certificate_key,
    )
