"""`barograph keys …` and `barograph receipt …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barograph import evidence
from barograph.ending import DIFFERENCES, WRONG_USE, fail, print_json, run
from contracts.evidence import KeyRole

keys = typer.Typer(no_args_is_help=True, help="The keys that sign submissions, receipts and checkpoints.")
receipt = typer.Typer(no_args_is_help=True, help="Receipts that intake signed.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@keys.command("list")
def list_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """List every key that the ledger names, and what became of it."""
    found = run(evidence.list_keys(context.obj))
    if as_json:
        print_json(found.as_json())
    else:
        for key in found.keys:
            here = "  (in this home)" if key.here else ""
            typer.echo(f"{key.role}  {key.id}  {key.state:<8}  {key.public}{here}")
        for flaw in found.flaws:
            typer.echo(f"ledger/0/{flaw.offset} counts for nothing: {flaw.reason}")
    if found.flaws:
        raise typer.Exit(DIFFERENCES)


@keys.command("rotate")
def rotate(
    context: typer.Context,
    role: KeyRole,
    later: Annotated[
        bool,
        typer.Option("--later", help="Let the old key sign on until this is run again (several machines)."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a new key in force and retire the old one. What was cut short is finished by running it again."""
    done = run(evidence.rotate(context.obj, role, retire=not later))
    if as_json:
        print_json(done._asdict())
        return
    typer.echo(f"{done.role}: {done.new} is in force instead of {done.old}")
    if not done.retired:
        typer.echo("the old key still counts: copy the new one to every home, then run this again")


@receipt.command("verify")
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON, or the text of the QR code.")],
    key: Annotated[str | None, typer.Option(help="Intake's public key in base64: checks off line.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="A home whose log to check against. [the one of --home]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt, and say what was checked and what was not."""
    if key is not None and ledger is not None:
        fail(WRONG_USE, "give either --key or --ledger, not both")
    report = run(evidence.verify_receipt(context.obj, file, key, ledger))
    if as_json:
        print_json(report.as_json())
    else:
        for line in report.lines():
            typer.echo(line)
    if not report.ok:
        raise typer.Exit(DIFFERENCES)
