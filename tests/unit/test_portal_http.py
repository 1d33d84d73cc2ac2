from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from data.clock import Clock
from data.model import WorkspaceError
from data.portals.credentials import SecretHeader
from data.portals.errors import Ambiguous, NotSent, Retryable
from data.portals.http import Http
from data.portals.origin import PinnedTransport
from data.portals.secrets import Secret


class Peer:
    """A server that keeps what it was sent and answers what it is told."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
async def peer() -> AsyncIterator[tuple[Peer, str]]:
    made = Peer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/"
    server.close()


def client(url: str, ca_file: str | None = None) -> Http:
    return Http(url, SecretHeader(lambda: Secret("canary-token")), Clock(), deadline=3, ca_file=ca_file)


async def test_writes_open_a_connection_each_and_reads_share_one(peer: tuple[Peer, str]) -> None:
    server, url = peer
    http = client(url)
    for _ in range(3):
        await http.ask("POST", "/orders", content="{}")
    assert server.connections == 3
    for _ in range(3):
        await http.ask("GET", "/orders")
    assert server.connections == 4
    await http.close()


async def test_a_get_that_changes_something_is_a_write_and_a_post_that_only_reads_is_none(
    peer: tuple[Peer, str],
) -> None:
    server, url = peer
    http = client(url)
    for _ in range(2):
        await http.ask("GET", "/orders/1/cancel", writes=True)
    assert server.connections == 2
    for _ in range(2):
        await http.ask("POST", "/orders/search", content="{}", writes=False)
    assert server.connections == 3
    server.answer = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"
    with pytest.raises(Ambiguous):
        await http.ask("GET", "/orders/1/cancel", writes=True)
    with pytest.raises(Retryable):
        await http.ask("POST", "/orders/search", content="{}", writes=False)
    await http.close()


async def test_the_exact_text_the_secret_and_no_wish_for_compression_are_sent(peer: tuple[Peer, str]) -> None:
    server, url = peer
    http = client(url)
    await http.ask("PUT", "/orders/{id}", {"id": "a/b?c#d"}, query={"x": "1 2"})
    head = server.requests[0].decode().lower()
    assert head.startswith("put /v1/orders/a%2fb%3fc%23d?x=1")
    assert "authorization: bearer canary-token\r\n" in head
    assert "accept-encoding: identity\r\n" in head
    await http.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate for 127.0.0.1 that nobody vouches for; its key is in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    path = tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    command = ["openssl", *words.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", f"{path}.key", "-out", path], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.key").read_bytes())
    return path


async def test_the_shell_s_proxy_and_certificates_are_not_believed(
    peer: tuple[Peer, str], certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    made = Peer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", peer[1])
    monkeypatch.setenv("HTTP_PROXY", peer[1])

    stranger = client(url)
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        await stranger.ask("POST", "/orders", content="{}")
    assert made.requests == []

    known = client(url, ca_file=str(certificate))
    assert (await known.ask("POST", "/orders", content="{}")).status == 200
    assert peer[0].connections == 0

    broken = client(url, ca_file=str(tmp_path / "missing.pem"))
    with pytest.raises(WorkspaceError, match=r"missing\.pem"):
        await broken.ask("GET", "/orders")
    for each in (stranger, known, broken):
        await each.close()
    server.close()


async def test_another_origin_never_sees_a_request(peer: tuple[Peer, str]) -> None:
    server, url = peer
    transport = PinnedTransport("https://warehouse.example", httpx.AsyncHTTPTransport())
    async with httpx.AsyncClient(transport=transport) as pinned:
        for elsewhere in (url, "http://warehouse.example", "https://warehouse.example:444", "https://warehouse.test"):
            with pytest.raises(NotSent, match="not the portal"):
                await pinned.get(elsewhere)
    assert server.connections == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n" + b"x" * 2_100_000,
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
    ],
)
async def test_a_reply_that_proves_nothing_makes_a_write_ambiguous(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    requests: list[bytes] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    http = client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(Ambiguous):
        await http.ask("POST", "/orders", content="{}")
    assert len(requests) == 1
    await http.close()
    server.close()
