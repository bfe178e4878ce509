"""What the streams server is told, and the keys behind it."""

import asyncio
import base64
import datetime as dt
import ipaddress
import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import nats
import nkeys
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from latchkey_audit.streams import claims, server_config
from latchkey_audit.streams.keys import Keys
from latchkey_embedded import Nats
from latchkey_embedded.programs import program

KEY = base64.b64encode(bytes(range(32))).decode()
A = "a" * 32


@pytest.fixture
def printed():
    """`latchkey-audit streams-config` with these settings: what it printed."""

    def run(**settings):
        command = [Path(sys.executable).with_name("latchkey-audit"), "streams-config"]
        env = {"PATH": os.defpath, "MASTER_KEY": KEY} | settings
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout  # noqa: S603 (ours)

    return run


def test_the_server_reads_it(printed, tmp_path):
    (tmp_path / "certificate.pem").touch()
    for settings in ({}, {"STREAMS_ACCOUNTS": str(tmp_path / 'odd "name"')}):
        file = tmp_path / "server.conf"
        file.write_text(printed(**settings))
        command = [program("nats-server"), "--config", file, "-t"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
        assert result.returncode == 0, result.stderr


def test_it_tells_of_a_certificate_only_where_there_is_one(printed):
    assert "tls" not in printed()
    told = printed(STREAMS_CERTIFICATE="/etc/cert.pem", STREAMS_CERTIFICATE_KEY="/etc/key.pem")
    assert 'cert_file: "/etc/cert.pem"\n  key_file: "/etc/key.pem"' in told


def test_it_holds_no_secret(printed, keys):
    told = printed()
    holders = (keys.system, keys.platform)
    seeds = [keys.operator.reveal(), *(key.reveal() for one in holders for key in (one.account, one.user))]
    assert not [seed for seed in seeds if seed in told]
    assert KEY not in told


def test_keys_are_those_that_nats_knows(keys):
    for kind, key in {"O": keys.operator, "A": keys.system.account, "U": keys.consumer(A).user}.items():
        theirs = nkeys.from_seed(key.reveal().encode())
        assert theirs.public_key.decode() == key.public
        assert key.public.startswith(kind)
        assert theirs.verify(b"content", key.sign(b"content"))


def test_keys_come_from_the_master_key_and_are_all_different(keys):
    def all_of(one):
        holders = (one.system, one.platform, one.consumer(A), one.consumer("b" * 32))
        return [one.operator.public, *(key.public for holder in holders for key in (holder.account, holder.user))]

    assert all_of(keys) == all_of(Keys(bytes(range(32))))
    assert len({*all_of(keys), *all_of(Keys(bytes(32)))}) == 18


@pytest.mark.parametrize("word", ["*", ">", "a.b", "", "A" * 32, "a" * 33, f"{'a' * 31}\n", f"{'a' * 32}\n"])
def test_what_is_no_id_makes_no_consumer(keys, clock, word):
    for make in (claims.consumer_account, claims.consumer_user, claims.credentials):
        with pytest.raises(ValueError, match="known by an id"):
            make(keys, word, clock.now())


def test_claims_are_signed_by_whoever_has_the_say(keys, clock):
    at = clock.now()
    for jwt, issuer in (
        (claims.operator(keys, at), keys.operator),
        (claims.consumer_account(keys, A, at), keys.operator),
        (claims.consumer_user(keys, A, at), keys.consumer(A).account),
        (claims.deletion(keys, ["x"], at), keys.operator),
    ):
        content, _, signature = jwt.rpartition(".")
        nkeys.from_seed(issuer.reveal().encode()).verify(content.encode(), decoded(signature))
        told = json.loads(decoded(content.split(".")[1]))
        assert (told["iss"], told["iat"], told["nats"]["version"]) == (issuer.public, int(at.timestamp()), 2)
        assert jwt.isascii()
        assert "\n" not in jwt


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate for 127.0.0.1 and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "streams")])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)  # noqa: TID251 - TLS compares it with the machine's clock
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file, key_file


async def test_with_a_certificate_it_speaks_tls(keys, clock, tmp_path, certificate):
    file, key_file = map(str, certificate)
    text = server_config.text(keys, str(tmp_path / "accounts"), clock.now(), certificate=file, key=key_file)
    user = {
        "user_jwt_cb": lambda: claims.system_user(keys, clock.now()).encode(),
        "signature_cb": lambda nonce: base64.b64encode(keys.system.user.sign(nonce.encode())),
        "allow_reconnect": False,
    }
    async with Nats(tmp_path / "streams", text) as server:
        trusting = ssl.create_default_context(cafile=file)
        async with asyncio.timeout(20):
            client = await nats.connect(server.url, tls=trusting, **user)
        assert client._server_info["tls_required"]
        await client.close()


def test_nothing_of_a_configuration_can_be_smuggled_in(keys, clock):
    told = server_config.text(keys, 'x"\nport: 1 #', clock.now())
    assert "\nport" not in told
