"""Files from web addresses: what comes, and everything that is not asked for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings

from imports import fetching
from imports.checks import check_sources
from imports.fetching import Host, NotFetched, check_address, fetched, host_of, is_public, resolved

SHEET = b"Name,Reference\nAlder Bikes,C-1\n"
Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server on this machine. `answers` says what it does at which path; `asked` is what it was asked for."""

    def __init__(self) -> None:
        site = self
        self.answers: dict[str, Answer] = {"/customers.csv": sends(SHEET)}
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.headers = dict(self.headers)
                site.answers[self.path.partition("?")[0]](self)
                self.close_connection = True

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        self.headers: dict[str, str] = {}
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


def sends(body: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    """An answer; with `length`, one that promises so many bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if "Transfer_Encoding" not in headers and length != -1:
            request.send_header("Content-Length", str(len(body) if length is None else length))
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture
def site(settings: LazySettings) -> Iterator[Site]:
    found = Site()
    settings.IMPORT_INTERNAL_HOSTS = [found.host]
    yield found
    found.server.shutdown()
    found.server.server_close()


def fetch(address: str, **options: Any) -> tuple[str, bytes]:
    with fetched(address, **options) as file:
        return file.name, b"".join(file.pieces)


def refusal(address: str, **options: Any) -> str:
    with pytest.raises(NotFetched) as refused:
        fetch(address, **options)
    return str(refused.value)


def test_a_file_comes_as_it_is(site: Site) -> None:
    assert fetch(f"{site.host}/customers.csv?key=a%20b&day=1#top") == ("customers.csv", SHEET)
    assert site.asked == ["/customers.csv?key=a%20b&day=1"]
    assert site.headers["Host"] == site.host.removeprefix("http://")
    assert site.headers["Accept-Encoding"] == "identity"


def test_it_comes_in_chunks_too(site: Site) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SHEET), SHEET)
    site.answers["/c"] = sends(body, Transfer_Encoding="chunked")
    assert fetch(f"{site.host}/c") == ("c", SHEET)


class TestWhole:
    """A part of a file is never taken for the file."""

    def test_one_that_breaks_off_is_refused(self, site: Site) -> None:
        site.answers["/c"] = sends(SHEET, length=len(SHEET) + 1)
        assert refusal(f"{site.host}/c") == "The file broke off before its end."

    def test_chunks_that_break_off_are_refused(self, site: Site) -> None:
        site.answers["/c"] = sends(b"%x\r\n%b\r\n" % (len(SHEET), SHEET), Transfer_Encoding="chunked")
        assert "broke off" in refusal(f"{site.host}/c")

    def test_one_whose_length_nobody_knows_is_refused(self, site: Site) -> None:
        site.answers["/c"] = sends(SHEET, length=-1)
        assert "nobody knows whether it came whole" in refusal(f"{site.host}/c")

    def test_one_that_is_packed_is_refused(self, site: Site) -> None:
        site.answers["/c"] = sends(SHEET, Content_Encoding="gzip")
        assert "packs the file" in refusal(f"{site.host}/c")

    @pytest.mark.parametrize("status", [204, 403, 404, 500])
    def test_a_page_that_says_no_is_no_file(self, site: Site, status: int) -> None:
        site.answers["/c"] = sends(b"" if status == 204 else b"no", status=status)
        assert f"The host answers {status}" in refusal(f"{site.host}/c")


class TestLimits:
    def test_one_that_says_it_is_too_large_is_not_read(self, site: Site, settings: LazySettings) -> None:
        settings.IMPORT_MAX_BYTES = 10
        assert "more than the 10 bytes" in refusal(f"{site.host}/customers.csv")

    def test_one_that_does_not_say_so_is_not_read_to_its_end(
        self, site: Site, settings: LazySettings
    ) -> None:
        settings.IMPORT_MAX_BYTES = 100_000
        sent = []

        def without_end(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Transfer-Encoding", "chunked")
            request.end_headers()
            while True:
                request.wfile.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
                sent.append(10_000)

        site.answers["/c"] = without_end
        assert "more than the 100,000 bytes" in refusal(f"{site.host}/c")

    def test_a_byte_now_and_then_does_not_hold_us_for_ever(self, site: Site) -> None:
        def slowly(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            for _ in range(100):
                request.wfile.write(b"x")
                request.wfile.flush()
                time.sleep(0.1)

        site.answers["/c"] = slowly
        started = time.monotonic()
        assert refusal(f"{site.host}/c", seconds=0.5) == "The file did not come within 0.5 seconds."
        assert time.monotonic() - started < 5

    def test_nor_does_a_heading_without_end(self, site: Site) -> None:
        def slowly(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            for _ in range(100):
                request.wfile.write(b"x")
                request.wfile.flush()
                time.sleep(0.1)

        site.answers["/c"] = slowly
        started = time.monotonic()
        assert "did not come within" in refusal(f"{site.host}/c", seconds=0.5)
        assert time.monotonic() - started < 5


class TestRedirects:
    def test_one_to_the_same_host_is_followed(self, site: Site) -> None:
        site.answers["/latest"] = sends(b"", status=302, Location="/customers.csv")
        assert fetch(f"{site.host}/latest") == ("customers.csv", SHEET)

    def test_one_to_another_host_is_not(self, site: Site, settings: LazySettings) -> None:
        other = Site()
        for listed in ([site.host], [site.host, other.host]):  # not even to one that is listed
            settings.IMPORT_INTERNAL_HOSTS = listed
            for place in (
                f"{other.host}/customers.csv",
                f"//{other.host.removeprefix('http://')}/customers.csv",
            ):
                site.answers["/latest"] = sends(b"", status=307, Location=place)
                assert refusal(f"{site.host}/latest")
        assert other.asked == []
        other.server.shutdown()

    @pytest.mark.parametrize(
        "place", ["file:///etc/passwd", "ftp://127.0.0.1/", "https://127.0.0.1/", "//[", ""]
    )
    def test_one_to_something_else_is_not(self, site: Site, place: str) -> None:
        site.answers["/latest"] = sends(b"", status=302, Location=place)
        assert refusal(f"{site.host}/latest")

    def test_one_in_a_circle_ends(self, site: Site) -> None:
        site.answers["/a"] = sends(b"", status=302, Location="/a")
        assert "without end" in refusal(f"{site.host}/a")
        assert len(site.asked) == 4


class TestHosts:
    """Which hosts are asked at all."""

    @pytest.fixture(autouse=True)
    def _listed(self, settings: LazySettings) -> None:
        settings.IMPORT_HOSTS = ["files.example.com", "http://old.example.com", "files.example.com:8443"]
        settings.IMPORT_INTERNAL_HOSTS = ["erp.lan"]

    @pytest.mark.parametrize(
        ("address", "host"),
        [
            ("https://files.example.com/a.csv", Host("https", "files.example.com", 443)),
            ("HTTPS://FILES.example.com.:443/a.csv", Host("https", "files.example.com", 443)),
            ("https://files.example.com:8443/", Host("https", "files.example.com", 8443)),
            ("http://old.example.com/", Host("http", "old.example.com", 80)),
            ("https://erp.lan/a", Host("https", "erp.lan", 443)),
        ],
    )
    def test_listed_ones_may_be_asked(self, address: str, host: Host) -> None:
        assert check_address(address) == host

    @pytest.mark.parametrize(
        "address",
        [
            "https://example.com/",
            "https://files.example.com.evil.example/",
            "https://evil.example/files.example.com",
            "https://files.example.com@evil.example/",
            "https://me:secret@files.example.com/",
            "https://files.example.com:444/",
            "http://files.example.com/",  # not without encryption
            "https://old.example.com/",
            "http://erp.lan/",
            "ftp://files.example.com/",
            "file:///etc/passwd",
            "https:///a.csv",
            "https://files.example.com:port/",
            "https://files.example.com/a b",
            "https://files.example.com/a\r\nHost: evil.example",
            "https://[::1/",
            "https://ﬁles.example.com/",
            "files.example.com/a.csv",
            "",
        ],
    )
    def test_others_are_not(self, address: str) -> None:
        with pytest.raises(NotFetched):
            check_address(address)

    def test_without_a_list_nothing_is(self, settings: LazySettings) -> None:
        settings.IMPORT_HOSTS = settings.IMPORT_INTERNAL_HOSTS = []
        with pytest.raises(NotFetched):
            check_address("https://files.example.com/a.csv")

    def test_a_list_that_makes_no_sense_is_said_at_the_start(self, settings: LazySettings) -> None:
        assert check_sources(None) == []
        settings.IMPORT_HOSTS = ["ftp://files.example.com"]
        settings.IMPORT_FOLDERS = {"acme": "/no/such/folder"}
        assert [found.id for found in check_sources(None)] == ["imports.E001", "imports.W001"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),  # 93.184.215.14 behind NAT64
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_on_the_public_internet(address: str, public: bool) -> None:
    assert is_public(address) == public


class Names:
    """In place of the resolver: what a name means, one answer after another."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def __call__(self, name: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        found = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


class TestResolving:
    def test_a_listed_name_that_leads_inside_is_not_asked(
        self, site: Site, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = site.server.server_port
        settings.IMPORT_HOSTS, settings.IMPORT_INTERNAL_HOSTS = [f"http://files.example.com:{port}"], []
        for found in (["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["169.254.169.254"]):
            monkeypatch.setattr(socket, "getaddrinfo", Names(found))
            words = refusal(f"http://files.example.com:{port}/customers.csv")
            assert words == "files.example.com is not on the public internet."
        assert site.asked == []

    def test_one_that_is_listed_as_internal_is(
        self, site: Site, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = site.server.server_port
        settings.IMPORT_INTERNAL_HOSTS = [f"http://erp.lan:{port}"]
        monkeypatch.setattr(socket, "getaddrinfo", Names(["127.0.0.1"]))
        assert fetch(f"http://erp.lan:{port}/customers.csv")[1] == SHEET
        assert site.headers["Host"] == f"erp.lan:{port}"

    def test_the_connection_leads_to_what_was_looked_at(
        self, site: Site, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that means something else at the next moment: it is asked once, and redirects ask no more."""
        port = site.server.server_port
        settings.IMPORT_INTERNAL_HOSTS = [f"http://erp.lan:{port}"]
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        monkeypatch.setattr(socket, "getaddrinfo", names)
        site.answers["/latest"] = sends(b"", status=302, Location="/customers.csv")
        assert fetch(f"http://erp.lan:{port}/latest")[1] == SHEET
        assert len(names.answers) == 1

    def test_the_next_address_is_tried_where_one_is_deaf(
        self, site: Site, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = site.server.server_port
        settings.IMPORT_INTERNAL_HOSTS = [f"http://erp.lan:{port}"]
        monkeypatch.setattr(socket, "getaddrinfo", Names(["127.0.0.9", "127.0.0.1"]))
        assert fetch(f"http://erp.lan:{port}/customers.csv")[1] == SHEET

    def test_an_unknown_name_is_said_so(
        self, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unknown(*args: Any, **options: Any) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        settings.IMPORT_HOSTS = ["files.example.com"]
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(NotFetched, match=r"There is no host files\.example\.com\."):
            resolved(host_of("https://files.example.com/"))

    def test_a_host_that_is_away_is_said_so(self, site: Site) -> None:
        site.server.shutdown()
        site.server.server_close()
        said = refusal(f"{site.host}/customers.csv")
        assert said == (
            "The file could not be fetched: the host takes no connection there. Check the address with its port, and "
            "that the web server runs (Connection refused)."
        )

    def test_without_a_certificate_nothing_is_read(self, site: Site, settings: LazySettings) -> None:
        secure = site.host.replace("http:", "https:")
        settings.IMPORT_INTERNAL_HOSTS = [secure]
        said = refusal(f"{secure}/customers.csv")
        assert "could not be fetched: no secure connection to the host came about. Check" in said
        assert "Errno" not in said
        assert site.asked == []


def test_the_time_is_limited_for_all_files() -> None:
    assert 0 < fetching.SECONDS <= 600
