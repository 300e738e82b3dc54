"""The read model's tables: rows and position together, one reader at a time, one ledger, one version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text, update

from contracts import grievance as g
from ledger.log import TopicPartition
from runtime.chain import UnknownVersionError
from services.projections.database import ReadModelError, ReadModelUnavailableError
from services.projections.fold import admit
from services.projections.rows import CaseRow
from services.projections.schema import CHANGING, PROJECTION_VERSION, READ_MODEL, ROWS, tables_of
from services.projections.store import (
    ForeignReadModelError,
    GenerationChangedError,
    OutdatedReadModelError,
    Place,
    PositionMovedError,
    ReadModel,
)
from tests.projections.conftest import OpenModel
from tests.projections.following import cases, follow, rows
from tests.projections.forging import forge
from tests.support.ledger import SEALED, DemoLedger

GRIEVANCES = "grievance"


def demo_with_cases(count: int = 3) -> DemoLedger:
    """A ledger with some accepted cases."""
    demo = DemoLedger()
    for _ in range(count):
        demo.submit(g.AcceptV1(), subject=demo.lodge(title=SEALED))
    return demo


def test_columns_follow_the_rows() -> None:
    """Every field of a row class is a column of its table, in the same order, before any other."""
    for name, row in ROWS.items():
        columns = tuple(column.name for column in tables_of(1).named(name).columns)
        assert columns[: len(row._fields)] == row._fields
    assert set(CHANGING) < set(CaseRow._fields)


@pytest.mark.parametrize("portion", [1, 4, 1000])
def test_position_says_what_is_folded(open_model: OpenModel, portion: int) -> None:
    """After following the log, the position names the end of both topics and the last decision's hash."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    follow(model, demo, portion)
    for (family, number), partition in demo.partitions.items():
        position = model.positions().at[Place(family, number)]
        assert position.events_offset == position.decided_through == partition.next_offset
        assert (position.previous, position.now_ms) == (partition.chain.previous, partition.now)
    assert len(cases(model)) == 3
    assert len(rows(model, "decisions")) == sum(1 for _ in demo.decisions())


def test_the_loser_of_a_race_changes_nothing(open_model: OpenModel) -> None:
    """Records that another reader has folded since the position was read are not folded again."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    before = model.positions()
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    follow(model, demo)
    stand = {name: rows(model, name) for name in ROWS}
    with pytest.raises(PositionMovedError):
        model.advance(before.generation, before.at[place], demo.events(*place), 0)
    assert stand == {name: rows(model, name) for name in ROWS}


def test_rows_and_position_change_together(open_model: OpenModel) -> None:
    """A transaction that fails after its rows were written leaves neither rows nor position."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    with model.engine.begin() as connection:
        connection.execute(text("DROP TABLE g1_case_events"))
    start = model.positions().at[place]
    with pytest.raises(Exception, match="g1_case_events"):
        model.advance(1, start, demo.events(*place), 0)
    assert model.positions().at[place] == start
    assert rows(model, "decisions") == []


def test_records_of_another_chain_are_ignored_and_counted(open_model: OpenModel) -> None:
    """Retries, losers of a race and rubbish on the events partition change only the position."""
    demo = demo_with_cases(1)
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    first, second = demo.events(*place)
    for value in (first.value, b"rubbish", None, second.value):
        demo.put("grievance.events", place.partition, value)
    model = open_model(demo.ledger)
    follow(model, demo)
    position = model.positions().at[place]
    assert (position.events_offset, position.decided_through, position.ignored) == (6, 2, 4)


def test_the_rules_in_force_are_kept_with_the_position(open_model: OpenModel) -> None:
    """Read record by record, a decision under the rules before an activation is ignored after it."""
    demo = demo_with_cases(1)
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    forge(demo, [{"type": "control.rules_activated.v1", "data": {"rules": "grievance-2"}}])
    model = open_model(demo.ledger)
    follow(model, demo, portion=1)
    activated = model.positions().at[place]
    for rules, taken in (("grievance-1", 0), ("grievance-2", 1)):
        forge(demo, [], rules=rules)
        record = demo.records[TopicPartition("grievance.events", place.partition)].pop()
        _, after = admit(activated, [record])
        assert after.decided_through == activated.decided_through + taken


