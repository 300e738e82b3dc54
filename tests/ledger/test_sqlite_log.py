"""What is particular to the log on SQLite: processes, disks, and files that are no logs."""
# ruff: noqa: ASYNC240 -- a test may prepare a small file while nothing else runs

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.log import Draft, ForeignLogError, LogUnavailableError, TopicPartition
from ledger.sqlite import SqliteLog
from ledger.sqlite_file import explain
from tests.ledger import appender
from tests.ledger.drafts import draft, read_all, records

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

LONG = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's log is."""
    return tmp_path / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteLog]:
    """An open log with topic "t" of one partition."""
    async with SqliteLog(path) as opened:
        await opened.create_topics({"t": 1})
        yield opened


def start_appender(path: Path, name: str, count: int, at_a_time: int) -> subprocess.Popen[str]:
    """Start tests/ledger/appender.py."""
    words = ["-m", appender.__name__, str(path), name, str(count), str(at_a_time)]
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, *words], cwd=root, stdout=subprocess.PIPE, text=True)


def acknowledged(output: str) -> dict[int, bytes]:
    """Offset to value of the appends that an appender has printed in whole lines."""
    lines = (line.split() for line in output.splitlines(keepends=True) if line.endswith("\n"))
    return {int(offset): text.encode() for offset, text in lines}


async def test_processes_append_to_one_file(log: SqliteLog, path: Path) -> None:
    """Appends by several processes get every offset once, and are found where they were acknowledged."""
    programs = [start_appender(path, f"process{number}", 150, 8) for number in range(3)]
    outputs = await asyncio.gather(*(asyncio.to_thread(program.communicate) for program in programs))
    assert [program.returncode for program in programs] == [0, 0, 0]
    kept: dict[int, bytes] = {}
    for output, _ in outputs:
        kept |= acknowledged(output)
    found = await read_all(log, "t", 0)
    assert [record.offset for record in found] == list(range(450))
    assert kept == {record.offset: record.value for record in found}


async def test_a_killed_process_loses_nothing_acknowledged(log: SqliteLog, path: Path) -> None:
    """After kill -9 in the midst of appending, each acknowledged record is there, and appending goes on."""
    with start_appender(path, "victim", 1_000_000, 16) as program:
        assert program.stdout
        lines = [await asyncio.to_thread(program.stdout.readline) for _ in range(100)]
        program.kill()
        lines.append(program.stdout.read())
    kept = acknowledged("".join(lines))
    assert len(kept) >= 100
    async with SqliteLog(path) as reopened:
        found = {record.offset: record.value for record in await read_all(reopened, "t", 0)}
        assert list(found) == list(range(len(found)))
        assert kept.items() <= found.items()
        assert await reopened.append("t", 0, [draft("next")]) == [len(found)]
    assert await log.end_offset("t", 0) == len(found) + 1


async def test_wait_hears_of_other_processes(log: SqliteLog, path: Path) -> None:
    """A wait is ended by an append of another process."""
    waiting = asyncio.create_task(log.wait({TopicPartition("t", 0): 0}, LONG))
    with start_appender(path, "other", 1, 1):
        assert await waiting


