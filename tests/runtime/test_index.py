"""The stream index: it spares work, and whatever becomes of its file, no decision depends on it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import grievance as g
from ledger.log import Draft, Record
from runtime.index import EVERY, Entry, IndexInUseError, StreamIndex
from runtime.kernel import FamilyRules, Rules
from runtime.register_reader import RegisterReader
from runtime.worker import PartitionWorker
from services.grievance import domain
from services.grievance.case import is_open
from tests.runtime.test_worker_races import EVENTS, LEDGER, SUBMISSIONS, TROUBLE, log_of, work
from tests.support.given import BEGINNING, HANDLER, SEALED, day, lodge
from tests.support.histories import histories
from tests.support.memory_log import MemoryLog
from tests.support.partitions import HERE, body_of, case_of, decide_all, numbered, partition, say
from tests.support.workload import register_decisions

PLACES = st.integers(0, 2**20)
"""A byte of a file, modulo its length: no two SQLite files are the same, byte for byte."""

Tamper = Callable[[Path, st.DataObject], None]


def rules(open_one: Callable[[Any], bool] = is_open) -> FamilyRules:
    """The grievance rules, with another notion of what is open if need be."""
    return FamilyRules(
        "grievance", {"grievance-1": Rules("grievance-1", domain.decide, domain.evolve, open_one)}
    )


def reliable_log(records: Sequence[Record] = ()) -> MemoryLog:
    """A log with the register and these submissions, on which nothing goes wrong."""
    log = MemoryLog(unreliable="", trouble=())
    log.put("register.events", 0, [Draft(BEGINNING, b"-", value) for value in register_decisions()])
    log.put(*SUBMISSIONS, [Draft(*record[1:]) for record in records])
    return log


def worker_of(log: MemoryLog, index: StreamIndex | None, family: FamilyRules) -> PartitionWorker:
    """A worker of the community's partition."""
    return PartitionWorker(log, LEDGER, family, HERE, RegisterReader(log, LEDGER), lambda: day(1000), index)


async def held(worker: PartitionWorker) -> int:
    """How many streams the worker has in memory."""
    streams = (await worker.open()).streams
    assert isinstance(streams, dict)
    return len(streams)


def a_life(case: int, *, closed: bool) -> list[Record]:
    """A case from its lodging to its close, or left open."""
    name = f"case {case}"
    subject = case_of(name)
    commands = [g.AcceptV1(), g.ReplyV1(reply=SEALED), g.CloseV1(outcome="answered")]
    steps = [
        say(f"{name} {step}", body, by=HANDLER, subject=subject)
        for step, body in enumerate(commands if closed else commands[:1])
    ]
    return [say(name, lodge()), *steps]


def leave(path: Path, data: st.DataObject) -> None:
    """Do nothing."""
    del path, data


def delete(path: Path, data: st.DataObject) -> None:
    """Delete the file, and what belongs to it or not."""
    path.unlink(missing_ok=True)
    if data.draw(st.booleans()):
        wal(path).unlink(missing_ok=True)


def truncate(path: Path, data: st.DataObject) -> None:
    """Cut the file or its log short."""
    file = data.draw(st.sampled_from([path, wal(path)]))
    place = data.draw(PLACES)
    if file.exists():
        content = file.read_bytes()
        file.write_bytes(content[: place % (len(content) + 1)])


def overwrite(path: Path, data: st.DataObject) -> None:
    """Change some bytes in it."""
    file = data.draw(st.sampled_from([path, path, wal(path)]))
    changes = data.draw(st.lists(st.tuples(PLACES, st.integers(1, 255)), min_size=1, max_size=5))
    content = bytearray(file.read_bytes() if file.exists() else b"")
    # Most of a small SQLite file is empty: aim at what is not.
    used = [place for place, byte in enumerate(content) if byte]
    for place, change in changes if used else ():
        content[used[place % len(used)]] ^= change
    file.write_bytes(content)


def forget_an_entry(path: Path, data: st.DataObject) -> None:
    """Take a decision out of it, as a program might that knows its form."""
    change(path, "DELETE FROM decisions WHERE offset % ? = 0", data.draw(st.integers(1, 4)))


def move_an_entry(path: Path, data: st.DataObject) -> None:
    """Have it point elsewhere."""
    change(path, "UPDATE OR IGNORE decisions SET offset = offset + ?", data.draw(st.integers(-3, 3)))


