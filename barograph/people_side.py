"""What follows upon commands on personal data, and what the command line asks about a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import structlog

from barograph import retention
from barograph.station import Station
from contracts.desk import INTERNAL
from contracts.people import telephone_handle
from contracts.personal import Sealed
from contracts.reference import LEDGER_UNIT
from ledger.log import LogError
from ledger.subject_keys import VaultError
from services.people.desk import PeopleDesk
from services.projections import aids, funds, helpings, mediations, place_queries, queries
from services.projections import people_queries as people
from services.projections.aid_rows import AidPersonRow, EntryRow
from services.projections.database import ReadModelError
from services.projections.helping_rows import HelpingPersonRow
from services.projections.mediation_rows import MediationPersonRow
from services.projections.place_rows import ResidentRow
from services.projections.rows import CaseEventRow, CaseRow
from services.projections.store import ReadModel


def lists_folder(station: Station) -> Path:
    """Where the lists of retention runs are kept."""
    return station.home.derived / "retention"


@dataclass(slots=True)
class Aftermath:
    """Destroys the keys of whom was just erased, and carries out a run that was just confirmed."""

    station: Station
    model: ReadModel
    desk: PeopleDesk
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, command: str, stream: str, actor: str) -> None:
        """See services.people.pages.Followed."""
        if command == "erase":
            await self.station.eraser.catch_up()
        elif command == "confirm_retention":
            task = asyncio.create_task(self._carry_out(stream, actor), name=f"retention {stream}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finished(self) -> None:
        """Wait until every confirmed run has been said to its end."""
        await asyncio.gather(*self._tasks)

    async def _carry_out(self, stream: str, actor: str) -> None:
        try:
            run = await asyncio.to_thread(people.run_of, self.model, stream)
            if run is not None:
                subjects = retention.listed(run, lists_folder(self.station))
                await retention.carry_out(self.desk, run, subjects, actor)
        except (LogError, VaultError, ReadModelError, retention.NoListError) as error:
            # Confirming it again carries it on.
            structlog.get_logger("retention").warning("run not carried out", reason=type(error).__name__)


def find_subject(station: Station, unit: str, telephone: str) -> str | None:
    """The subject who has this telephone in a community."""
    handle = telephone_handle(unit, telephone)
    return None if handle is None else station.vault.find(handle)


def unit_of(model: ReadModel, subject: str) -> str | None:
    """The community that a subject belongs to, as far as the read model knows. Blocks."""
    state = people.subject_states(model, [subject]).get(subject)
    if state is not None:
        return state.unit
    cases = people.cases_of(model, subject)
    lives = place_queries.residents_of(model, subject)
    takes_part = mediations.people_of(model, subject)
    helps = helpings.people_of(model, subject)
    asks = aids.people_of(model, subject)
    units = (one.unit for rows in (cases, lives, takes_part, helps, asks) for one in rows)
    return next(units, None) or _unit_of_gifts(model, subject)


def _unit_of_gifts(model: ReadModel, subject: str) -> str | None:
    """The unit to whose fund somebody gave."""
    streams = [one.fund_id for one in funds.gifts_of(model, subject)]
    return next((one.row.unit for one in funds.kept(model, streams).values()), None)


async def staff_subject(station: Station, subject: str) -> bool:
    """Whether the subject is a member of staff, whose data are the ledger's."""
    register = await station.register.catch_up()
    people_known = {held.person for held in register.appointments()}
    names = (register.person(person) for person in people_known)
    return any(one is not None and one.name.subject == subject for one in names)


async def home_of(station: Station, model: ReadModel, subject: str) -> str | None:
    """The unit under which a subject is erased: its community, or the ledger for staff."""
    found = await asyncio.to_thread(unit_of, model, subject)
    if found is None and await staff_subject(station, subject):
        return LEDGER_UNIT
    return found


def report_of(station: Station, model: ReadModel, subject: str) -> dict[str, Any]:
    """Everything on record about one subject, in plain where its keys are there. Blocks.

    Record the reading first. The texts of its cases are under keys of their own, and may be about others.
    """
    state = people.subject_states(model, [subject]).get(subject)
    cases = people.cases_of(model, subject)
    taken_part = [one.mediation_id for one in mediations.people_of(model, subject)]
    helps = helpings.people_of(model, subject)
    asked = aids.people_of(model, subject)
    streams = [*taken_part, *(one.stream_id for one in helps), *(one.request_id for one in asked)]
    about = [subject, *(case.case_id for case in cases), *streams]
    readings = people.readings_of(model, about, 10_000)
    return {
        "subject": subject,
        "erased": None if state is None or state.erased_at is None else state._asdict() | {"holds": None},
        "holds": [hold._asdict() for hold in state.holds] if state else [],
        "residences": [_residence(station, model, row) for row in place_queries.residents_of(model, subject)],
        "mediations": [_mediation(station, model, one) for one in mediations.people_of(model, subject)],
        "pairs_and_employment": [_helping(station, model, one) for one in helps],
        "aid": [_aid(station, model, one) for one in asked],
        "gifts": [_gift(station, model, one) for one in funds.gifts_of(model, subject)],
        "cases": [_case(station, model, case, subject) for case in cases],
        "readings": [row._asdict() for row in readings.rows],
    }


