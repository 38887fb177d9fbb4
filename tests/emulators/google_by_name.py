"""Google's own address of tokens, over TLS on loopback, for libraries that ask no other one.

    with GoogleByName(cloud) as named:
        subprocess.run(program, env=environment | named.environment, check=True)

It is the proxy of whoever has that environment, and the only one whose certificate they trust: it
leads the one name to the stand-in, and refuses every other, so nothing leaves this machine.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Self, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emulators.google_cloud import GoogleCloudFake

NAME = "oauth2.googleapis.com"  # whatever a person's file says (google-auth 2.63)
_DAY = timedelta(days=1)


class GoogleByName:
    """A running proxy to a stand-in."""

    def __init__(self, cloud: GoogleCloudFake) -> None:
        self._folder = TemporaryDirectory()
        certificate = Path(self._folder.name) / "certificate.pem"
        self._server = _Proxy(_new_identity(certificate), cloud.take)
        self._serving = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        url = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = {
            "https_proxy": url,
            "no_proxy": "127.0.0.1,localhost",  # and no other name, whatever the machine says
            "REQUESTS_CA_BUNDLE": str(certificate),
        }

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._serving.join()
        self._server.server_close()
        self._folder.cleanup()


class _Proxy(ThreadingHTTPServer):
    """Gives a connection on, once it is encrypted; its threads end with the handshake."""

    daemon_threads = False

    def __init__(self, context: ssl.SSLContext, take: Callable[[socket, Any], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context, self.take = context, take


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # seconds, for a client that never says what it wants

    def do_CONNECT(self) -> None:
        proxy = cast("_Proxy", self.server)
        if self.path != f"{NAME}:443":
            self.send_error(501, f"the stand-in does not offer {self.path}")
            return
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):  # whoever does not trust the certificate goes away
            encrypted = proxy.context.wrap_socket(self.connection, server_side=True)
            encrypted.settimeout(None)
            proxy.take(encrypted, self.client_address)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: the stand-in records the calls."""


def _new_identity(path: Path) -> ssl.SSLContext:
    """What proves the name to those who trust the certificate in this file, and nobody else."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_id, critical=False)
        .sign(key, SHA256())
    )
    secret = path.with_name("key.pem")
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return context
