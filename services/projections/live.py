"""Tells open dashboards that the read model has moved: one watcher for all of them in a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

import structlog

from contracts.base import sha256_hex
from services.projections.database import ReadModelError
from services.projections.projector import Projector
from services.projections.store import Place, Positions

PAUSE_SECONDS = 0.5
"""Between two looks: a dashboard hears of at most two changes in a second."""

_IDLE_SECONDS = 15.0


class Live:
    """Looks at the read model's positions while anybody follows them. Owned by one event loop."""

    def __init__(self, projector: Projector, positions: Callable[[], Positions]) -> None:
        """`positions` reads where the read model stands; it blocks."""
        self._projector = projector
        self._positions = positions
        self._latest: Positions | None = None
        self._changed = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._followers = 0
        self._closed = False

    async def mark(self, places: Iterable[Place]) -> str:
        """Where these places stand at the moment. Raises ReadModelError."""
        return mark_of(await asyncio.to_thread(self._positions), places)

    async def follow(self, places: Iterable[Place], seen: str = "") -> AsyncGenerator[str, None]:
        """Give the mark of these places whenever it is another than the last one that was `seen`.

        Ends when `close` is called.
        """
        wanted = frozenset(places)
        self._join()
        try:
            while not self._closed:
                changed = self._changed
                mark = seen if self._latest is None else mark_of(self._latest, wanted)
                if mark == seen:
                    await changed.wait()
                else:
                    seen = mark
                    yield mark
        finally:
            self._leave()

    def close(self) -> None:
        """End every stream: a server that stops waits for its open responses."""
        self._closed = True
        self._stop()
        self._tell()

    def _join(self) -> None:
        self._followers += 1
        if self._watcher is None and not self._closed:
            self._watcher = asyncio.create_task(self._watch(), name="dashboard watcher")

    def _leave(self) -> None:
        self._followers -= 1
        if self._followers == 0:
            self._stop()

    def _stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        self._latest = None

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _watch(self) -> None:
        seen = -1
        while True:
            version = await self._projector.wait_change(seen, _IDLE_SECONDS)
            try:
                self._latest = await asyncio.to_thread(self._positions)
                seen = version
            except ReadModelError as error:
                structlog.get_logger("live").warning("read model waits", reason=type(error).__name__)
            self._tell()
            await asyncio.sleep(PAUSE_SECONDS)


def mark_of(positions: Positions, places: Iterable[Place]) -> str:
    """A short text that differs where any of these places, or the generation, has moved."""
    known = sorted(place for place in places if place in positions.at)
    at = [f"{positions.at[place].decided_through}/{positions.ends[place]}" for place in known]
    return sha256_hex(f"{positions.generation} {' '.join(at)}".encode())[:16]
