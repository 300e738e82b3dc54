"""The command line about personal data: erase, retention, subject, vault."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from barograph import people_commands as commands
from barograph.ending import DIFFERENCES, WRONG_USE, fail, print_json, run
from contracts.people import ErasureReason

retention = typer.Typer(
    no_args_is_help=True, help="Erase what has been kept long enough: one person proposes, another confirms."
)
subject = typer.Typer(
    no_args_is_help=True, help="Find a person's data, and write the report they may ask for."
)
vault = typer.Typer(no_args_is_help=True, help="Copies of the key vault, apart from those of the log.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Unit = Annotated[str | None, typer.Option("--community", help="The community's id.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("erase")(erase)
    app.add_typer(retention, name="retention")
    app.add_typer(subject, name="subject")
    app.add_typer(vault, name="vault")


def erase(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="The data subject's id: see 'barograph subject find'.")],
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(get_args(ErasureReason))}.")],
    community: Unit = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person for ever: a decided event, then the destruction of their keys."""
    if reason not in get_args(ErasureReason):
        fail(WRONG_USE, f"there is no reason {reason}; reasons are {', '.join(get_args(ErasureReason))}")
    done = run(commands.erase(context.obj, subject, reason, community))
    if as_json:
        print_json(done._asdict())
        return
    typer.echo(f"{done.subject} is erased; its keys are destroyed")
    if done.law:
        typer.echo(f"basis in law: {done.law}")
    typer.echo("figures, proofs and the audit are unchanged; pages and reports now say: erased")
    if done.cases:
        typer.echo(
            "the texts of the cases that it lodged are under keys of their own and stay, since they may be "
            "about others too: mark what is personal in them on the case page, or erase the texts of a "
            "case by their own subject:"
        )
        for case in done.cases:
            typer.echo(f"  {case['case']}  {case['texts']}")


@retention.command("run")
def propose(context: typer.Context, community: Unit = None, as_json: AsJson = False) -> None:
    """Propose to erase whose term is over, by the retention policy in force. Erases nobody."""
    proposals = run(commands.propose_retention(context.obj, community))
    if as_json:
        print_json({"proposals": [proposal._asdict() for proposal in proposals]})
        return
    for proposal in proposals:
        typer.echo(f"{proposal.unit}: {proposal.subjects} people and case texts are due; run {proposal.run}")
    if proposals:
        typer.echo(
            "a second person confirms on the page 'Personal data', or with 'barograph retention confirm'"
        )
    else:
        typer.echo("nobody is due")


@retention.command("confirm")
def confirm(
    context: typer.Context,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run's number.")],
    sign_in: Annotated[str, typer.Option(help="Who confirms: their sign-in name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)],
    as_json: AsJson = False,
) -> None:
    """Confirm a run as a second person, and carry it out. A run that was cut short is carried on."""
    done = run(commands.confirm_retention(context.obj, run_id, sign_in, password))
    if as_json:
        print_json(done._asdict())
    else:
        typer.echo(f"{done.erased} of {done.listed} erased; {done.kept} are held or were erased before")


@subject.command("find")
def find(context: typer.Context, community: Annotated[str, typer.Option("--community")]) -> None:
    """Find a person by the telephone on standard input. It is never given as an argument."""
    asked = sys.stdin.isatty()
    telephone = typer.prompt("telephone", hide_input=True) if asked else sys.stdin.readline()
    found = run(commands.find_subject(context.obj, community, telephone))
    if found is None:
        typer.echo("nobody in this community has told this telephone, or they are erased", err=True)
        raise typer.Exit(DIFFERENCES)
    typer.echo(found.subject)
    for case in found.cases:
        typer.echo(f"  {case['case']}  {case['texts']}")


@subject.command("report")
def report(
    context: typer.Context,
    subject: str,
    output: Annotated[
        Path, typer.Option(help="A folder (both forms), or a file that ends in .html or .json.")
    ],
    community: Unit = None,
) -> None:
    """Write everything on record about one person, in Chinese and English, and as JSON."""
    for path in run(commands.write_report(context.obj, subject, output, community)):
        typer.echo(str(path))


@vault.command("backup")
def backup(context: typer.Context, file: Path) -> None:
    """Copy the key vault to a new file. Keep it apart from copies of the log and of the home's keys."""
    typer.echo(f"{run(commands.backup_vault(context.obj, file))} people's keys are in {file}")


@vault.command("restore")
def restore(context: typer.Context, file: Path) -> None:
    """Take in the keys of a copy that are missing here. Whoever is erased stays erased."""
    typer.echo(f"{run(commands.restore_vault(context.obj, file))} people's keys were taken in")
