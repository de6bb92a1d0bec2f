"""The way out: signed as receivers expect, never into our own network, never for long."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Receiver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from civic.specs.webhooks import sending, signing

NOT_PUBLIC = (
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.2.7", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "2001:0:7f00:1::"),
)
PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8")


def test_a_signature_is_the_one_of_the_standard() -> None:
    """The example of the reference libraries of Standard Webhooks."""
    headers = signing.signed(
        b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_differ_and_are_long() -> None:
    """As long as the standard asks for (24 to 64 bytes), and never the same."""
    made = {signing.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(one.startswith("whsec_") and len(one) == 6 + 44 for one in made)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_of_our_own_network_is_not_public(address: str) -> None:
    """Loopback, private, link-local, carrier's, reserved; also wrapped into IPv6."""
    assert not sending.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert sending.is_public(address)


def leading_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses."""

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",)])
def test_a_name_that_leads_inside_is_refused(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called, and also where only one of its addresses is inside."""
    leading_to(monkeypatch, *addresses)
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(sending.UnusableAddress):
        sending.post("https://example.org/", body=b"{}", headers={})


def _never(*_: Any, **__: Any) -> None:
    raise AssertionError("a connection was opened")


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that leads elsewhere at the second question is not asked a second time."""
    leading_to(monkeypatch, "93.184.215.14")
    opened: list[Any] = []

    def connect(address: Any, **_: Any) -> None:
        opened.append(address)
        leading_to(monkeypatch, "127.0.0.1")
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(sending.NotSent, match="connection failed"):
        sending.post("https://example.org/", body=b"{}", headers={})
    assert opened == [("93.184.215.14", 443)]


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "example.org", "https://", "https:///x"),
        *("https://user:word@example.org/", "https://example.org/#x", "https://example.org:99999/"),
        *("https://exa mple.org/", "https://example.org/\n", "https://ex\u00e4mple.org/", "//x/"),
        *("https://[::1/", "https://example.org/" + "x" * 500, "javascript:alert(1)"),
    ],
)
def test_an_odd_address_is_refused(url: str) -> None:
    """Only https with a host, in plain ASCII, with nothing hidden in it."""
    with pytest.raises(sending.UnusableAddress):
        sending.checked(url)


def test_a_message_arrives_as_it_was_signed(receiver: Receiver, may_be_private: None) -> None:
    """The very bytes and headers, at the path with its query."""
    body = '{"text": "ä"}'.encode()
    assert sending.post(receiver.url, body=body, headers={"webhook-id": "msg_1"}) == 204
    ((headers, arrived),) = receiver.messages
    assert arrived == body
    assert headers["webhook-id"] == "msg_1"


def test_a_redirect_is_an_answer_and_no_invitation(
    receiver: Receiver, may_be_private: None
) -> None:
    """Where it points is never asked."""
    receiver.answers, receiver.headers = [307], {"Location": receiver.url}
    assert sending.post(receiver.url, body=b"{}", headers={}) == 307
    assert len(receiver.messages) == 1


@pytest.fixture
def dripping() -> Iterator[str]:
    """A receiver that sends one byte of its answer at a time, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        line, _ = server.accept()
        with line:
            while not over.wait(0.05):
                try:
                    line.send(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    over.set()
    server.close()
    thread.join(2)


def test_a_receiver_that_drips_is_cut_off(dripping: str, may_be_private: None) -> None:
    """A limit for each read would never be reached; there is one for the whole."""
    begun = time.monotonic()
    with pytest.raises(sending.NotSent, match="No answer within"):
        sending.post(dripping, body=b"{}", headers={}, seconds=0.5)
    assert time.monotonic() - begun < 5


def test_time_runs_while_a_name_is_resolved(
    dripping: str, may_be_private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that takes all of it leaves none for a receiver that drips."""
    ask = socket.getaddrinfo

    def slowly(*args: Any, **options: Any) -> Any:
        time.sleep(0.6)
        return ask(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    begun = time.monotonic()
    with pytest.raises(sending.NotSent, match="No answer within"):
        sending.post(dripping, body=b"{}", headers={}, seconds=0.3)
    assert time.monotonic() - begun < 5


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a name, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(pem) + private)
    return file


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_a_certificate_must_be_trusted_and_of_this_host(
    name: str, tmp_path: Path, may_be_private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that nobody vouches for is refused, and so is one of another host."""
    file = certificate(tmp_path, name)
    server = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def answer() -> None:
        for _ in range(2):
            line, _ = server.accept()
            try:
                with context.wrap_socket(line, server_side=True) as secure:
                    secure.recv(65536)
                    secure.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                line.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    url = f"https://localhost:{server.getsockname()[1]}/"
    with pytest.raises(sending.NotSent, match="certificate is not valid"):
        sending.post(url, body=b"{}", headers={})
    trusting = ssl.create_default_context(cafile=file)
    monkeypatch.setattr(sending, "_context", lambda: trusting)
    if name == "localhost":
        assert sending.post(url, body=b"{}", headers={}) == 200
    else:
        with pytest.raises(sending.NotSent, match="certificate is not valid"):
            sending.post(url, body=b"{}", headers={})
    server.close()
    thread.join(2)
