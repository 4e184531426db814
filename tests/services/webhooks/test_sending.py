"""A message goes to the address that was checked, and to nobody who only says to be the receiver."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.services.webhooks.sending import NotDelivered, Sender
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.processes import free_port

NAME = "hooks.example.org"
UNKNOWN = "unknown"
_SYSTEMS = socket.getaddrinfo


class Names:
    """A name server that tells another address each time it is asked for our name."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)

    def __call__(self, host: str, port: int, *more: Any, **options: Any) -> Any:
        if host == NAME:
            host = self.left.pop(0)
        if host == UNKNOWN:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return _SYSTEMS(host, port, *more, **options)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """It says first "this machine", and would then lead elsewhere."""
    server = Names("127.0.0.1", "192.0.2.1")
    monkeypatch.setattr(socket, "getaddrinfo", server)
    return server


def send(url: str, *, private: bool = True, certificates: ssl.SSLContext | None = None) -> None:
    with closing(Sender(url, private=private, certificates=certificates)) as sender:
        sender.send(b"{}", {"webhook-id": "1"})


def test_the_name_is_looked_up_once_and_told_to_the_receiver(
    names: Names, receiver: WebhookReceiver
) -> None:
    send(f"http://{NAME}:{receiver.port}/hook")
    assert names.left == ["192.0.2.1"]
    [received] = receiver.received
    assert received.headers["host"] == f"{NAME}:{receiver.port}"


def test_a_name_that_leads_to_this_machine_is_refused(
    names: Names, receiver: WebhookReceiver
) -> None:
    with pytest.raises(NotDelivered, match="PROOFSHEET_WEBHOOK_PRIVATE"):
        send(f"http://{NAME}:{receiver.port}/hook", private=False)
    assert receiver.received == []


def test_a_proxy_of_the_environment_is_not_asked(
    names: Names, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    send(f"http://{NAME}:{receiver.port}/hook")
    assert len(receiver.received) == 1


@pytest.mark.parametrize("url", ["http://[::1]:{}/", "http://localhost:{}/"])
def test_addresses_of_both_kinds_can_be_written(url: str) -> None:
    with pytest.raises(NotDelivered, match="No connection"):
        send(url.format(free_port()))


def test_a_name_that_nobody_knows_is_told(names: Names) -> None:
    names.left = [UNKNOWN]
    with pytest.raises(NotDelivered, match="not known"):
        send(f"https://{NAME}")


def cut_off(sender: Sender, receiver: WebhookReceiver) -> None:
    """Each header comes long before the time is over: only all of them together take too long."""
    receiver.drip(0.05)
    with pytest.raises(NotDelivered, match="within 1 s"):
        sender.send(b"{}", {})
    receiver.drip(0)
    sender.send(b"{}", {})


def test_a_receiver_that_answers_without_an_end_is_cut_off(receiver: WebhookReceiver) -> None:
    with closing(Sender(receiver.url, private=True, timeout_seconds=1)) as sender:
        cut_off(sender, receiver)


class Certificates:
    """An authority of our own, and a receiver with a certificate of it for our name."""

    def __init__(self, folder: Path, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.file = folder / "receiver.pem"
        self.file.write_bytes(private + certificate.public_bytes(pem))

    @property
    def trusted(self) -> ssl.SSLContext:
        """What a sender that trusts them holds against a receiver."""
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture
def secure(receiver: WebhookReceiver, tmp_path: Path) -> Certificates:
    """Let the receiver speak TLS."""
    certificates = Certificates(tmp_path, NAME)
    receiver.speak_tls(certificates.file)
    return certificates


def test_the_certificate_is_held_to_the_name_and_not_to_the_address(
    names: Names, receiver: WebhookReceiver, secure: Certificates
) -> None:
    send(f"https://{NAME}:{receiver.port}/hook", certificates=secure.trusted)
    assert len(receiver.received) == 1
    with pytest.raises(NotDelivered):
        send(f"https://localhost:{receiver.port}/hook", certificates=secure.trusted)
    assert len(receiver.received) == 1


def test_and_so_is_one_that_speaks_tls(
    names: Names, receiver: WebhookReceiver, secure: Certificates
) -> None:
    names.left = ["127.0.0.1"] * 2
    url, trusted = f"https://{NAME}:{receiver.port}/hook", secure.trusted
    with closing(Sender(url, private=True, certificates=trusted, timeout_seconds=1)) as sender:
        cut_off(sender, receiver)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    names: Names, receiver: WebhookReceiver, secure: Certificates
) -> None:
    with pytest.raises(NotDelivered, match=r"No connection.*CERTIFICATE"):
        send(f"https://{NAME}:{receiver.port}/hook")
    assert receiver.received == []