def test_a_version_to_come_stops_the_read_model_where_it_is(open_model: OpenModel) -> None:
    """A decision of an unknown version in the next place is no rubbish: nothing after it is taken."""
    demo = demo_with_cases(1)
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    model = open_model(demo.ledger)
    follow(model, demo)
    before = model.positions().at[place]
    forge(demo, [{"type": "grievance.shouted.v1", "data": {}}])
    with pytest.raises(UnknownVersionError, match="update"):
        follow(model, demo)
    assert model.positions().at[place] == before


def test_the_end_of_submissions_is_noted(open_model: OpenModel) -> None:
    """How far submissions reach is kept beside the position, and never goes back."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    place = Place(GRIEVANCES, 3)
    model.note_ends(1, {place: 9})
    model.note_ends(1, {place: 4})
    assert model.positions().ends[place] == 9


def test_another_ledger_is_refused(open_model: OpenModel) -> None:
    """A database with the read model of one ledger is not opened for another, and the sentence says so."""
    open_model(DemoLedger().ledger)
    with pytest.raises(ForeignReadModelError, match="another database"):
        open_model(DemoLedger(name="led_other0000").ledger)


def test_another_version_asks_for_a_rebuild(open_model: OpenModel) -> None:
    """A read model of other software is refused with the command that helps, unless that is under way."""
    demo = DemoLedger()
    model = open_model(demo.ledger)
    with model.engine.begin() as connection:
        connection.execute(update(READ_MODEL).values(projection_version=PROJECTION_VERSION + 1))
    with pytest.raises(OutdatedReadModelError, match="barograph rebuild"):
        open_model(demo.ledger)
    with pytest.raises(OutdatedReadModelError):
        model.positions()
    open_model(demo.ledger, outdated=True)


def test_writing_into_a_replaced_generation_is_refused(open_model: OpenModel) -> None:
    """A reader of the log that holds an old generation learns that another is in force."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
    with pytest.raises(GenerationChangedError):
        model.advance(2, model.positions().at[place], demo.events(*place), 0)


def test_an_unreachable_database_is_explained(tmp_path: Path) -> None:
    """A server that is not there, or a folder that is not, gives a sentence and no traceback of SQL."""
    ledger = DemoLedger().ledger
    for address in (
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
        f"sqlite:///{tmp_path}/none/model.sqlite",
    ):
        with pytest.raises(ReadModelUnavailableError, match="does not answer"):
            ReadModel.open(address, ledger)


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_damaged_file_is_explained(open_model: OpenModel, tmp_path: Path) -> None:
    """A read model whose pages were overwritten says what to do instead of trying for ever."""
    demo = demo_with_cases()
    model = open_model(demo.ledger)
    follow(model, demo)
    model.close()
    file = tmp_path / "read-model.sqlite"
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(ReadModelError, match="delete it"):
        rows(model, "cases")


@pytest.mark.parametrize("address", ["", "mysql://host/db", "sqlite://", "model.sqlite"])
def test_another_kind_of_address_is_refused(address: str) -> None:
    """An address that names neither database is answered with the forms that do."""
    with pytest.raises(ReadModelError, match="sqlite:///FILE"):
        ReadModel.open(address, DemoLedger().ledger)


def test_a_file_of_other_software_is_left_alone(tmp_path: Path) -> None:
    """Neither the log nor a text file is taken for a read model, and both stay as they are."""
    other, words = tmp_path / "other.sqlite", tmp_path / "words.txt"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE things (thing)")
    connection.close()
    words.write_text("words " * 1000)
    for path in (other, words):
        before = path.read_bytes()
        with pytest.raises(ReadModelError, match="new file"):
            ReadModel.open(f"sqlite:///{path}", DemoLedger().ledger)
        assert path.read_bytes() == before
