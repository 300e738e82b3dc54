"""The read model: whose it is, which generation is in force, and how it moves on with the log.

Every method blocks: an event loop calls them in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from contracts.topics import FAMILIES, partitions_of
from ledger.log import Record
from runtime.genesis import Ledger
from services.projections import writing as rows
from services.projections.database import (
    ReadModelError,
    ReadModelUnavailableError,
    cause,
    is_damage,
    is_outage,
    lock_shape,
    open_engine,
    snapshot,
    writing,
)
from services.projections.fold import Taken, admit, first_position, needs
from services.projections.rows import Position
from services.projections.schema import PROJECTION_VERSION, READ_MODEL, READ_UNTIL, Tables, tables_of

T = TypeVar("T")
_READ_ATTEMPTS = 5


class ForeignReadModelError(ReadModelError):
    """The database holds the read model of another ledger."""


class OutdatedReadModelError(ReadModelError):
    """The read model was made by another version of the software."""


class PositionMovedError(Exception):
    """Somebody else has folded these records: read the position again."""


class GenerationChangedError(Exception):
    """A rebuilt generation has taken the place of the one that was read: read the positions again."""


class Place(NamedTuple):
    """One partition of one family."""

    family: str
    partition: int


class Positions(NamedTuple):
    """Where a generation stands, place by place; `ends`: where each one's submissions ended at last."""

    generation: int
    at: dict[Place, Position]
    ends: dict[Place, int]


class ReadModel:
    """The read model of one ledger in one database. Safe to share between threads."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        self.engine = engine
        self.ledger = ledger

    @classmethod
    def open(cls, address: str, ledger: Ledger, *, outdated: bool = False) -> ReadModel:
        """Open the read model of this ledger, making an empty one where there is none.

        Raises ReadModelError for an address of another kind, ForeignReadModelError,
        OutdatedReadModelError unless `outdated` allows it (a rebuild then brings it up to date), and
        ReadModelUnavailableError.
        """
        model = cls(open_engine(address), ledger)
        try:
            model._prepare(outdated)
        except BaseException:
            model.close()
            raise
        return model

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def places(self) -> list[Place]:
        """Every partition of every family of the ledger."""
        genesis = self.ledger.genesis
        return [
            Place(family, partition)
            for family in FAMILIES
            for partition in range(partitions_of(family, genesis.partitions))
        ]

    def read(self, query: Callable[[Connection, Tables], T]) -> T:
        """Run a query in one snapshot of the generation in force.

        Once more where a rebuild drops that generation meanwhile. Raises ReadModelUnavailableError.
        """
        for attempt in range(_READ_ATTEMPTS):
            generation = 0
            try:
                with explained(), snapshot(self.engine).begin() as connection:
                    generation = current_generation(connection)
                    return query(connection, tables_of(generation))
            except (DBAPIError, ReadModelUnavailableError):
                if attempt == _READ_ATTEMPTS - 1 or not self._dropped(generation):
                    raise
        raise AssertionError

    def positions(self) -> Positions:
        """Where the generation in force stands."""
        return self.read(read_positions)

    def advance(
        self, generation: int, position: Position, records: Sequence[Record], submissions_end: int
    ) -> Position:
        """Fold the next records of an events partition; rows and position change in one transaction.

        Raises PositionMovedError, GenerationChangedError, ReadModelUnavailableError; then nothing changed.
        """
        taken, after = admit(position, records)
        with self._writing(generation) as (connection, tables):
            if not rows.move(connection, tables, position, after, submissions_end):
                raise PositionMovedError
            fold_into(connection, tables, position, taken)
        return after

    def note_ends(self, generation: int, ends: dict[Place, int]) -> None:
        """Note where submissions end. Raises GenerationChangedError, ReadModelUnavailableError."""
        with self._writing(generation) as (connection, tables):
            at = tables.positions.c
            for place, end in ends.items():
                where = (at.family == place.family, at.partition == place.partition, at.submissions_end < end)
                connection.execute(update(tables.positions).where(*where).values(submissions_end=end))

    def note_read(self, actor: str, until: Mapping[int, int]) -> None:
        """Note up to which submission of each partition a member of staff has read; never less than before.

        Raises ReadModelUnavailableError.
        """
        marks, dialect = READ_UNTIL, rows.dialect_of(self.engine.dialect.name)
        statement = dialect.insert(marks)
        sent, held = statement.excluded.submission_offset, marks.c.submission_offset
        statement = statement.on_conflict_do_update(
            index_elements=["actor", "partition"], set_={"submission_offset": sent}, where=sent > held
        )
        found = [
            {"actor": actor, "partition": partition, "submission_offset": offset}
            for partition, offset in until.items()
        ]
        if found:
            with explained(), writing(self.engine).begin() as connection:
                connection.execute(statement, found)

    @contextmanager
    def _writing(self, generation: int) -> Iterator[tuple[Connection, Tables]]:
        with explained(), writing(self.engine).begin() as connection:
            # The shared lock keeps a rebuild from switching before this transaction has ended.
            if current_generation(connection, lock=True) != generation:
                raise GenerationChangedError
            yield connection, tables_of(generation)

    def _dropped(self, generation: int) -> bool:
        with explained(), self.engine.begin() as connection:
            return current_generation(connection) != generation

    def _prepare(self, outdated: bool) -> None:
        with explained(), writing(self.engine).begin() as connection:
            lock_shape(connection)
            if not inspect(connection).has_table(READ_MODEL.name):
                READ_MODEL.create(connection)
            if not inspect(connection).has_table(READ_UNTIL.name):
                READ_UNTIL.create(connection)
            self._check_or_create(connection, outdated)

    def _check_or_create(self, connection: Connection, outdated: bool) -> None:
        found = connection.execute(select(READ_MODEL)).one_or_none()
        if found is None:
            make_tables(connection, self.ledger, self.places(), tables_of(1))
            make_indices(connection, tables_of(1))
            row = {
                "id": 1,
                "ledger": self.ledger.genesis.ledger,
                "genesis_hash": self.ledger.hash,
                "projection_version": PROJECTION_VERSION,
                "generation": 1,
                "last_generation": 1,
            }
            connection.execute(READ_MODEL.insert(), [row])
        elif (found.ledger, found.genesis_hash) != (self.ledger.genesis.ledger, self.ledger.hash):
            raise ForeignReadModelError(
                f"This database holds the read model of ledger {found.ledger}, not of "
                f"{self.ledger.genesis.ledger}: give the address of another database, or of an empty one."
            )
        elif not outdated:
            current_generation(connection)


def fold_into(connection: Connection, tables: Tables, position: Position, taken: Sequence[Taken]) -> None:
    """Fold decisions that stand at this position into the tables; the position row stays as it is."""
    if taken:
        fold = rows.load(connection, tables, position, needs(taken))
        for one in taken:
            fold.take(one)
        rows.save(connection, tables, fold)


def make_tables(connection: Connection, ledger: Ledger, places: Sequence[Place], tables: Tables) -> None:
    """Create the tables of a generation, empty, with every position at its start: `make_indices` follows."""
    for table in tables.metadata.sorted_tables:
        connection.execute(CreateTable(table))
    starts = [first_position(*place, ledger)._asdict() | {"submissions_end": 0} for place in places]
    connection.execute(tables.positions.insert(), starts)


def make_indices(connection: Connection, tables: Tables) -> None:
    """Create the indices of a generation's tables: the faster, the more rows are in them already."""
    for table in tables.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection)


