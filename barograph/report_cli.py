"""`barograph report …`: reports as of the log's end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from barograph.commands import WrongUseError
from barograph.ending import print_json, run
from barograph.running import opened_reading
from contracts.base import to_rfc3339
from contracts.disappearances import Ledger
from contracts.figures import Scope
from contracts.lineage import origins
from contracts.monthly import FIGURES, MonthlyReport
from contracts.months import month_bounds
from runtime.settings import Settings
from services.projections.disappearances import ledger as read_ledger
from services.projections.monthly import monthly as read_monthly
from services.projections.store import ReadModel

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Reports, as of the log's end.")


@app.command()
def monthly(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="The month, such as 2026-07.")],
    community: Annotated[str, typer.Option(help="The community's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the monthly report on grievances: each figure with its numerator and denominator."""
    found = run(report(context.obj, community, month))
    if as_json:
        print_json(as_data(found))
    else:
        _show(found, Console())


@app.command()
def disappearances(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="The month, such as 2026-07.")],
    community: Annotated[str, typer.Option(help="The community's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the ledger of disappearances: what no longer stands among the cases as it stood."""
    found = run(_of_month(context.obj, community, month, read_ledger))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show_ledger(found, Console())


async def report(settings: Settings, community: str, month: str) -> MonthlyReport:
    """The monthly report of a community as of the log's end. Raises WrongUseError."""
    return await _of_month(settings, community, month, partial(read_monthly, month=month))


async def _of_month(
    settings: Settings, community: str, month: str, read: Callable[[ReadModel, Scope], T]
) -> T:
    async with opened_reading(settings) as reading:
        await reading.projector.catch_up()
        register = await reading.station.register.catch_up()
        unit = register.unit(community)
        if unit is None or unit.tier != "community":
            raise WrongUseError(f"there is no community {community!r} in the register")
        try:
            since, until = month_bounds(month, unit.time_zone)
        except ValueError:
            raise WrongUseError("a month is given as 2026-07") from None
        merged = tuple(origins(register, unit.unit, None))
        scope = Scope(unit=unit.unit, since=since, until=until, time_zone=unit.time_zone, origins=merged)
        return await asyncio.to_thread(read, reading.model, scope)


def as_data(found: MonthlyReport) -> dict[str, object]:
    """The report as JSON has it, each figure with its share; null where there is no data."""
    data = found.model_dump(mode="json")
    for name in FIGURES:
        data[name]["share"] = getattr(found, name).share
    return data


def _show(found: MonthlyReport, console: Console) -> None:
    table = Table("figure", "share", "numerator", "denominator")
    for name in FIGURES:
        ratio = getattr(found, name)
        share = "no data" if ratio.share is None else f"{ratio.share:.1%}"
        table.add_row(name, share, str(ratio.numerator), str(ratio.denominator))
    console.print(f"{found.unit} {found.month}")
    console.print(table)
    console.print(f"definition {found.definition.id} {found.definition.version} {found.definition.hash}")


def _show_ledger(found: Ledger, console: Console) -> None:
    table = Table("recorded at", "what", "case", "role", "place")
    for line in found.lines:
        place = f"grievance.events/{line.partition}/{line.offset}"
        table.add_row(to_rfc3339(line.at), line.what, line.case, line.role or "", place)
    console.print(table)
    console.print(", ".join(f"{what} {count}" for what, count in found.counts.items()))
