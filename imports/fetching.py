"""A file from a web address, and from nowhere else.

The host must be one that the installation lists. Its name is resolved once: every address it has must be public, unless
the host is listed as an internal one, and the connection leads to what was looked at. So a name that leads somewhere
else at the next moment, or an answer that sends us on to another host, reaches nothing inside the network.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from django.conf import settings

PORTS = {"https": 443, "http": 80}
SECONDS = 300  # for all of it
SILENT_SECONDS = 30  # without a byte
PIECE = 1 << 16  # bytes
REDIRECTS = 3
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Addresses = list[tuple[Any, ...]]  # as socket.getaddrinfo gives them


class NotFetched(Exception):
    """There is no file to be had from there; the message says why."""


@dataclass(frozen=True)
class Host:
    scheme: str
    name: str
    port: int


def host_of(address: str, *, scheme: str = "") -> Host:
    """The host of a web address; with `scheme`, of one that may do without. Raises ValueError."""
    parts = urlsplit(address if "://" in address or not scheme else f"{scheme}://{address}")
    name, port = parts.hostname or "", parts.port
    if parts.scheme not in PORTS or not name:
        raise ValueError(f"{address!r} is no web address.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("An address with a user name can't be used.")
    return Host(parts.scheme, name.rstrip(".").encode("idna").decode().lower(), port or PORTS[parts.scheme])


def is_internal(host: Host) -> bool:
    """Whether it may be anywhere in the network. Raises NotFetched for one that is not listed at all."""
    if host in _hosts(settings.IMPORT_INTERNAL_HOSTS):
        return True
    if host in _hosts(settings.IMPORT_HOSTS):
        return False
    port = "" if host.port == PORTS[host.scheme] else f":{host.port}"
    raise NotFetched(f"Files from {host.scheme}://{host.name}{port} are not allowed here.")


def _hosts(listed: list[str]) -> list[Host]:
    return [host_of(one, scheme="https") for one in listed]


def check_address(address: str) -> Host:
    """The host of an address from which files may be fetched. Raises NotFetched."""
    if not address.isascii() or not address.isprintable() or " " in address:
        raise NotFetched(
            "The address holds characters that no web address has. Write them as %20 and the like."
        )
    try:
        host = host_of(address)
    except ValueError as error:  # UnicodeError is one
        raise NotFetched(f"This is no address from which a file can be fetched: {error}") from error
    is_internal(host)
    return host


def resolved(host: Host) -> Addresses:
    """Where it is. Raises NotFetched, also when anything of it is where it may not be."""
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotFetched(f"There is no host {host.name}.") from error
    if not is_internal(host) and not all(is_public(str(address[4][0])) for address in found):
        raise NotFetched(f"{host.name} is not on the public internet.")
    return found


def is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in NAT64:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None:  # an address of the older kind in one of the newer
            return is_public(str(inside))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


class _Connection(http.client.HTTPConnection):
    """Leads to the addresses that were looked at, whatever the name means by now. `opened` is its socket, also once
    http.client has left it to the answer."""

    opened: socket.socket | None = None

    def __init__(self, host: Host, addresses: Addresses) -> None:
        super().__init__(host.name, host.port, timeout=SILENT_SECONDS)
        self.default_port = PORTS[host.scheme]
        self.secure = host.scheme == "https"
        self.addresses = addresses

    def connect(self) -> None:
        self.sock = self.opened = _connected(self.addresses)
        if self.secure:
            context = ssl.create_default_context()
            secured = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.opened = secured
            secured.do_handshake()

    def cut(self) -> None:
        """From another thread: whatever waits for a byte waits no longer."""
        if self.opened:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(self.opened, socket.SHUT_RDWR)


def _connected(addresses: Addresses) -> socket.socket:
    *others, last = addresses
    for family, kind, protocol, _, where in others:
        try:
            return _to(family, kind, protocol, where)
        except OSError:
            continue
    family, kind, protocol, _, where = last
    return _to(family, kind, protocol, where)


def _to(family: int, kind: int, protocol: int, where: Any) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    made.settimeout(SILENT_SECONDS)
    try:
        made.connect(where)
    except OSError:
        made.close()
        raise
    return made


@dataclass(frozen=True)
class Fetched:
    name: str  # of the file
    pieces: Iterator[bytes]


@contextmanager
def fetched(address: str, *, seconds: float = SECONDS) -> Iterator[Fetched]:
    """The file at a web address, while it comes. Raises NotFetched, also from among the pieces."""
    time_limit = _TimeLimit(seconds)
    host = check_address(address)
    addresses = resolved(host)
    for _ in range(REDIRECTS + 1):
        with closing(_Connection(host, addresses)) as connection, time_limit.of(connection):
            with time_limit.saying():
                answer = _ask(connection, address)
            time_limit.check()  # a heading that was cut off reads like one that is whole
            with closing(answer):
                if answer.status not in {301, 302, 303, 307, 308}:
                    yield Fetched(_name(address), _pieces(answer, time_limit))
                    return
                address = _next(answer, address, host)
    raise NotFetched("The host sends us from one address to another, without end.")


def _ask(connection: _Connection, address: str) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    wanted = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Clientele"}
    connection.request("GET", wanted, headers=headers)
    return connection.getresponse()


def _next(answer: http.client.HTTPResponse, address: str, host: Host) -> str:
    """Where a redirect leads: elsewhere at the same host, and nowhere else."""
    try:
        wanted = urljoin(address, answer.headers.get("Location", ""))
    except ValueError as error:
        raise NotFetched(f"{host.name} sends us on to what is no address.") from error
    if check_address(wanted) != host:
        raise NotFetched(f"{host.name} sends us on to another host, and we don't follow.")
    return wanted


def _pieces(answer: http.client.HTTPResponse, time_limit: _TimeLimit) -> Iterator[bytes]:
    if answer.status != 200:
        raise NotFetched(f"The host answers {answer.status} ({answer.reason or 'without a word'}).")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise NotFetched("The host packs the file, though we asked it not to.")
    length = answer.length
    if length is None and not answer.chunked:
        raise NotFetched(
            "The host doesn't say how long the file is, so that nobody knows whether it came whole."
        )
    most, size = int(settings.IMPORT_MAX_BYTES), 0
    with time_limit.saying():
        while piece := answer.read1(PIECE):
            size += len(piece)
            if max(size, length or 0) > most:
                raise NotFetched(f"The file has more than the {most:,} bytes that can be imported.")
            yield piece
        if length is not None and size != length:
            raise http.client.IncompleteRead(b"", length - size)


class _TimeLimit:
    """For all of it. At its end the connection is cut, whatever it is at: a host can take its time with every byte."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    @contextmanager
    def of(self, connection: _Connection) -> Iterator[None]:
        timer = threading.Timer(max(self.end - time.monotonic(), 0), connection.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def check(self, error: Exception | None = None) -> None:
        """Raises NotFetched when it is over."""
        if time.monotonic() >= self.end:
            raise NotFetched(f"The file did not come within {self.seconds:g} seconds.") from error

    @contextmanager
    def saying(self) -> Iterator[None]:
        """What goes wrong on the way, in words."""
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            self.check(error)
            if isinstance(error, http.client.IncompleteRead):
                raise NotFetched("The file broke off before its end.") from error
            raise NotFetched(f"The file could not be fetched: {_in_words(error)}") from error


def _in_words(error: OSError | http.client.HTTPException) -> str:
    """What went wrong, and what to do; what the system says of it in brackets."""
    match error:
        case ssl.SSLCertVerificationError():
            words = "the host’s certificate is not one to be trusted. Whoever runs the host has to renew it"
            return f"{words} ({error.verify_message})."
        case ssl.SSLError():
            words = "no secure connection to the host came about. Check whether the address begins with https"
        case ConnectionRefusedError():
            words = "the host takes no connection there. Check the address with its port, and that the web server runs"
        case TimeoutError():
            words = f"the host did not answer within {SILENT_SECONDS} seconds. Check that it can be reached"
        case ConnectionError():  # http.client.RemoteDisconnected is one
            words = "the host ended the connection. Try again, or ask whoever runs the host"
        case OSError():
            words = "the host can’t be reached. Check the address, and the network of the server"
        case _:
            words = "the host does not answer as a web server does. Check the address with its port"
    said = getattr(error, "strerror", None) or type(error).__name__
    return f"{words} ({said})."


def _name(address: str) -> str:
    parts: SplitResult = urlsplit(address)
    return unquote(parts.path.rpartition("/")[2]) or parts.netloc
