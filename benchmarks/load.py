"""A load generator: clients that post over connections which stay open, each as soon as it was answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx

from benchmarks.installation import PASSWORD, SIGN_IN

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_END = b"\r\n\r\n"


class Visit(NamedTuple):
    """A signed-in session: where, and the headers that show it."""

    host: str
    port: int
    cookie: str
    token: str


def sign_in(address: str) -> Visit:
    """Sign in as the clerk, as a browser does."""
    headers = {"Accept": "text/html"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
        form = {"name": SIGN_IN, "password": PASSWORD, "csrf": _token(client, "/sign-in")}
        client.post("/sign-in", data=form)
        token = _token(client, "/intake/grievances/new")
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return Visit(client.base_url.host, client.base_url.port or 80, cookie, token)


def _token(client: httpx.Client, path: str) -> str:
    return str(_TOKEN.findall(client.get(path).text)[-1])


def request(visit: Visit, path: str, key: str, body: bytes) -> bytes:
    """The bytes of one POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {visit.host}:{visit.port}\r\nCookie: {visit.cookie}\r\n"
        f"X-CSRF-Token: {visit.token}\r\nIdempotency-Key: {key}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def drive(visit: Visit, requests: list[bytes], clients: int) -> float:
    """Have so many clients post all of these; return how many a second were acknowledged (202)."""
    return asyncio.run(_drive(visit, requests, clients))


async def _drive(visit: Visit, requests: list[bytes], clients: int) -> float:
    connections = [await asyncio.open_connection(visit.host, visit.port) for _ in range(clients)]
    waiting = iter(requests)
    began = time.perf_counter()
    await asyncio.gather(*(_client(*connection, waiting) for connection in connections))
    seconds = time.perf_counter() - began
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()
    return len(requests) / seconds


async def _client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes]
) -> None:
    for sent in waiting:
        writer.write(sent)
        head = await reader.readuntil(_END)
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        assert head.startswith(b"HTTP/1.1 202 "), body