def current_generation(connection: Connection, *, lock: bool = False) -> int:
    """The generation in force; `lock`: keep it in force until the transaction ends.

    Raises OutdatedReadModelError where its tables are of another version.
    """
    query = select(READ_MODEL.c.generation, READ_MODEL.c.projection_version)
    row = connection.execute(query.with_for_update(read=True) if lock else query).one()
    if row.projection_version != PROJECTION_VERSION:
        raise OutdatedReadModelError(
            f"The read model is of version {row.projection_version}, this software reads version "
            f"{PROJECTION_VERSION}: bring it up to date with 'barograph rebuild'."
        )
    return int(row.generation)


def read_positions(connection: Connection, tables: Tables) -> Positions:
    """Where this generation stands."""
    found = connection.execute(select(tables.positions)).all()
    at = {Place(row.family, row.partition): Position(*row[:-1]) for row in found}
    ends = {Place(row.family, row.partition): int(row.submissions_end) for row in found}
    return Positions(tables.generation, at, ends)


@contextmanager
def explained() -> Iterator[None]:
    """Turn a database error that may pass into ReadModelUnavailableError, damage into ReadModelError."""
    try:
        yield
    except DBAPIError as error:
        if is_damage(error):
            raise ReadModelError(
                "The read model's file is damaged: delete it, it is made again from the log."
            ) from error
        if not is_outage(error):
            raise
        raise ReadModelUnavailableError(
            f"The read model's database does not answer: see that it runs and has space ({cause(error)})."
        ) from error
