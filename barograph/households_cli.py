"""`barograph households`: lists of households as files. Exit code 1: a row is wrong, and nothing was entered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console

from barograph.commands import WrongUseError
from barograph.ending import DIFFERENCES, WRONG_USE, fail, print_json, run
from barograph.people_commands import decide_all
from barograph.places_side import ReadPlaces
from barograph.running import Reading, opened_reading
from barograph.station import wall_clock
from runtime.settings import Settings
from services.people.desk import PeopleDesk
from services.people.household_import import Plan
from services.people.household_lists import HouseholdLists
from services.people.household_sheet import KINDS, Row, read_rows, written
from services.people.place_desk import PlaceDesk
from web.sheets import SheetError

app = typer.Typer(no_args_is_help=True, help="Households and residents as files.")

Community = Annotated[str, typer.Option("--community", help="The community's id.")]


class _Done(NamedTuple):
    plan: Plan
    entered: int
    seconds: float


@app.command("import")
def import_households(
    context: typer.Context,
    file: Path,
    community: Community,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List every problem by row and column; enter nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Enter the households and residents of a list. Nothing is entered while a row is wrong."""
    try:
        rows = read_rows(file.name, file.read_bytes())
    except SheetError as error:
        fail(WRONG_USE, str(error))
    except OSError as error:
        fail(WRONG_USE, f"{file} cannot be read ({error.strerror})")
    done = run(_enter(context.obj, community, rows, dry_run=dry_run))
    plan = done.plan
    if as_json:
        print_json(
            {
                "rows": len(rows),
                "households": plan.count("enter_household"),
                "residents": plan.count("enter_resident"),
                "entered": done.entered,
                "standing": plan.standing,
                "seconds": round(done.seconds, 3),
                "problems": [problem._asdict() for problem in plan.problems],
            }
        )
    else:
        _show(done, Console())
    if plan.problems:
        raise typer.Exit(DIFFERENCES)


def _show(done: _Done, console: Console) -> None:
    plan = done.plan
    for problem in plan.problems:
        where = f"row {problem.row}" + (f", {problem.column}" if problem.column else "")
        console.print(f"{where}: {problem.sentence}", markup=False, soft_wrap=True)
    console.print(
        f"{plan.count('enter_household')} households and {plan.count('enter_resident')} residents to enter, "
        f"{done.entered} entered, {plan.standing} stand already, {len(plan.problems)} problems"
    )


def lists_of(reading: Reading) -> HouseholdLists:
    """The lists of an installation."""
    station = reading.station
    places = ReadPlaces(reading.model, station.vault)
    desk = PlaceDesk(station.submitter, station.register, places)
    return HouseholdLists(desk, PeopleDesk(station.submitter, station.register), wall_clock)


async def _enter(settings: Settings, unit: str, rows: list[Row], *, dry_run: bool) -> _Done:
    async with opened_reading(settings) as reading:
        await _ready(reading, unit)
        begun = time.monotonic()
        lists, operator = lists_of(reading), reading.station.ledger.genesis.administrator
        plan = await lists.plan(operator, unit, rows, str)
        entering = not dry_run and not plan.problems
        if entering:
            await lists.enter(operator, unit, plan)
        await decide_all(reading)
        return _Done(plan, len(plan.steps) if entering else 0, time.monotonic() - begun)


async def _ready(reading: Reading, unit: str) -> None:
    """Fold all there is, for what follows is held against it. Raises WrongUseError for no community."""
    reading.station.check_signer()
    await decide_all(reading)
    found = reading.station.register.current().unit(unit)
    if found is None or found.tier != "community":
        raise WrongUseError(f"there is no community {unit} in the register")


@app.command("export")
def export_households(context: typer.Context, file: Path, community: Community) -> None:
    """Write the households with their residents, in plain: xlsx or CSV. That they were read is on record."""
    _check(file)
    _write(file, run(_exported(context.obj, community, _kind(file))))


async def _exported(settings: Settings, unit: str, kind: str) -> bytes:
    async with opened_reading(settings) as reading:
        await _ready(reading, unit)
        zones = [zone.zone for zone in reading.station.register.current().zones(unit)]
        operator = reading.station.ledger.genesis.administrator
        rows = await lists_of(reading).export(operator, unit, zones)
        await decide_all(reading)
        return written(kind, rows)


@app.command("template")
def template(
    file: Path,
    chinese: Annotated[bool, typer.Option("--chinese", help="With headings in Chinese.")] = False,
) -> None:
    """Write an empty list with the headings that an import reads: xlsx or CSV."""
    _check(file)
    _write(file, written(_kind(file), chinese=chinese))


def _kind(file: Path) -> str:
    return file.suffix.lower().removeprefix(".")


def _check(file: Path) -> None:
    if _kind(file) not in KINDS:
        fail(WRONG_USE, f"{file} ends in none of .{', .'.join(KINDS)}: name another file")
    if file.exists():
        fail(WRONG_USE, f"{file} exists already: name another file")


def _write(file: Path, content: bytes) -> None:
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(content)
    except OSError as error:
        fail(WRONG_USE, f"{file} cannot be written ({error.strerror})")
