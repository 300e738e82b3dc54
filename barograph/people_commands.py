"""What the commands about personal data do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from barograph import people_side, retention
from barograph.commands import WrongUseError
from barograph.families import family_rules
from barograph.running import Reading, opened_reading
from barograph.station import Station, opened_station, wall_clock
from barograph.subject_report import as_html
from contracts.people import ErasureReason, ReadingPurpose
from contracts.reasons import REASONS
from runtime import embedded
from runtime.settings import Settings
from runtime.submit import Receipt
from services.people.desk import FAMILY, PeopleDesk
from services.projections import people_queries as people
from services.projections import queries
from services.projections.rows import DecisionRow
from web.identity import Accounts

Cases = list[dict[str, str | None]]


class Erased(NamedTuple):
    """Whom was erased, on what basis in law, and the cases whose texts stay."""

    subject: str
    outcome: str
    law: str | None
    cases: Cases


class Found(NamedTuple):
    """A person, and their cases with the subjects under whose keys the texts are."""

    subject: str
    cases: Cases


class Proposal(NamedTuple):
    """A retention run that was proposed."""

    run: str
    unit: str
    subjects: int
    until: int


class CarriedOut(NamedTuple):
    """What became of a confirmed run: subjects listed, erased by it, and kept."""

    run: str
    listed: int
    erased: int
    kept: int


async def erase(
    settings: Settings, subject: str, reason: ErasureReason | str, community: str | None
) -> Erased:
    """Erase a person. Raises WrongUseError with the reason of a refusal."""
    async with opened_reading(settings) as reading:
        station = reading.station
        await decide_all(reading)
        unit = community or await people_side.home_of(station, reading.model, subject)
        if unit is None:
            raise WrongUseError(f"nothing of {subject} is on record; if it is elsewhere, give --community")
        desk = PeopleDesk(station.submitter, station.register)
        receipt = await _say(desk, station, unit, "erase", {"reason": reason}, subject)
        row = await _decided(reading, receipt)
        await station.eraser.catch_up()
        state = people.subject_states(reading.model, [subject]).get(subject)
        cases = await _cases(reading, subject, unless=subject)
        return Erased(subject, row.outcome, state.law if state else None, cases)


async def propose_retention(settings: Settings, community: str | None) -> list[Proposal]:
    """Propose a run for each community, or for one, in which somebody is due."""
    async with opened_reading(settings) as reading:
        station = reading.station
        await decide_all(reading)
        register = station.register.current()
        units = [unit.unit for unit in register.units() if unit.tier == "community"]
        if community is not None and community not in units:
            raise WrongUseError(f"there is no community {community} in the register")
        desk = PeopleDesk(station.submitter, station.register)
        proposals = []
        for unit in units if community is None else [community]:
            found = await retention.find_due(station, reading.model, unit, wall_clock())
            if found is None or not found.subjects:
                continue
            operator = station.ledger.genesis.administrator
            receipt = await retention.propose(desk, found, operator, people_side.lists_folder(station))
            await _decided(reading, receipt)
            proposals.append(Proposal(receipt.subject, unit, len(found.subjects), found.until))
        return proposals


async def confirm_retention(settings: Settings, run_id: str, sign_in: str, password: str) -> CarriedOut:
    """Confirm a run as a second person, and carry it out."""
    async with opened_reading(settings) as reading:
        station = reading.station
        actor = await asyncio.to_thread(Accounts(station.home.accounts).verify, sign_in, password)
        if actor is None:
            raise WrongUseError("the sign-in name or the password is wrong")
        await decide_all(reading)
        run = await asyncio.to_thread(people.run_of, reading.model, run_id)
        if run is None:
            raise WrongUseError(f"there is no retention run {run_id}")
        try:
            subjects = retention.listed(run, people_side.lists_folder(station))
        except retention.NoListError as error:
            raise WrongUseError(str(error)) from None
        desk = PeopleDesk(station.submitter, station.register)
        receipt = await desk.say(actor, run.unit, "confirm_retention", {"listed": run.listed}, subject=run_id)
        await _decided(reading, receipt)
        before = people.subject_states(reading.model, subjects)
        await retention.carry_out(desk, run, subjects, actor)
        await decide_all(reading)
        await station.eraser.catch_up()
        after = people.subject_states(reading.model, subjects)
        gone = {name for name, state in after.items() if state.erased_at is not None}
        new = len(gone) - sum(state.erased_at is not None for state in before.values())
        return CarriedOut(run_id, len(subjects), new, len(subjects) - new)


async def find_subject(settings: Settings, community: str, telephone: str) -> Found | None:
    """Find a person by telephone; that somebody looked is on record."""
    async with opened_reading(settings) as reading:
        station = reading.station
        if (await station.register.catch_up()).unit(community) is None:
            raise WrongUseError(f"there is no community {community} in the register")
        found = people_side.find_subject(station, community, telephone)
        if found is None:
            return None
        await _record(station, community, "subject_search", found)
        await decide_all(reading)
        return Found(found, await _cases(reading, found))


async def write_report(settings: Settings, subject: str, output: Path, community: str | None) -> list[Path]:
    """Write the report of a person; that it was written is on record before anything is opened."""
    async with opened_reading(settings) as reading:
        station = reading.station
        await decide_all(reading)
        unit = community or await people_side.home_of(station, reading.model, subject)
        if unit is None:
            raise WrongUseError(f"nothing of {subject} is on record; if it is elsewhere, give --community")
        await _record(station, unit, "subject_report", subject)
        await decide_all(reading)
        report = await asyncio.to_thread(people_side.report_of, station, reading.model, subject)
        register = station.register.current()
        try:
            return await asyncio.to_thread(_write, report, as_html(report, register), output)
        except OSError as error:
            raise WrongUseError(f"{output} cannot be written ({error.strerror})") from None


def _write(report: dict[str, Any], page: str, output: Path) -> list[Path]:
    files = {".json": orjson.dumps(report, option=orjson.OPT_INDENT_2), ".html": page.encode()}
    if output.suffix in files:
        chosen = {output: files[output.suffix]}
    else:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        chosen = {output / f"report{suffix}": content for suffix, content in files.items()}
    for path, content in chosen.items():
        path.touch(mode=0o600)
        path.write_bytes(content)
    return list(chosen)


async def backup_vault(settings: Settings, file: Path) -> int:
    """Copy the vault."""
    async with opened_station(settings) as station:
        return station.vault.backup(file)


async def restore_vault(settings: Settings, file: Path) -> int:
    """Take in a copy, then destroy again whatever the log says is erased."""
    async with opened_station(settings) as station:
        taken = station.vault.restore(file)
        await station.eraser.catch_up()
        return taken


async def decide_all(reading: Reading) -> None:
    """Decide whatever is undecided, and fold it."""
    station = reading.station
    for rules in family_rules().values():
        await embedded.catch_up(embedded.make_workers(station.log, station.ledger, rules, wall_clock))
    await station.register.catch_up()
    await reading.projector.catch_up()


async def _say(
    desk: PeopleDesk, station: Station, unit: str, name: str, body: dict[str, Any], subject: str
) -> Receipt:
    return await desk.say(station.ledger.genesis.administrator, unit, name, body, subject=subject)


async def _decided(reading: Reading, receipt: Receipt) -> DecisionRow:
    """The decision on a submission. Raises WrongUseError with the sentence of a refusal."""
    await decide_all(reading)
    row = await asyncio.to_thread(queries.decision, reading.model, FAMILY, receipt.partition, receipt.offset)
    if row is None:
        raise WrongUseError("the submission is recorded, and not decided yet: try again in a moment")
    if row.outcome not in ("accepted", "duplicate", "no_op"):
        raise WrongUseError(REASONS.get(row.reason or "", row.reason or row.outcome))
    return row


async def _record(station: Station, unit: str, purpose: ReadingPurpose, subject: str) -> None:
    desk = PeopleDesk(station.submitter, station.register)
    operator = station.ledger.genesis.administrator
    await desk.record_reading(operator, unit, purpose, subjects=[subject])


async def _cases(reading: Reading, subject: str, unless: str = "") -> Cases:
    rows = await asyncio.to_thread(people.cases_of, reading.model, subject)
    texts = [(row.case_id, people.case_subject(row)) for row in rows]
    return [{"case": case, "texts": text} for case, text in texts if text != unless]
