"""Folding a ledger's records into a read model without a log, and looking at the rows."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from runtime.genesis import Ledger
from services.projections.fold import Cursor, Fold, first_position
from services.projections.rows import CaseEventRow, CaseRow, TableName
from services.projections.store import ReadModel
from tests.support.ledger import DemoLedger


def follow(model: ReadModel, demo: DemoLedger, portion: int = 1000) -> None:
    """Fold everything of the ledger that the read model does not have, so many records at a time."""
    positions = model.positions()
    for place, position in positions.at.items():
        at = position
        while records := demo.events(*place)[at.events_offset : at.events_offset + portion]:
            at = model.advance(positions.generation, at, records, at.decided_through + len(records))


def rows(model: ReadModel, name: TableName) -> list[dict[str, Any]]:
    """Every row of a table, in the order of its key."""
    return model.read(
        lambda connection, tables: [
            dict(row)
            for row in connection.execute(
                select(tables.named(name)).order_by(*tables.named(name).primary_key)
            ).mappings()
        ]
    )


def cases(model: ReadModel) -> dict[str, CaseRow]:
    """Every case by its id."""
    return {row["case_id"]: CaseRow(**row) for row in rows(model, "cases")}


class Folded(NamedTuple):
    """Rows that were folded in memory."""

    cases: dict[str, CaseRow]
    events: list[CaseEventRow]


def folded(demo: DemoLedger) -> Folded:
    """What the fold makes of the ledger, without any database."""
    found = Folded({}, [])
    for family, partition in demo.partitions:
        fold = Fold(family, partition)
        cursor = Cursor(first_position(family, partition, demo.ledger))
        for record in demo.events(family, partition):
            taken = cursor.take(record)
            if taken is not None:
                fold.take(taken)
        found.cases.update(fold.cases)
        found.events.extend(fold.events)
    return found


@contextlib.contextmanager
def sqlite_model(ledger: Ledger) -> Iterator[ReadModel]:
    """A read model in a temporary file, for a Hypothesis example."""
    with tempfile.TemporaryDirectory() as folder:
        model = ReadModel.open(f"sqlite:///{Path(folder, 'model.sqlite')}", ledger)
        try:
            yield model
        finally:
            model.close()


@contextlib.contextmanager
def followed(demo: DemoLedger, portion: int = 1000) -> Iterator[ReadModel]:
    """A read model in a temporary file that has followed the ledger to its end."""
    with sqlite_model(demo.ledger) as model:
        follow(model, demo, portion)
        yield model
