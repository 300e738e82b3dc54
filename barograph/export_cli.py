"""`barograph export`: a bundle with which a third party checks the records off line, and the dossier of a mediation."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress

from barograph.dossier_side import export_dossier
from barograph.ending import DIFFERENCES, UNREACHABLE, WRONG_USE, fail, run
from barograph.notary_side import sign_now, trees_of
from barograph.station import opened_log
from barograph.version import VERSION
from contracts.base import EPOCH
from contracts.reference import Register
from ledger.tree_file import TreeStoreError
from runtime.genesis import open_ledger
from runtime.home import Home
from runtime.register_reader import RegisterReader
from runtime.settings import Settings
from services.audit.bundle import BundleExport, BundleScope, Exported
from services.audit.bundle_zip import BundleError, LogDiffersError, NotSignedError
from services.mediation.dossier_file import CHINESE
from services.mediation.dossier_pages import NO_PDF
from web.pdf import PdfUnavailableError

app = typer.Typer(no_args_is_help=True, help="Give evidence to a third party.")

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


class Wanted(NamedTuple):
    """The part that was asked for; times are local."""

    unit: str | None
    since: datetime | None
    until: datetime | None


@app.command("bundle")
def bundle(
    context: typer.Context,
    output: Annotated[Path, typer.Option(help="The zip to write; it must not exist.")],
    scope: Annotated[
        str | None, typer.Option(help="A unit's id: its records and those of the units below it.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=_FORMATS, help="Recorded from this local time on.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=_FORMATS, help="Recorded before this local time.")
    ] = None,
) -> None:
    """Write an evidence bundle, of everything by default, with a verifier inside.

    It ends where the notary has signed. Records of a part carry the proof that none in it was left out.
    """
    console = Console(stderr=True)
    try:
        done = run(export(context.obj, output, Wanted(scope, since, until), console))
    except LogDiffersError as error:
        fail(DIFFERENCES, str(error))
    except NotSignedError as error:
        fail(UNREACHABLE, str(error))
    except BundleError as error:
        fail(WRONG_USE, str(error))
    console.print(
        f"{done.records} records in {output}; check it with: python3 verify.py {output}", soft_wrap=True
    )


@app.command("dossier")
def dossier(
    context: typer.Context,
    mediation: Annotated[str, typer.Argument(help="The mediation's id: see the address of its page.")],
    output: Annotated[Path, typer.Argument(help="The .pdf or .zip to write; it must not exist.")],
    language: Annotated[str, typer.Option(help="zh-CN, or en for a rendering in English.")] = CHINESE,
) -> None:
    """Write the dossier of a mediation in plain: a PDF to print, or a zip with its files and places in the log.

    That it was read is put on record, as a reading of the operator.
    """
    try:
        missing = run(export_dossier(context.obj, mediation, output, language))
    except PdfUnavailableError:
        fail(UNREACHABLE, NO_PDF)
    what = "nothing is missing" if not missing else f"missing: {missing}, which its second page lists"
    typer.echo(f"{output} holds the dossier of {mediation}; {what}")


async def export(settings: Settings, output: Path, wanted: Wanted, console: Console) -> Exported:
    """Write a bundle. Where no notary is at work, everything is signed first.

    Raises BundleError, LogError, NoLedgerError, TreeStoreError, RefusesToSignError.
    """
    with contextlib.suppress(TreeStoreError):
        await sign_now(settings)
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        register = await RegisterReader(log, ledger).catch_up()
        with (
            contextlib.closing(trees_of(Home(settings.home))) as trees,
            Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
        ):
            task = bar.add_task("writing", total=None)
            job = BundleExport(
                log, ledger, trees, VERSION, lambda done, total: bar.update(task, completed=done, total=total)
            )
            return await job.write(output, scope_of(register, wanted))


def scope_of(register: Register, wanted: Wanted) -> BundleScope:
    """What was asked for, by the register. Raises BundleError where it cannot be."""
    units = None
    if wanted.unit is not None:
        if register.unit(wanted.unit) is None:
            raise BundleError(f"there is no unit {wanted.unit} in the register")
        units = tuple(unit.unit for unit in register.units() if wanted.unit in register.lineage(unit.unit))
    zone = ZoneInfo(min((unit.time_zone for unit in register.units()), default="Asia/Shanghai"))
    since, until = (_milliseconds(at, zone) for at in (wanted.since, wanted.until))
    if since is not None and until is not None and since >= until:
        raise BundleError("the time after --from must lie before that after --to")
    return BundleScope(units, since, until)


def _milliseconds(at: datetime | None, zone: ZoneInfo) -> int | None:
    return None if at is None else (at.replace(tzinfo=zone) - EPOCH) // timedelta(milliseconds=1)