def close_a_stream(path: Path, data: st.DataObject) -> None:
    """Have it say that no stream is open, or that one is that does not exist."""
    if data.draw(st.booleans()):
        change(path, "DELETE FROM open_streams")
    else:
        change(path, "INSERT OR IGNORE INTO open_streams VALUES ('grv_0')")


def take_anothers(path: Path, data: st.DataObject) -> None:
    """Put the index of another ledger, or of another partition, in its place."""
    delete(path, data)
    other = StreamIndex(path, data.draw(st.sampled_from(["other/grievance/4", f"{LEDGER.hash}/grievance/9"])))
    worker = worker_of(reliable_log(numbered(a_life(7, closed=True))), other, rules())
    asyncio.run(worker.catch_up())
    worker.close()


TAMPERS: list[Tamper] = [
    leave,
    leave,
    delete,
    truncate,
    overwrite,
    overwrite,
    forget_an_entry,
    move_an_entry,
    close_a_stream,
    take_anothers,
]


def wal(path: Path) -> Path:
    """Where SQLite keeps what it has not merged into the file yet."""
    return path.with_name(f"{path.name}-wal")


def change(path: Path, statement: str, *numbers: int) -> None:
    """Run a statement on the index, if it is one."""
    index = StreamIndex(path, "nobody")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_checked", lambda _connection: None)
        index.open()
    with index._writing() as connection:
        connection.execute(statement, numbers)
    index.close()


def leave_as_killed(worker: PartitionWorker, path: Path) -> None:
    """Have the files as they are when the process is killed at this point."""
    kept = path.parent / "kept"
    kept.mkdir()
    for file in (path, wal(path)):
        if file.exists():
            shutil.copy(file, kept / file.name)
    worker.close()
    for file in (path, wal(path)):
        file.unlink(missing_ok=True)
        if (kept / file.name).exists():
            shutil.copy(kept / file.name, file)
    shutil.rmtree(kept)


@given(histories(max_size=30), st.sampled_from([is_open, lambda _: False]), st.data())
def test_no_decision_depends_on_the_index(
    records: list[Record], is_open: Callable[[Any], bool], data: st.DataObject
) -> None:
    """Deleted, damaged, stale or strange at any point: with the index the bytes are those without."""
    expected = decide_all(partition(), records)
    log = reliable_log()
    with TemporaryDirectory() as folder:
        path, older = Path(folder) / "index", Path(folder) / "older"
        family, owner = rules(is_open), f"{LEDGER.hash}/grievance/{HERE}"
        done = 0
        while done < len(records):
            worker = worker_of(log, StreamIndex(path, owner, data.draw(st.integers(1, 4))), family)
            upto = data.draw(st.integers(done + 1, len(records)))
            for record in records[done:upto]:
                log.put(*SUBMISSIONS, [Draft(*record[1:])])
                if data.draw(st.booleans()):
                    asyncio.run(worker.catch_up())
            asyncio.run(worker.catch_up())
            done = upto
            worker.close() if data.draw(st.booleans()) else leave_as_killed(worker, path)
            data.draw(st.sampled_from(TAMPERS))(path, data)
            match data.draw(st.sampled_from(["", "keep", "go back"])):
                case "keep" if path.exists():
                    shutil.copy(path, older)
                case "go back" if older.exists():
                    delete(path, data)
                    shutil.copy(older, path)
    assert [record.value for record in log.partitions[EVENTS]] == expected


@given(histories(max_size=15), TROUBLE)
def test_an_index_survives_failing_appends(records: list[Record], trouble: list[int]) -> None:
    """What is lost or not acknowledged never gets into the index as if it stood."""
    single = partition()
    decide_all(single, records)
    log = log_of(records, trouble)
    with TemporaryDirectory() as folder:
        worker = worker_of(log, StreamIndex(Path(folder) / "index", "me", every=1), rules(lambda _: False))
        asyncio.run(work(worker, failures=1000))
        worker.close()
        again = worker_of(log, StreamIndex(Path(folder) / "index", "me"), rules(lambda _: True))
        state = asyncio.run(again.open())
        again.close()
    assert state.chain.position() == single.chain.position()
    reader = worker_of(log, None, rules())
    assert asyncio.run(reader.open()).streams == single.streams