def _residence(station: Station, model: ReadModel, row: ResidentRow) -> dict[str, Any]:
    """Where somebody lives or lived, with what was told about them as a resident."""
    view = place_queries.household_by_id(model, row.household)
    told = {
        "address": view.household.address if view else None,
        "resident_name": row.resident_name,
        "telephone": row.telephone,
        "birth_year": row.birth_year,
    }
    plain = {name: _plain(station, name, orjson.loads(text)) for name, text in told.items() if text}
    return {"unit": row.unit, "state": row.state, "entered_at": row.entered_at, **plain}


def _mediation(station: Station, model: ReadModel, person: MediationPersonRow) -> dict[str, Any]:
    """A mediation that somebody had a part in: how it stands, and what is recorded under their own keys alone.

    What was said there is of all parties, and is asked for from the mediators.
    """
    row = mediations.by_id(model, person.mediation_id)
    events = mediations.events_of(model, person.mediation_id)
    return {
        "mediation_id": person.mediation_id,
        "unit": person.unit,
        "part": person.part,
        "started_at": row.started_at if row else None,
        "status": row.status if row else None,
        "outcome": row.outcome if row else None,
        "data": _own(station, events, person.subject),
    }


def _helping(station: Station, model: ReadModel, person: HelpingPersonRow) -> dict[str, Any]:
    """A pair or an employment case that names somebody: what is recorded under their own keys alone."""
    events = helpings.events_of(model, person.stream_id)
    data = _own(station, events, person.subject)
    return {"stream_id": person.stream_id, "unit": person.unit, "part": person.part, "data": data}


def _gift(station: Station, model: ReadModel, entry: EntryRow) -> dict[str, Any]:
    """What somebody gave to a fund, with what is recorded under their own keys alone."""
    event = funds.event_of(model, entry)
    data = _own(station, [event], entry.donor or "") if event else {}
    return {"number": entry.nth, "amount": entry.amount, "given_at": entry.at, "data": data}


def _aid(station: Station, model: ReadModel, person: AidPersonRow) -> dict[str, Any]:
    """An aid request that names somebody: how it stands, and what is recorded under their own keys alone."""
    row = aids.by_id(model, person.request_id)
    data = _own(station, aids.events_of(model, person.request_id), person.subject)
    standing = {"programme": row.programme, "status": row.status, "paid": row.paid} if row else {}
    return {
        "request_id": person.request_id,
        "unit": person.unit,
        "part": person.part,
        **standing,
        "data": data,
    }


def _own(station: Station, events: Sequence[CaseEventRow], subject: str) -> dict[str, Any]:
    """What these events hold under the keys of a subject, in plain."""
    told: dict[str, Any] = {}
    for event in events:
        for name, value in orjson.loads(event.data).items():
            if isinstance(value, dict) and value.get("subject") == subject:
                told[name] = _plain(station, name, value)
    return told


def _case(station: Station, model: ReadModel, case: CaseRow, subject: str) -> dict[str, Any]:
    view = queries.case_by_id(model, case.case_id)
    events = view.events if view else ()
    return {
        "case_id": case.case_id,
        "unit": case.unit,
        "status": case.status,
        "lodged_at": case.lodged_at,
        "anonymous": case.anonymous,
        "reporter": case.reporter == subject,
        "events": [
            {"type": row.type, "recorded_at": row.recorded_at, "data": _opened(station, row.data)}
            for row in events
            if row.type not in INTERNAL
        ],
    }


def _opened(station: Station, data: str) -> dict[str, Any]:
    """An event's data, each sealed text in plain; `{"erased": true}` where its key is gone."""
    told: Mapping[str, Any] = orjson.loads(data)
    return {name: _plain(station, name, value) for name, value in told.items()}


_SEALED = {"subject", "sealed"}
"""The members that every sealed text has."""


def _plain(station: Station, name: str, value: Any) -> Any:
    if not isinstance(value, dict) or not _SEALED <= value.keys() <= Sealed.model_fields.keys():
        return value
    try:
        plain = station.vault.read(Sealed.model_validate(value), name)
    except (VaultError, ValueError):
        return {"unreadable": True}
    return {"erased": True} if plain is None else plain
