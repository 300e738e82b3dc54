"""`barograph register`: the register as files. Exit code 1: a row is wrong, and nothing was entered."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from barograph import staff
from barograph.ending import DIFFERENCES, WRONG_USE, fail, print_json, run
from barograph.init import decide_register, enter, enter_row
from barograph.station import Station, opened_station, wall_clock
from contracts.reference import Register
from contracts.register import DefineCategoriesV1
from runtime.settings import Settings
from services.register.category_file import category_tree, read_category_paths
from services.register.importing import Plan, Planner, exported
from services.register.sheets import COLUMNS, Row, read_tables, scheme_posts, write_tables
from web.sheets import SheetError

app = typer.Typer(no_args_is_help=True, help="Units, zones, posts and people as files.")

Table = Annotated[
    list[str] | None, typer.Option("--table", help="Only this table; may be given several times.")
]


@app.command("import")
def import_register(
    context: typer.Context,
    file: Path,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List every problem by row and column; enter nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Enter units, people, posts, appointments, zones, funds and programmes. Nothing is entered while a row is wrong."""
    try:
        rows = read_tables(file)
    except SheetError as error:
        fail(WRONG_USE, str(error))
    plan = run(_enter(context.obj, rows, dry_run=dry_run))
    entered = 0 if dry_run or plan.problems else len(plan.steps)
    if as_json:
        problems = [problem._asdict() for problem in plan.problems]
        counts = {
            "rows": len(rows),
            "to_enter": len(plan.steps),
            "entered": entered,
            "standing": plan.standing,
        }
        print_json({**counts, "problems": problems})
    else:
        _show(plan, entered, Console())
    if plan.problems:
        raise typer.Exit(DIFFERENCES)


def _show(plan: Plan, entered: int, console: Console) -> None:
    for problem in plan.problems:
        where = f"{problem.table}, row {problem.row}" + (f", {problem.column}" if problem.column else "")
        console.print(f"{where}: {problem.sentence}", markup=False, soft_wrap=True)
    console.print(
        f"{len(plan.steps)} to enter, {entered} entered, {plan.standing} stand already, "
        f"{len(plan.problems)} problems"
    )


async def _enter(settings: Settings, rows: list[Row], *, dry_run: bool) -> Plan:
    async with opened_station(settings) as station:
        register = await station.register.catch_up()
        key = station.home.key("intake")

        def person_of(number: str) -> str:
            known = register.person(number) is not None
            digest = hmac.digest(key, b"staff-number\0" + number.encode(), "sha256").hex()
            return number if known else f"act_{digest[:24]}"

        planner = Planner(station.register.history, wall_clock(), _zone(register), person_of)
        plan = planner.plan(rows)
        if not dry_run and not plan.problems:
            station.check_signer()
            for step in plan.steps:
                await enter_row(station, step.type, step.body)
            await decide_register(station)
        return plan


def _zone(register: Register) -> ZoneInfo:
    return ZoneInfo(min((unit.time_zone for unit in register.units()), default="Asia/Shanghai"))


@app.command("export")
def export_register(context: typer.Context, file: Path, table: Table = None) -> None:
    """Write the register as it stands: xlsx, or one table as CSV. Names of people are in plain in it."""
    _write(file, run(_exported(context.obj, _tables(table))))


async def _exported(settings: Settings, tables: list[str]) -> dict[str, list[list[str | None]]]:
    async with opened_station(settings) as station:
        register = await station.register.catch_up()
        return exported(register, wall_clock(), _zone(register), _names(station, register), tables)


def _names(station: Station, register: Register) -> Any:
    return lambda person: staff.display_name(station, register, person)


@app.command("template")
def template(
    file: Path,
    table: Table = None,
    scheme: Annotated[
        str | None, typer.Option(help="With the posts of this scheme: five-posts, chain.")
    ] = None,
    unit: Annotated[str, typer.Option(help="The unit of these posts.")] = "",
) -> None:
    """Write an empty file with the headings that an import reads, or one with a scheme of posts to fill in."""
    tables: dict[str, list[list[str | None]]] = {name: [] for name in _tables(table)}
    try:
        if scheme is not None:
            tables["posts"] = scheme_posts(scheme, unit)
        write_tables(file, tables)
    except (SheetError, OSError) as error:
        fail(WRONG_USE, str(error))


def _tables(named: list[str] | None) -> list[str]:
    unknown = [name for name in named or [] if name not in COLUMNS]
    if unknown:
        fail(WRONG_USE, f"there is no table {', '.join(unknown)}; tables are {', '.join(COLUMNS)}")
    return list(named or COLUMNS)


def _write(file: Path, tables: dict[str, list[list[str | None]]]) -> None:
    try:
        write_tables(file, tables)
    except (SheetError, OSError) as error:
        fail(WRONG_USE, str(error))


@app.command("categories")
def import_categories(
    context: typer.Context,
    file: Path,
    version: Annotated[str, typer.Option(help="What this version of the tree is called.")],
) -> None:
    """Enter a version of the category tree from xlsx, a column a level. Old cases keep their category."""
    try:
        paths = read_category_paths(file)
    except SheetError as error:
        fail(WRONG_USE, str(error))
    count = run(_categories(context.obj, paths, version))
    typer.echo(f"{count} categories entered" if count else "the tree stands as it is in the file")


async def _categories(settings: Settings, paths: list[tuple[str, ...]], version: str) -> int:
    async with opened_station(settings) as station:
        register = await station.register.catch_up()
        tree = category_tree(paths, register)
        if list(tree) == register.categories():
            return 0
        station.check_signer()
        await enter(station, DefineCategoriesV1(version=version, categories=tree))
        await decide_register(station)
        return len(tree)
