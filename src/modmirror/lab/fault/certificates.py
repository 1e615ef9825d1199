"""An authority of the lab's own, and certificates that are right, for another name, or too old."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

Kind: TypeAlias = Literal["good", "wrong-name", "expired"]

_DAY = timedelta(days=1)


class Authority:
    """Made anew for each run, below a directory of the run; nobody else trusts it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("modmirror lab")
        self._now = datetime.now(UTC)
        certificate = (
            self._builder(self._name, self._key.public_key(), self._now - _DAY, self._now + 2 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = directory / "ca.pem"
        """To be trusted by the mirror."""
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        """For the emulated upstream. :meth:`use` holds for the handshakes that follow."""
        # A resumed session would show no certificate at all.
        self.context.options |= ssl.OP_NO_TICKET
        self.context.num_tickets = 0
        self.use("good")

    def use(self, kind: Kind) -> None:
        """Show a certificate of this kind from the next handshake on."""
        end = self._now - _DAY / 2 if kind == "expired" else self._now + _DAY
        key = ec.generate_private_key(ec.SECP256R1())
        if kind == "wrong-name":
            names: list[x509.GeneralName] = [x509.DNSName("somebody-else.lab.test")]
        else:
            names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        certificate = (
            self._builder(_name("upstream"), key.public_key(), self._now - _DAY, end)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._directory / "upstream.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        self.context.load_cert_chain(file)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, begin: datetime, end: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
