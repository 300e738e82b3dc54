"""What the commands of the command line do."""

from __future__ import annotations

import asyncio
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from barograph import audit_side, demo
from barograph.families import family_rules
from barograph.imports import ImportAsked, ImportOutcome, known_in, read_asked
from barograph.init import NewCommunity, enter_first, initialise
from barograph.running import EVERY, Reading, Service, opened_reading, run_services
from barograph.staff import NewStaff
from barograph.staff import add_staff as enter_staff
from barograph.station import opened_log, opened_station, wall_clock
from contracts.figures import Figures, Scope
from runtime import embedded
from runtime.genesis import NoLedgerError
from runtime.home import HomeError
from runtime.settings import Settings
from services.audit.evidence import Brought
from services.audit.report import AuditReport
from services.intake.import_aid import AidImport
from services.intake.import_employment import EmploymentImport
from services.intake.import_mediations import MediationImport
from services.intake.importing import GrievanceImport, Importer
from services.intake.mapping import MapFamily
from services.intake.rows import read_rows
from services.intake.tables import read_table
from services.projections.figures import figures as read_figures
from services.projections.rebuild import rebuild as rebuild_model
from services.projections.store import ReadModel
from web.identity import Accounts


class WrongUseError(Exception):
    """The command was used in a way that cannot be; the sentence says what to do."""


async def init(settings: Settings, community: NewCommunity) -> bool:
    """Make a ledger with one community; True where it is new."""
    return await initialise(settings, community)


async def up(settings: Settings, *, fill: bool) -> None:
    """Run everything in one process; `fill`: make a demo ledger where there is none."""
    if fill:
        await _fill_demo(settings)
    async with opened_reading(settings) as reading:
        await run_services(reading, EVERY, _greeting(reading))


async def serve(settings: Settings, service: Service) -> None:
    """Run one service."""
    async with opened_reading(settings) as reading:
        await run_services(reading, (service,), _greeting(reading))


def _greeting(reading: Reading) -> Any:
    console = Console()

    def greet(address: str) -> None:
        console.print(f"Barograph answers at {address} (Ctrl-C stops it; nothing is lost)", highlight=False)
        if reading.station.ledger.genesis.simulated:
            for hint in demo.hints():
                console.print(f"  {hint.role:<24} {hint.name:<11} {hint.password}", highlight=False)

    return greet


async def _fill_demo(settings: Settings) -> None:
    """Make the demo ledger; one that was cut short is filled anew, since its entries have derived keys."""
    try:
        async with opened_station(settings):
            pass
    except (HomeError, NoLedgerError):
        await initialise(settings, demo.COMMUNITY, simulated=True)
    async with opened_station(settings) as station:
        if not station.ledger.genesis.simulated:
            return
        register = await station.register.catch_up()
        if not register.zones(demo.COMMUNITY.unit):
            await enter_first(station, demo.COMMUNITY)
            await demo.load_demo(station, Accounts(station.home.accounts))


async def import_file(settings: Settings, asked: ImportAsked, console: Console) -> ImportOutcome:
    """Import a file of one kind of casework, decide it, and bring the read model up to date."""
    started = wall_clock()
    plan, content = read_asked(asked)
    async with opened_reading(settings) as reading:
        station = reading.station
        station.check_signer()
        register = await station.register.catch_up()
        unit = register.unit(asked.community)
        if unit is None:
            raise WrongUseError(
                f"there is no community {asked.community} in the register: see 'barograph init'"
            )
        known = known_in(register, unit, plan, started)
        rows = list(read_rows(read_table(asked.file, plan), plan, known))
        actor, basis = station.ledger.genesis.administrator, station.register.history.end
        importer = Importer(
            actor,
            asked.community,
            basis,
            plan.name,
            plan.channel,
            counts_times=plan.columns.person_times is not None,
        )
        kinds: dict[MapFamily, type[GrievanceImport]] = {
            "grievance": GrievanceImport,
            "mediation": MediationImport,
            "aid": AidImport,
            "employment": EmploymentImport,
        }
        job = kinds[plan.family](station.log, station.ledger, station.submitter, importer)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("importing", total=len(rows))
            report = await job.run(
                content, rows, lambda done: progress.update(task, completed=done), dry=asked.dry
            )
        if not asked.dry:
            await _catch_up(reading)
    return ImportOutcome(report, asked, (wall_clock() - started) / 1000)


async def _catch_up(reading: Reading) -> None:
    """Decide whatever is undecided, and fold it."""
    station = reading.station
    for rules in family_rules().values():
        await embedded.catch_up(embedded.make_workers(station.log, station.ledger, rules, wall_clock))
    await reading.projector.catch_up()


async def figures(settings: Settings, community: str | None) -> Figures:
    """The figures as of the log's end."""
    async with opened_reading(settings) as reading:
        await reading.projector.catch_up()
        return await asyncio.to_thread(read_figures, reading.model, Scope(unit=community))


def show_figures(found: Figures, console: Console) -> None:
    """Print the figures for a person, the stability claims first."""
    table = Table("figure", "value")
    for name, claim in found.stability:
        table.add_row(name, f"{claim.state} ({claim.count} on record)")
    for name in (
        "received",
        "open",
        "closed",
        "not_accepted",
        "withdrawn",
        "merged",
        "overdue",
        "duplicates",
        "transferred_in",
        "transferred_out",
        "undecided",
    ):
        table.add_row(name, str(getattr(found, name)))
    for name, number in found.petitions:
        table.add_row(f"joint petitions, {name.replace('_', ' ')}", str(number))
    for name, days in found.reply_days.model_dump().items():
        table.add_row(f"days to reply, {name}", "-" if days is None else str(days))
    for days, count in found.replied_after_days.items():
        table.add_row(f"replied after {days} days", str(count))
    console.print(table)


async def audit(
    settings: Settings, brought: Brought, console: Console, *, integrity_only: bool
) -> AuditReport:
    """Audit the installation."""
    with console.status("reading the log" if integrity_only else "replaying the log"):
        if integrity_only:
            return await audit_side.audit_integrity(settings, brought)
        return await audit_side.audit(settings, brought=brought)


async def rebuild(settings: Settings, console: Console) -> None:
    """Build the read model anew and switch."""
    async with opened_station(settings) as station:
        address = settings.read_model_address
        model = await asyncio.to_thread(lambda: ReadModel.open(address, station.ledger, outdated=True))
        try:
            built = await rebuild_model(station.log, model)
        finally:
            model.close()
    console.print(f"{built.records} records folded into {built.rows} rows")


async def topics(settings: Settings) -> dict[str, dict[str, int]]:
    """Topic → partition → end offset."""
    async with opened_log(settings) as log:
        ends = await log.end_offsets(sorted(await log.topics()))
    found: dict[str, dict[str, int]] = {}
    for place, end in ends.items():
        found.setdefault(place.topic, {})[str(place.partition)] = end
    return found


async def add_staff(settings: Settings, person: NewStaff) -> None:
    """Enter a member of staff with an account."""
    async with opened_station(settings) as station:
        station.check_signer()
        register = await station.register.catch_up()
        if register.unit(person.unit) is None:
            raise WrongUseError(f"there is no community {person.unit} in the register")
        await enter_staff(station, Accounts(station.home.accounts), [person])
