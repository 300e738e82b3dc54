"""What the read model knows of personal data: whose they are, what is held or erased, and who read them.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, or_, select

from contracts.figures import DONE, HIDDEN, SET_ASIDE
from services.projections.rows import CaseRow, PeopleEventRow, ReadingRow
from services.projections.schema import Tables
from services.projections.store import ReadModel

_KEYS_PER_QUERY = 1000
_ENDED = (*DONE, *SET_ASIDE, HIDDEN)


class Hold(NamedTuple):
    """A legal hold in force."""

    matter: str
    reason: str
    placed_by: str | None
    placed_at: int


class SubjectState(NamedTuple):
    """A data subject: the holds in force, when and why it was erased (None: it is not)."""

    subject: str
    unit: str
    holds: tuple[Hold, ...] = ()
    erased_at: int | None = None
    reason: str | None = None
    law: str | None = None


class DisclosureState(NamedTuple):
    """A disclosure: who asked for it, who granted it until when, and when it was ended."""

    disclosure: str
    unit: str
    case: str
    purpose: str
    asked_by: str
    asked_at: int
    granted_by: str | None = None
    until: int | None = None
    ended_at: int | None = None

    def in_force(self, now: int) -> bool:
        """Whether the asker may see the case's personal data at this time, in milliseconds."""
        return self.until is not None and now < self.until and self.ended_at is None


class RunState(NamedTuple):
    """A retention run; `size`: how many subjects are on its list."""

    run: str
    unit: str
    schedule: str
    until: int
    size: int
    listed: str
    proposed_by: str
    proposed_at: int
    confirmed_by: str | None = None
    confirmed_at: int | None = None


class Readings(NamedTuple):
    """The newest readings of a case or subject, and how many there are in all."""

    rows: tuple[ReadingRow, ...]
    total: int


def readings_of(model: ReadModel, about: Sequence[str], limit: int) -> Readings:
    """Who was shown personal data of these cases or subjects, the newest first."""

    def query(connection: Connection, tables: Tables) -> Readings:
        at = tables.readings.c
        where = at.about.in_(about)
        newest = (at.recorded_at.desc(), at.partition, at.submission_offset.desc(), at.number)
        rows = connection.execute(select(tables.readings).where(where).order_by(*newest).limit(limit))
        found = tuple(ReadingRow(*row) for row in rows)
        total = connection.execute(select(func.count()).select_from(tables.readings).where(where))
        return Readings(found, int(total.scalar_one()))

    return model.read(query)


def subject_states(model: ReadModel, subjects: Sequence[str]) -> Mapping[str, SubjectState]:
    """Whoever of these was ever held, corrected or erased."""
    rows: list[PeopleEventRow] = []
    for start in range(0, len(subjects), _KEYS_PER_QUERY):
        rows += model.read(partial(_of_streams, streams=subjects[start : start + _KEYS_PER_QUERY]))
    return _subjects(rows)


def subjects_of_units(model: ReadModel, units: Sequence[str]) -> Mapping[str, SubjectState]:
    """Everybody of these communities who was ever held, corrected or erased."""
    return _subjects(model.read(partial(_of_units, units=units, kind="sub")))


def disclosures_of(model: ReadModel, units: Sequence[str]) -> tuple[DisclosureState, ...]:
    """Every disclosure asked for in these communities, the newest first."""
    rows = model.read(partial(_of_units, units=units, kind="dsc"))
    return tuple(reversed(_disclosures(rows)))


def disclosures_about(model: ReadModel, case: str) -> tuple[DisclosureState, ...]:
    """Every disclosure of a case, the newest first."""

    def query(connection: Connection, tables: Tables) -> list[PeopleEventRow]:
        at = tables.people_events.c
        asked = select(at.stream).where(at.about == case, at.type == "people.disclosure_requested.v1")
        return _of_streams(connection, tables, [row.stream for row in connection.execute(asked)])

    return tuple(reversed(_disclosures(model.read(query))))


def runs_of(model: ReadModel, units: Sequence[str]) -> tuple[RunState, ...]:
    """Every retention run of these communities, the newest first."""
    return tuple(reversed(_runs(model.read(partial(_of_units, units=units, kind="ret")))))


def run_of(model: ReadModel, run: str) -> RunState | None:
    """A retention run by its id."""
    found = _runs(model.read(partial(_of_streams, streams=[run])))
    return found[0] if found else None


