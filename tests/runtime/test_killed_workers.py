"""Real worker processes, killed and frozen at any point while submissions come: nothing is lost or twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ledger.log import EventLog
from ledger.open import open_log
from runtime.chain import Chain
from tests.support.partitions import HERE
from tests.support.workload import append, check, found_ledger, submissions, undecided

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0
CHUNK = 100


@dataclass(slots=True)
class Fleet:
    """Worker processes by name.

    They share a folder for derived files and, on Kafka, the partitions; or else each has an empty folder
    whenever it starts, and decides all partitions.
    """

    log_url: str
    folder: Path
    shared: bool = True
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    folders: dict[str, Path] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a worker."""
        group = "" if self.shared else uuid.uuid4().hex
        own = self.folder / group
        command = [sys.executable, "-m", "tests.support.worker_process", self.log_url, str(own)]
        with (self.folder / f"{name}.stderr").open("ab") as stderr:
            self.running[name] = subprocess.Popen(
                [*command, "--group", group], cwd=ROOT, stdin=subprocess.DEVNULL, stderr=stderr
            )
        self.folders[name] = own

    async def at_work(self, names: Iterable[str]) -> None:
        """Return when these workers have begun with the community's partition; fail at the deadline.

        That shows in the folder that each has for itself.
        """
        async with asyncio.timeout(DEADLINE):
            for name in names:
                while not (self.folders[name] / "index" / f"grievance-{HERE}.sqlite").exists():
                    self.expect_alive(name, self.running[name])
                    await asyncio.sleep(0.01)

    def kill(self, name: str) -> None:
        """End it without a warning."""
        process = self.running.pop(name)
        self.expect_alive(name, process)
        process.kill()
        process.wait()

    def freeze(self, name: str) -> None:
        """Stop it where it is."""
        os.kill(self.running[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        os.kill(self.running[name].pid, signal.SIGCONT)

    def stop(self) -> None:
        """End all politely, and see that they end well."""
        for process in self.running.values():
            process.terminate()
        for name, process in self.running.items():
            # One that has just been started does not listen yet, and is ended by the signal.
            assert process.wait(DEADLINE) in (0, -signal.SIGTERM), self.told(name)

    def expect_alive(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Fail where a worker ended by itself."""
        assert process.poll() is None, self.told(name)

    def told(self, name: str) -> str:
        """What a worker said on standard error."""
        return (self.folder / f"{name}.stderr").read_text()


@contextmanager
def fleet(log_url: str, folder: Path, *, shared: bool = True) -> Iterator[Fleet]:
    """A fleet of which nothing is left afterwards, whatever happens."""
    made = Fleet(log_url, folder, shared)
    try:
        yield made
    finally:
        for process in made.running.values():
            process.kill()
            process.wait()


@dataclass(slots=True)
class Watcher:
    """Waits for decisions."""

    log: EventLog
    reader: dict[int, tuple[Chain, int]] = field(default_factory=dict)

    async def at_most(self, count: int) -> None:
        """Return when no more than `count` submissions are undecided; fail at the deadline."""
        async with asyncio.timeout(DEADLINE):
            while await undecided(self.log, self.reader) > count:  # noqa: ASYNC110 - other processes decide
                await asyncio.sleep(0.002)


async def feed_and_kill(log: EventLog, workers: Fleet, seed: int) -> None:
    """Append 2,000 submissions; in the midst of every third chunk, kill a worker and start another.

    One worker is frozen for a while.
    """
    chance = random.Random(seed)
    watcher = Watcher(log)
    puts = submissions(2000, seed)
    frozen: str | None = None
    for at in range(0, len(puts), CHUNK):
        awake = [name for name in sorted(workers.running) if name != frozen]
        if not workers.shared:
            await workers.at_work(awake)
        await append(log, puts[at : at + CHUNK])
        await watcher.at_most(chance.randrange(1, CHUNK))
        match at // CHUNK:
            case 7:
                frozen = chance.choice(awake)
                workers.freeze(frozen)
            case 11 if frozen is not None:
                workers.thaw(frozen)
                frozen = None
            case number if number % 3 == 0:
                name = chance.choice(awake)
                workers.kill(name)
                workers.start(name)
    await watcher.at_most(0)


async def test_on_sqlite(tmp_path: Path) -> None:
    """Three processes on one SQLite file, killed and frozen in turn, give the chain of a single worker."""
    url = f"sqlite:///{tmp_path / 'log'}"
    async with open_log(url) as log:
        await found_ledger(log)
        with fleet(url, tmp_path) as workers:
            for name in ("one", "two", "three"):
                workers.start(name)
            await feed_and_kill(log, workers, seed=1)
            workers.stop()
        chains = await check(log)
    assert sum(map(len, chains.hashes.values())) == 2000


async def test_on_kafka_with_two_on_every_partition(kafka_bootstrap: str, tmp_path: Path) -> None:
    """Two Faust processes, each in a group of its own, so that both decide all, killed and frozen in turn."""
    prefix = f"test-{uuid.uuid4().hex}"
    url = f"kafka://{kafka_bootstrap}/{prefix}"
    async with open_log(url) as log:
        await found_ledger(log)
        with fleet(url, tmp_path, shared=False) as workers:
            for name in ("one", "two"):
                workers.start(name)
            await feed_and_kill(log, workers, seed=2)
            workers.stop()
        chains = await check(log)
    assert sum(map(len, chains.hashes.values())) == 2000
    assert chains.ignored > 0


async def test_on_kafka_with_one_group(kafka_bootstrap: str, tmp_path: Path) -> None:
    """Two Faust processes share the partitions: who is killed or frozen is replaced, and may come back."""
    prefix = f"test-{uuid.uuid4().hex}"
    url = f"kafka://{kafka_bootstrap}/{prefix}"
    puts = submissions(800, seed=3)
    async with open_log(url) as log:
        await found_ledger(log)
        watcher = Watcher(log)
        with fleet(url, tmp_path) as workers:
            workers.start("one")
            await append(log, puts[:200])
            await watcher.at_most(150)
            workers.start("two")
            await watcher.at_most(0)
            await append(log, puts[200:400])
            workers.freeze("one")
            await watcher.at_most(0)
            await append(log, puts[400:600])
            workers.thaw("one")
            await watcher.at_most(100)
            workers.kill("two")
            await append(log, puts[600:])
            await watcher.at_most(0)
            workers.stop()
        chains = await check(log)
    assert sum(map(len, chains.hashes.values())) == 800
