"""One message out to an address that a person typed in, without reaching into our own network.

The name is resolved once, every address it leads to is checked, and the connection goes to the
address that was checked: a name that changes its mind in between changes nothing. No redirect is
followed, no proxy of the environment is used, of the answer only the status is read, and after a
set time the line is cut, whatever the other side is doing.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

CONNECT_SECONDS = 5.0
SECONDS = 10.0  # for the whole try
ADDRESSES = 4  # of a name that are tried
LONGEST_URL = 500


class NotSent(Exception):
    """No answer came; the message says why, for the log that the organizer reads."""


class UnusableAddress(NotSent):
    """This address is not one that messages may go to."""


def checked(url: str) -> SplitResult:
    """The parts of a usable address; raises UnusableAddress naming what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnusableAddress("This is not a web address.") from error
    schemes = ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise UnusableAddress("The address must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UnusableAddress("The address must hold neither a user nor a password nor a #.")
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise UnusableAddress("The address must be plain ASCII of at most 500 characters.")
    return parts


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also where it hides one of IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if inner:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host; raises UnusableAddress where any of them is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("The name of the host could not be resolved.") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not settings.WEBHOOKS_PRIVATE and not all(map(is_public, addresses)):
        raise UnusableAddress("The host leads to an address that is not of the public internet.")
    return addresses[:ADDRESSES]


def post(url: str, *, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> int:
    """Send once and return the status of the answer; raises NotSent where none came in time."""
    parts = checked(url)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    host = str(parts.hostname)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _cut_after(seconds) as line:
            plain = line.holding(_connected(resolved(host, port), port))
            if is_secure:
                secure = _context().wrap_socket(
                    plain, server_hostname=host, do_handshake_on_connect=False
                )
                line.holding(secure)
                secure.do_handshake()
            kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
            connection = kind(host, port)
            connection.sock = line.socket
            connection.request("POST", target, body=body, headers=dict(headers))
            return connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"The certificate is not valid: {error.verify_message}.") from error
    except (OSError, http.client.HTTPException) as error:
        late = line.is_cut or isinstance(error, TimeoutError)
        told = f"No answer within {seconds:g} seconds." if late else "The connection failed."
        raise NotSent(told) from error


def _connected(addresses: list[str], port: int) -> socket.socket:
    for number, address in enumerate(addresses, start=1):
        try:
            return socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError:
            if number == len(addresses):
                raise
    raise NotSent("The name of the host leads nowhere.")


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Line:
    """A connection under way, or one that is still being made."""

    socket: socket.socket | None = None
    is_cut = False

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def holding(self, connected: socket.socket) -> socket.socket:
        """The connection that is to be cut in time; TimeoutError where that time is over."""
        with self._lock:
            self.socket = connected
            if self.is_cut:  # while the name was resolved, or before somebody answered
                raise TimeoutError
        return connected

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            if self.socket is not None:
                try:  # of the plain socket: that of TLS would wait for the other side
                    socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
                except OSError:
                    return


@contextmanager
def _cut_after(seconds: float) -> Iterator[_Line]:
    """A line that is cut after so many seconds; limits for each step would let a slow one drip."""
    line = _Line()
    timer = threading.Timer(seconds, line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        if line.socket is not None:
            line.socket.close()
