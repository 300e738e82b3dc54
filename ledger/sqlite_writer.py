"""The one thread that appends to an SQLite log: every append that waits goes into one commit."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.log import Draft, LogError, LogUnavailableError
from ledger.sqlite_file import connect, end_offset, explain

_COMMIT_BYTES = 8 * 1024 * 1024
"""A commit takes no further append once it holds this many bytes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One append: where to, what, and who waits for the offsets."""

    partition_id: int
    drafts: Sequence[Draft]
    offsets: asyncio.Future[list[int]]

    def size(self) -> int:
        """Bytes that the drafts take, roughly."""
        return sum(32 + len(draft.key or b"") + len(draft.value or b"") for draft in self.drafts)


class Writer:
    """Appends in commits of as many jobs as wait; `after_commit` runs in the loop after each."""

    def __init__(
        self,
        path: Path,
        busy_seconds: float,
        loop: asyncio.AbstractEventLoop,
        after_commit: Callable[[], None],
    ) -> None:
        """Connect and start the thread. Raises sqlite3.Error."""
        self._path = path
        self._loop = loop
        self._after_commit = after_commit
        self._connection = connect(path, busy_seconds)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._ended = False
        # A daemon, so that a log which nobody closed does not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"append to {path.name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; its future gets the offsets, or LogUnavailableError."""
        self._jobs.put(job)

    def close(self) -> None:
        """Append what is queued, then end the thread. Blocks; call it once, after the last submit."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while jobs := self._gather():
            self._deliver(jobs, self._commit(jobs))

    def _gather(self) -> list[Job]:
        """Block for one job, take the others that wait with it; nothing once the log is closed."""
        jobs: list[Job] = []
        size = 0
        while not self._ended and size < _COMMIT_BYTES:
            try:
                job = self._jobs.get(block=not jobs)
            except queue.Empty:
                break
            if job is None:
                self._ended = True
            else:
                jobs.append(job)
                size += job.size()
        return jobs

    def _commit(self, jobs: list[Job]) -> list[list[int]] | LogError:
        """Insert the drafts of all jobs in one transaction; return the offsets of each job."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            offsets = self._insert(jobs)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next append must find a thread.
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                return explain(error, self._path)
            return LogUnavailableError(f"Appending to {self._path} failed: {error!r}")
        return offsets

    def _insert(self, jobs: list[Job]) -> list[list[int]]:
        ends: dict[int, int] = {}
        offsets = []
        for job in jobs:
            first = ends.get(job.partition_id)
            if first is None:
                # Read inside the transaction: other processes append to the same file.
                first = end_offset(self._connection, job.partition_id)
            ends[job.partition_id] = first + len(job.drafts)
            self._connection.executemany(
                "INSERT INTO records VALUES (?, ?, ?, ?, ?)",
                (
                    (job.partition_id, offset, draft.timestamp, draft.key, draft.value)
                    for offset, draft in enumerate(job.drafts, first)
                ),
            )
            offsets.append(list(range(first, ends[job.partition_id])))
        return offsets

    def _roll_back(self) -> None:
        # SQLite has ended the transaction by itself after some errors, such as a full disk.
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _deliver(self, jobs: list[Job], outcome: list[list[int]] | LogError) -> None:
        # A loop that has been closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._resolve, jobs, outcome)

    def _resolve(self, jobs: list[Job], outcome: list[list[int]] | LogError) -> None:
        if isinstance(outcome, LogError):
            for job in jobs:
                if not job.offsets.done():
                    job.offsets.set_exception(type(outcome)(str(outcome)))
            return
        for job, offsets in zip(jobs, outcome, strict=True):
            if not job.offsets.done():
                job.offsets.set_result(offsets)
        self._after_commit()