async def test_own_appends_end_a_wait_at_once(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait is ended by the handle's own append without a look for commits of others."""
    monkeypatch.setattr("ledger.sqlite._POLL_SECONDS", 1e6)
    waiting = asyncio.create_task(log.wait({TopicPartition("t", 0): 0}, LONG))
    await asyncio.sleep(0)
    await log.append("t", 0, [draft("a")])
    async with asyncio.timeout(LONG / 2):
        assert await waiting


async def test_appends_that_wait_share_a_commit(log: SqliteLog, path: Path) -> None:
    """Appends that have come while the writer was busy are committed together."""
    statements: list[str] = []
    session = log._session
    assert session
    session.writer._connection.set_trace_callback(statements.append)
    with locked(path):
        tasks = [asyncio.create_task(log.append("t", 0, [draft(f"number {n}")])) for n in range(100)]
        await asyncio.sleep(0)
    offsets = [offset for (offset,) in await asyncio.gather(*tasks)]
    assert sorted(offsets) == list(range(100))
    assert statements.count("COMMIT") <= 2


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's write lock, as a process that is slow would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield


async def test_a_locked_log_is_unavailable(path: Path) -> None:
    """While another process keeps the write lock too long appends fail, saying so; afterwards they work."""
    async with SqliteLog(path, busy_seconds=0.05) as log:
        await log.create_topics({"t": 1})
        with locked(path):
            with pytest.raises(LogUnavailableError, match="Another process"):
                await log.append("t", 0, [draft("a")])
            with pytest.raises(LogUnavailableError, match="Another process"):
                await log.create_topics({"u": 1})
            assert await log.read("t", 0, 0) == []
        assert await log.append("t", 0, [draft("b")]) == [0]


async def test_appending_goes_on_after_a_full_file(log: SqliteLog) -> None:
    """When there is no room appends fail, saying so, and leave nothing; with room again they work."""
    session = log._session
    assert session
    writer = session.writer._connection
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    big = [Draft(1, None, b"x" * 50_000)] * 10
    with pytest.raises(LogUnavailableError, match="is full; free some space"):
        await log.append("t", 0, big)
    results = await asyncio.gather(*(log.append("t", 0, big) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, LogUnavailableError) for result in results)
    assert await log.end_offset("t", 0) == 0
    writer.execute("PRAGMA max_page_count = 1000000")
    assert await log.append("t", 0, [draft("a"), draft("b")]) == [0, 1]
    assert await read_all(log, "t", 0) == records(0, [draft("a"), draft("b")])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("Only root, outside most containers, can mount a small file system.")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def fill(log: SqliteLog, kept: list[Draft]) -> None:
    """Append 10 MB in records of 50 KB, noting in `kept` what is acknowledged."""
    for number in range(200):
        one = Draft(number, None, bytes([number]) * 50_000)
        await log.append("t", 0, [one])
        kept.append(one)


async def test_appending_goes_on_after_a_full_disk(small_disk: Path) -> None:
    """On a disk that is really full, what was acknowledged stays, and once space is freed appends work."""
    (small_disk / "ballast").write_bytes(b"x" * 1_000_000)
    kept: list[Draft] = []
    async with SqliteLog(small_disk / "log.db") as log:
        await log.create_topics({"t": 1})
        with pytest.raises(LogUnavailableError, match=r"free space|is full"):
            await fill(log, kept)
        assert kept
        assert await read_all(log, "t", 0) == records(0, kept)
        (small_disk / "ballast").unlink()
        assert await log.append("t", 0, [draft("after")]) == [len(kept)]
    async with SqliteLog(small_disk / "log.db") as log:
        assert await read_all(log, "t", 0) == records(0, [*kept, draft("after")])


async def test_a_text_file_is_foreign(path: Path) -> None:
    """A file that is not SQLite raises ForeignLogError with a sentence, and stays as it is."""
    path.write_text("minutes of the meeting\n" * 100)
    with pytest.raises(ForeignLogError, match="not an SQLite file; give the address"):
        async with SqliteLog(path):
            pass
    assert path.read_text().startswith("minutes")


async def test_a_database_of_other_software_is_foreign(path: Path) -> None:
    """An SQLite file with tables of others raises ForeignLogError and gets no tables of ours."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE records (a)")
    before = path.read_bytes()
    with pytest.raises(ForeignLogError, match="other software"):
        async with SqliteLog(path):
            pass
    assert path.read_bytes() == before


async def test_a_log_of_a_newer_version_is_foreign(log: SqliteLog, path: Path) -> None:
    """A file in a shape of the future raises ForeignLogError that says which version to use."""
    assert await log.topics()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(ForeignLogError, match="shape 2"):
        async with SqliteLog(path):
            pass


async def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    """A path in a folder that does not exist raises LogUnavailableError saying what to check."""
    with pytest.raises(LogUnavailableError, match="check that its folder exists"):
        async with SqliteLog(tmp_path / "missing" / "log.db"):
            pass


async def test_a_damaged_file_is_unavailable(path: Path) -> None:
    """A log whose pages are overwritten raises LogUnavailableError when they are read."""
    async with SqliteLog(path) as log:
        await log.create_topics({"t": 1})
        await log.append("t", 0, [Draft(1, None, bytes(50_000))] * 20)
    content = bytearray(path.read_bytes())
    content[16384:] = b"\xff" * (len(content) - 16384)
    path.write_bytes(content)
    with pytest.raises(LogUnavailableError, match="damaged"):
        async with SqliteLog(path) as log:
            await log.read("t", 0, 0)


def test_a_read_only_file_is_explained(path: Path) -> None:
    """The error of a file that may not be written to becomes LogUnavailableError saying what to change."""
    path.touch()
    with (
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError) as raised,
    ):
        connection.execute("CREATE TABLE t (a)")
    told = explain(raised.value, path)
    assert isinstance(told, LogUnavailableError)
    assert "change its permissions" in str(told)


async def test_handles_that_create_the_file_at_once(path: Path) -> None:
    """Handles that open a new file at the same time all find the same log."""
    logs = [SqliteLog(path) for _ in range(8)]
    await asyncio.gather(*(log.__aenter__() for log in logs))
    await asyncio.gather(*(log.create_topics({"t": 2}) for log in logs))
    offsets = await asyncio.gather(*(log.append("t", 1, [draft("a")]) for log in logs))
    assert sorted(offset for (offset,) in offsets) == list(range(8))
    await asyncio.gather(*(log.__aexit__() for log in logs))


async def test_the_file_is_as_designed(log: SqliteLog, path: Path) -> None:
    """The file is in WAL mode with 16 KB pages, and a commit waits for the disk."""
    assert await log.topics()
    session = log._session
    assert session
    pragmas = {"journal_mode": "wal", "page_size": 16384, "synchronous": 2, "application_id": 0x4261726F}
    for name, value in pragmas.items():
        assert session.writer._connection.execute(f"PRAGMA {name}").fetchone() == (value,)
    assert path.with_name("log.db-wal").exists()


async def test_longer_records_are_read(log: SqliteLog, path: Path) -> None:
    """A record longer than this software would append is read whole."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO records VALUES (1, 0, 7, NULL, ?)", (b"x" * 1_000_000,))
        connection.commit()
    assert await log.read("t", 0, 0) == records(0, [Draft(7, None, b"x" * 1_000_000)])
