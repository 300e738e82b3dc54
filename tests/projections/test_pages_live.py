"""The stream that tells open dashboards of changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from services.projections.live import Live, mark_of
from tests.projections.pages_house import (
    NEIGHBOUR,
    UNIT,
    House,
    open_case,
    opened_house,
)

SECONDS = 10.0
"""How long a test waits for what should come at once."""

EVENT = re.compile(r"event: changed\ndata: ([0-9a-f]{16})\nid: ([0-9a-f]{16})\n\n")


@pytest.fixture
async def house(staffed_home: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A copy of the home, with its pages, and somebody who follows the log."""
    async with opened_house(staffed_home, tmp_path) as opened:
        stop = asyncio.Event()
        following = asyncio.create_task(opened.projector.run(stop))
        yield opened
        opened.pages.close()
        stop.set()
        await following


@dataclass(slots=True)
class Stream:
    """An open event stream: what came on it so far."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    text: str = ""
    ended: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Message) -> None:
        """Take what the application sends."""
        async with self.changed:
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], dict(message["headers"])
            else:
                self.text += message.get("body", b"").decode()
                self.ended = not message.get("more_body", False)
            self.changed.notify_all()

    async def receive(self) -> Message:
        """Say nothing until the client goes away."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def events(self, count: int) -> list[str]:
        """The marks of the first so many events, once they have come."""
        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(lambda: len(EVENT.findall(self.text)) >= count)
        return [data for data, _ in EVENT.findall(self.text)]

    async def end(self) -> None:
        """Wait until the application has ended the stream."""
        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(lambda: self.ended)


@asynccontextmanager
async def streaming(house: House, path: str, last: str = "") -> AsyncIterator[Stream]:
    """A supervisor's event stream as the server runs it, which ends when the client leaves.

    `last`: the mark of the last event that the browser has seen.
    """
    visitor = house.visitor("supervisor")
    path, _, query = path.partition("?")
    told = {**visitor.headers, **({"Last-Event-ID": last} if last else {})}
    headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [*headers, (b"host", b"house.test")],
        "client": ("192.0.2.1", 40000),
        "server": ("house.test", 80),
    }
    stream = Stream()
    running = asyncio.create_task(house.app(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.gone.set()
        await asyncio.wait_for(running, SECONDS)
        await visitor.aclose()


async def stream_of(house: House) -> str:
    """The address of the stream that a dashboard names."""
    page = (await house.visit("supervisor", "/dashboard")).text
    return str(re.findall(r'data-live-source="([^"]*)"', page)[0].replace("&amp;", "&"))


def watchers() -> list[asyncio.Task[Any]]:
    """The tasks that watch the read model at the moment."""
    return [task for task in asyncio.all_tasks() if task.get_name() == "dashboard watcher"]


async def test_event_arrives_after_an_append(house: House) -> None:
    """A grievance that is lodged and decided makes an event on the stream of an open dashboard."""
    async with streaming(house, await stream_of(house)) as stream:
        await open_case(house)
        await stream.events(1)
        assert stream.status == 200
        assert stream.headers[b"content-type"].startswith(b"text/event-stream")


async def test_event_leads_to_new_figures(house: House) -> None:
    """Once the last event has come, the part of the page holds what was lodged."""
    async with streaming(house, await stream_of(house)) as stream:
        await open_case(house)
        expected = mark_of(house.model.positions(), [house.place()])
        async with asyncio.timeout(SECONDS):
            while (await stream.events(1))[-1] != expected:
                async with stream.changed:
                    await stream.changed.wait()
    part = (await house.visit("supervisor", "/dashboard/figures")).text
    assert "1 of 1 submissions on record are decided." in part


async def test_what_changed_before_is_told_at_once(house: House) -> None:
    """A dashboard that was rendered before a change, and follows only after it, hears of it."""
    address = await stream_of(house)
    await open_case(house)
    async with streaming(house, address) as stream:
        await stream.events(1)


async def test_nothing_is_told_while_nothing_changes(house: House) -> None:
    """A dashboard that shows the state of things gets no event; another one's change is the first."""
    live = Live(house.projector, house.model.positions)
    mark = await live.mark([house.place()])
    marks = live.follow([house.place()], mark)
    waiting = asyncio.ensure_future(anext(marks))
    await house.lodge(unit=NEIGHBOUR, by="neighbour", story="虚构")
    await open_case(house)
    assert house.place(UNIT) != house.place(NEIGHBOUR)
    async with asyncio.timeout(SECONDS):
        found = await waiting
        while found != await live.mark([house.place()]):
            found = await anext(marks)
    assert found != mark
    await marks.aclose()


async def test_reconnecting_browser_is_told_what_it_missed(house: House) -> None:
    """The mark that a browser sends back after a broken connection counts, not the one in the address."""
    address = await stream_of(house)
    await open_case(house)
    seen = mark_of(house.model.positions(), [house.place()])
    async with streaming(house, address) as stream:
        assert await stream.events(1) == [seen]
    async with streaming(house, address, last=seen) as again:
        await open_case(house)
        assert (await again.events(1))[0] != seen


@pytest.mark.parametrize("query", ["seen=<script>", "unit=demo&seen=" + "0" * 17])
async def test_bad_mark_is_refused(house: House, query: str) -> None:
    """What cannot be a mark is answered with 422."""
    assert (await house.visit("supervisor", f"/dashboard/stream?{query}")).status_code == 422


async def test_one_watcher_serves_all_dashboards(house: House) -> None:
    """However many dashboards are open, one task looks at the read model, and none when all are closed."""
    address = await stream_of(house)
    await open_case(house)
    async with streaming(house, address) as first, streaming(house, address) as second:
        await first.events(1)
        await second.events(1)
        watching = watchers()
        assert len(watching) == 1
    await asyncio.wait(watching, timeout=SECONDS)
    assert watchers() == []


async def test_streams_end_when_the_server_stops(house: House) -> None:
    """Closing the pages ends every open stream, and later ones at once."""
    address = await stream_of(house)
    async with streaming(house, address) as stream:
        async with asyncio.timeout(SECONDS), stream.changed:
            await stream.changed.wait_for(lambda: stream.status == 200)
        house.pages.close()
        await stream.end()
    async with streaming(house, address) as late:
        await late.end()