async def test_closed_streams_leave_memory_and_come_back(tmp_path: Path) -> None:
    """Only open streams are held and folded at a start; a closed one can be reopened, and knows its past."""
    lives = [a_life(case, closed=case % 10 != 0) for case in range(500)]
    log = reliable_log([step for life in lives for step in life])
    worker = worker_of(log, StreamIndex(tmp_path / "index", "me"), rules())
    await worker.catch_up()
    assert await held(worker) < 50 + EVERY
    worker.close()

    again = worker_of(log, StreamIndex(tmp_path / "index", "me"), rules())
    assert await held(again) == 50
    reopened = say("again", g.ReopenV1(note=SEALED), by=HANDLER, subject=case_of("case 3"))
    repeated = a_life(5, closed=True)[1]
    log.put(*SUBMISSIONS, [Draft(*reopened[1:]), Draft(*repeated[1:])])
    await again.catch_up()
    again.close()
    everything = [record.value for record in log.partitions[EVENTS]]
    assert everything == decide_all(partition(), log.partitions[SUBMISSIONS])
    assert [body_of(value or b"").outcome for value in everything[-2:]] == ["accepted", "duplicate"]


async def test_one_worker_at_a_time_has_the_index(tmp_path: Path) -> None:
    """A second worker on the same file works without it, and takes it over when the first has gone."""
    records = [step for case in range(20) for step in a_life(case, closed=True)]
    log = reliable_log(records)
    path = tmp_path / "index"
    first, second = (worker_of(log, StreamIndex(path, "me", every=1), rules()) for _ in range(2))
    await first.catch_up()
    await second.catch_up()
    assert await held(first) == 0
    assert await held(second) == 20
    with pytest.raises(IndexInUseError):
        StreamIndex(path, "me").open()
    first.close()
    second.close()
    await second.catch_up()
    assert await held(second) == 0
    second.close()


async def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    """Without a place for its index a worker folds and holds everything, and decides the same."""
    (tmp_path / "file").touch()
    log = reliable_log(a_life(1, closed=True))
    worker = worker_of(log, StreamIndex(tmp_path / "file" / "index", "me"), rules())
    assert await worker.catch_up() == 4
    values = [record.value for record in log.partitions[EVENTS]]
    assert values == decide_all(partition(), log.partitions[SUBMISSIONS])


async def test_an_index_that_fails_under_way_is_given_up(tmp_path: Path) -> None:
    """Where the file cannot be read or written any more, the worker goes on without it."""
    log = reliable_log(a_life(1, closed=True))
    index = StreamIndex(tmp_path / "index", "me", every=1)
    worker = worker_of(log, index, rules())
    await worker.catch_up()
    index.close()
    log.put(*SUBMISSIONS, [Draft(*step[1:]) for case in (2, 3) for step in a_life(case, closed=True)])
    await worker.catch_up()
    values = [record.value for record in log.partitions[EVENTS]]
    assert values == decide_all(partition(), log.partitions[SUBMISSIONS])
    assert not (tmp_path / "index").exists()


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    """What was entered is told again, stream by stream, in the order of the log."""
    worker = worker_of(reliable_log(a_life(1, closed=True)), StreamIndex(tmp_path / "index", "me"), rules())
    asyncio.run(worker.catch_up())
    worker.close()
    index = StreamIndex(tmp_path / "index", "me")
    checkpoint = index.open()
    assert checkpoint is not None
    assert checkpoint.position == checkpoint.next_offset == 4
    assert index.offsets([case_of("case 1"), "other"]) == {case_of("case 1"): [0, 1, 2, 3]}
    assert index.open_streams() == []
    more = [Entry(case_of("case 1"), 9), Entry("other", 5)]
    index.add(checkpoint._replace(position=10), more, ["other"], [])
    assert index.offsets([case_of("case 1")]) == {case_of("case 1"): [0, 1, 2, 3, 9]}
    assert index.open_streams() == ["other"]
    index.close()


async def test_a_partition_without_decisions_has_nothing_to_index(tmp_path: Path) -> None:
    """A worker that never decided anything leaves an index that the next one can start from."""
    log = reliable_log()
    for _ in range(2):
        worker = worker_of(log, StreamIndex(tmp_path / "index", "me"), rules())
        assert await worker.catch_up() == 0
        worker.close()
