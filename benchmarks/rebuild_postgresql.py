"""The read model rebuilt into PostgreSQL, against COPY of the same rows into the same kind of tables."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier

from benchmarks.measure import Bench, Result, in_fresh_process, in_turns
from benchmarks.workload import decided_ledger
from ledger.open import open_log
from runtime.genesis import open_ledger
from services.projections.rebuild import rebuild
from services.projections.schema import ROWS
from services.projections.store import ReadModel
from tests.support.ledger import DemoLedger

SUBMISSIONS = 30_000


class Dump(NamedTuple):
    """The rows of one table, as COPY reads them."""

    name: str
    text: bytes


def rebuild_postgresql(bench: Bench) -> Result:
    """Rebuild from an SQLite log, beside the generation in force, and switch."""
    database, log = bench.postgresql(), f"sqlite:///{bench.folder / 'log.sqlite'}"
    in_fresh_process(_prepare, log, bench.count(SUBMISSIONS))
    rows, _ = in_fresh_process(_rebuild, log, database)
    dumps = _dump(database)
    bare: list[float] = []

    def rebuilt() -> float:
        written, seconds = in_fresh_process(_rebuild, log, database)
        assert written == rows, f"{written} rows of {rows}"
        return written / seconds

    def copied() -> float:
        bare.append(rows / _copy(database, dumps, indexed=False))
        return rows / _copy(database, dumps, indexed=True)

    sides = in_turns(bench.rounds, rebuilt, copied)
    without = median(bare)
    note = (
        f"{rows} rows; yardstick: COPY of their text into tables with the same keys and indices, in one "
        f"transaction; into tables with none {without:,.0f} rows/s, ratio {median(sides.values) / without:.2f}"
    )
    return sides.result("rows/s", note)


def _prepare(log: str, submissions: int) -> None:
    asyncio.run(_pour(decided_ledger(submissions), log))


async def _pour(demo: DemoLedger, address: str) -> None:
    async with open_log(address) as log:
        await demo.pour(log)


def _rebuild(log: str, database: str) -> tuple[int, float]:
    return asyncio.run(_rebuilt(log, database))


async def _rebuilt(log_address: str, database: str) -> tuple[int, float]:
    """How many rows a rebuild wrote, and the seconds from its start to the old generation's end."""
    async with open_log(log_address) as log:
        model = ReadModel.open(database, await open_ledger(log))
        try:
            began = time.perf_counter()
            built = await rebuild(log, model)
            return built.rows, time.perf_counter() - began
        finally:
            model.close()


def _connected(database: str) -> Connection:
    return connect(database.replace("+psycopg", "", 1), options="-c synchronous_commit=off")


def _dump(database: str) -> list[Dump]:
    """The rows of the generation in force; for each of its tables an empty one like it is kept."""
    with _connected(database) as connection:
        (generation,) = connection.execute("SELECT generation FROM read_model").fetchone() or (0,)
        return [_dumped(connection, f"g{generation}_{name}", name) for name in ROWS]


def _dumped(connection: Connection, table: str, name: str) -> Dump:
    names = {"table": Identifier(table), "like": Identifier(f"like_{name}")}
    connection.execute(SQL("CREATE TABLE {like} (LIKE {table} INCLUDING INDEXES)").format(**names))
    with connection.cursor().copy(SQL("COPY {table} TO STDOUT").format(**names)) as copy:
        return Dump(name, b"".join(bytes(part) for part in copy))


def _copy(database: str, dumps: Sequence[Dump], *, indexed: bool) -> float:
    """Seconds to make tables and COPY the rows into them in one transaction; the tables are not kept."""
    shape = SQL("INCLUDING INDEXES" if indexed else "")
    with _connected(database) as connection:
        names = [(Identifier(f"copy_{name}"), Identifier(f"like_{name}"), text) for name, text in dumps]
        began = time.perf_counter()
        for table, like, text in names:
            connection.execute(SQL("CREATE TABLE {} (LIKE {} {})").format(table, like, shape))
            with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(table)) as copy:
                copy.write(text)
        connection.commit()
        seconds = time.perf_counter() - began
        for table, _, _ in names:
            connection.execute(SQL("DROP TABLE {}").format(table))
    return seconds