def cases_of(model: ReadModel, subject: str) -> tuple[CaseRow, ...]:
    """The cases that a subject lodged or is named in, or whose texts are under it, the oldest first."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseRow, ...]:
        at = tables.cases.c
        mine = or_(
            at.reporter == subject,
            at.story.contains(f'"{subject}"', autoescape=True),
            at.others.contains(subject, autoescape=True),
        )
        rows = connection.execute(
            select(tables.cases).where(mine).order_by(at.lodged_at, at.recorded_at, at.case_id)
        )
        return tuple(CaseRow(*row) for row in rows)

    return model.read(query)


def ended_cases(model: ReadModel, unit: str) -> tuple[CaseRow, ...]:
    """The cases of a community that are over, the oldest first."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseRow, ...]:
        at = tables.cases.c
        where = (at.unit == unit, at.status.in_(_ENDED))
        rows = connection.execute(select(tables.cases).where(*where).order_by(at.lodged_at, at.case_id))
        return tuple(CaseRow(*row) for row in rows)

    return model.read(query)


def open_reporters(model: ReadModel, unit: str) -> frozenset[str]:
    """The subjects who have a case in this community that is not over."""

    def query(connection: Connection, tables: Tables) -> frozenset[str]:
        at = tables.cases.c
        where = (at.unit == unit, at.status.not_in(_ENDED), at.reporter.is_not(None))
        return frozenset(row.reporter for row in connection.execute(select(at.reporter).where(*where)))

    return model.read(query)


def case_subject(case: CaseRow) -> str | None:
    """The subject under whose key the texts of a case were lodged."""
    try:
        found = orjson.loads(case.story).get("subject")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def _of_streams(connection: Connection, tables: Tables, streams: Sequence[str]) -> list[PeopleEventRow]:
    return _ordered(connection, tables, tables.people_events.c.stream.in_(streams))


def _of_units(
    connection: Connection, tables: Tables, units: Sequence[str], kind: str
) -> list[PeopleEventRow]:
    at = tables.people_events.c
    return _ordered(
        connection, tables, at.unit.in_(units) & at.stream.startswith(f"{kind}_", autoescape=True)
    )


def _ordered(connection: Connection, tables: Tables, where: Any) -> list[PeopleEventRow]:
    at = tables.people_events.c
    query = select(tables.people_events).where(where)
    query = query.order_by(at.recorded_at, at.partition, at.submission_offset, at.number)
    return [PeopleEventRow(*row) for row in connection.execute(query)]


def _subjects(rows: Iterable[PeopleEventRow]) -> Mapping[str, SubjectState]:
    holds: defaultdict[str, dict[str, Hold]] = defaultdict(dict)
    found: dict[str, SubjectState] = {}
    for row in rows:
        data = orjson.loads(row.data)
        state = found.get(row.stream) or SubjectState(row.stream, row.unit)
        match _name(row):
            case "erased":
                told = {"erased_at": row.recorded_at, "reason": data["reason"], "law": data["law"]}
                state = state._replace(**told)
            case "hold_placed":
                hold = Hold(data["matter"], data["reason"], row.actor, row.recorded_at)
                holds[row.stream][hold.matter] = hold
            case "hold_lifted":
                holds[row.stream].pop(data["matter"], None)
        found[row.stream] = state
    return {name: state._replace(holds=tuple(holds[name].values())) for name, state in found.items()}


def _disclosures(rows: Iterable[PeopleEventRow]) -> list[DisclosureState]:
    found: dict[str, DisclosureState] = {}
    for row in rows:
        data, known = orjson.loads(row.data), found.get(row.stream)
        match _name(row):
            case "disclosure_requested":
                asked = (row.stream, row.unit, data["case"], data["purpose"], data["asked_by"])
                found[row.stream] = DisclosureState(*asked, row.recorded_at)
            case "disclosure_granted" if known:
                found[row.stream] = known._replace(granted_by=row.actor, until=data["until"])
            case "disclosure_ended" if known:
                found[row.stream] = known._replace(ended_at=row.recorded_at)
    return list(found.values())


def _runs(rows: Iterable[PeopleEventRow]) -> list[RunState]:
    found: dict[str, RunState] = {}
    for row in rows:
        data, known = orjson.loads(row.data), found.get(row.stream)
        match _name(row):
            case "retention_proposed":
                found[row.stream] = RunState(
                    run=row.stream,
                    unit=row.unit,
                    schedule=data["schedule"],
                    until=data["until"],
                    size=data["count"],
                    listed=data["listed"],
                    proposed_by=data["proposed_by"],
                    proposed_at=row.recorded_at,
                )
            case "retention_confirmed" if known:
                found[row.stream] = known._replace(confirmed_by=row.actor, confirmed_at=row.recorded_at)
    return list(found.values())


def _name(row: PeopleEventRow) -> str:
    return row.type.split(".")[1]
