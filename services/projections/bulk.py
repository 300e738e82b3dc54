"""Many rows at once into empty tables: COPY on PostgreSQL, executemany on SQLite.

Rows go as the tuples that they are, past SQLAlchemy; a second thread sends them while the next are folded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from psycopg import sql
from sqlalchemy import Engine, Table

from services.projections.rows import Row, TableName
from services.projections.schema import ROWS, Tables

_WAITING = 2
"""How many portions may wait for the database: more would only fill memory."""


class BulkWriter:
    """Writes portions of rows into one generation's tables, each portion in a transaction of its own.

    Errors of the database surface at a later call, or at the end. Owned by one thread.
    """

    def __init__(self, engine: Engine, tables: Tables) -> None:
        self._tables = tables
        self._pooled = engine.raw_connection()
        self._connection: Any = self._pooled.driver_connection
        self._insert = _copy if engine.dialect.name == "postgresql" else _insert
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bulk")
        self._waiting: deque[Future[None]] = deque()
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            while self._waiting and kind is None:
                self._waiting.popleft().result()
        finally:
            self._thread.shutdown(cancel_futures=True)
            self._pooled.invalidate() if kind is not None else self._pooled.close()

    def write(self, portion: Mapping[TableName, Sequence[Row]]) -> None:
        """Write these rows. The lists must not be changed afterwards."""
        count = sum(map(len, portion.values()))
        if not count:
            return
        self.rows += count
        self._waiting.append(self._thread.submit(self._write, portion))
        while len(self._waiting) > _WAITING:
            self._waiting.popleft().result()

    def _write(self, portion: Mapping[TableName, Sequence[Row]]) -> None:
        self._insert(
            self._connection, [(self._tables.named(n), n, rows) for n, rows in portion.items() if rows]
        )


_Portion = Sequence[tuple[Table, TableName, Sequence[Row]]]


def _copy(connection: Any, portion: _Portion) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, name, rows in portion:
            columns = sql.SQL(", ").join(map(sql.Identifier, ROWS[name]._fields))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
            with cursor.copy(statement) as copy:
                write_row = copy.write_row
                for row in rows:
                    write_row(row)


def _insert(connection: Any, portion: _Portion) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table, name, rows in portion:
            fields = ROWS[name]._fields
            places = ", ".join("?" * len(fields))
            # Names are those of this module's own schema.
            statement = f"INSERT INTO {table.name} ({', '.join(fields)}) VALUES ({places})"  # noqa: S608
            connection.executemany(statement, rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
