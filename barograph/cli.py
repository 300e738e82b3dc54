"""The command line. Exit codes: 0 fine, 1 differences found, 2 wrong use, 3 cannot reach what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from barograph import (
    audit_side,
    blobs_cli,
    commands,
    evidence_cli,
    export_cli,
    households_cli,
    logs,
    notary_cli,
    people_cli,
    public_side,
    register_cli,
    report_cli,
)
from barograph.ending import DIFFERENCES, WRONG_USE, fail, print_json, run
from barograph.imports import ImportAsked
from barograph.init import NewCommunity
from barograph.running import Service
from barograph.staff import NewStaff
from barograph.version import VERSION
from contracts.envelope import Role
from runtime.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # a help text may say [/PREFIX]
    help="Community casework as an event log, with figures that a stranger can recompute.",
)
importing = typer.Typer(
    no_args_is_help=True, help="Import files: rows become submissions at their own times."
)
staff = typer.Typer(no_args_is_help=True, help="Enter staff and their accounts.")
app.add_typer(importing, name="import")
app.add_typer(staff, name="staff")
app.add_typer(notary_cli.app)
app.add_typer(register_cli.app, name="register")
app.add_typer(households_cli.app, name="households")
app.add_typer(report_cli.app, name="report")
app.add_typer(export_cli.app, name="export")
app.add_typer(evidence_cli.keys, name="keys")
app.add_typer(evidence_cli.receipt, name="receipt")
app.add_typer(blobs_cli.app, name="blobs")
people_cli.add_to(app)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Unit = Annotated[str, typer.Option("--community", help="The community's id.")]


def main() -> None:
    """Run the command line."""
    logs.configure()
    app()


@app.callback()
def settings(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Keys, vault, accounts, derived files. [.barograph]")
    ] = None,
    log: Annotated[str | None, typer.Option(help="sqlite:///PATH or kafka://HOST:PORT[/PREFIX].")] = None,
    read_model: Annotated[str | None, typer.Option(help="sqlite:///PATH or postgresql+psycopg://…")] = None,
) -> None:
    """Options of every command; each may also come from a BAROGRAPH_* variable."""
    told: dict[str, Any] = {"home": home, "log": log, "read_model": read_model}
    try:
        context.obj = Settings(**{name: value for name, value in told.items() if value is not None})
    except ValidationError as error:
        fail(WRONG_USE, "; ".join(f"BAROGRAPH_{d['loc'][0]!s}: {d['msg']}".upper() for d in error.errors()))


@app.command()
def init(context: typer.Context, community: Unit = "demo", name: str = "") -> None:
    """Make a ledger with one community. On a ledger that exists it adds only what is missing."""
    made = run(commands.init(context.obj, NewCommunity(community, name or community)))
    typer.echo("made a new ledger" if made else "the ledger exists already; it has all it needs")


@app.command()
def up(
    context: typer.Context,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill a new ledger with a fictional community.")
    ] = False,
    host: str | None = None,
    port: int | None = None,
) -> None:
    """Run the whole system in one process until Ctrl-C."""
    told = {"host": host, "port": port}
    chosen = context.obj.model_copy(update={name: value for name, value in told.items() if value is not None})
    run(commands.up(chosen, fill=demo))


@app.command()
def serve(context: typer.Context, service: Service) -> None:
    """Run one service of a distributed installation."""
    run(commands.serve(context.obj, service))


@importing.command("grievances")
def import_grievances(
    context: typer.Context,
    file: Path,
    community: Unit,
    column_map: Annotated[
        Path | None,
        typer.Option("--map", help="What its columns mean (YAML); a message board's export by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List every problem; submit nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of grievances (CSV, xlsx, JSON). Importing it again adds nothing."""
    _import(context, ImportAsked(file, community, column_map, dry=dry_run), as_json=as_json)


@importing.command("mediations")
def import_mediations(
    context: typer.Context,
    file: Path,
    community: Unit,
    column_map: Annotated[Path, typer.Option("--map", help="What its columns mean (YAML).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List every problem; submit nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of mediations (CSV, xlsx, JSON). Importing it again adds nothing."""
    asked = ImportAsked(file, community, column_map, dry=dry_run, family="mediation")
    _import(context, asked, as_json=as_json)


@importing.command("aid")
def import_aid(
    context: typer.Context,
    file: Path,
    community: Unit,
    column_map: Annotated[Path, typer.Option("--map", help="What its columns mean (YAML).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List every problem; submit nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of aid that was given (CSV, xlsx, JSON). Exact repeats count once; importing it again adds nothing."""
    asked = ImportAsked(file, community, column_map, dry=dry_run, family="aid")
    _import(context, asked, as_json=as_json)


@importing.command("employment")
def import_employment(
    context: typer.Context,
    file: Path,
    community: Unit,
    column_map: Annotated[Path, typer.Option("--map", help="What its columns mean (YAML).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List every problem; submit nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of who was registered and placed in work (CSV, xlsx, JSON). Importing it again adds nothing."""
    asked = ImportAsked(file, community, column_map, dry=dry_run, family="employment")
    _import(context, asked, as_json=as_json)


def _import(context: typer.Context, asked: ImportAsked, *, as_json: bool) -> None:
    report = run(commands.import_file(context.obj, asked, Console(stderr=True)))
    if as_json:
        print_json(report.as_json())
    else:
        report.show(Console())
    if report.bad:
        raise typer.Exit(DIFFERENCES)


@app.command()
def figures(
    context: typer.Context,
    community: Annotated[str | None, typer.Option()] = None,
    public: Annotated[bool, typer.Option("--public", help="Withhold small counts, for publication.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the figures as of the log's end."""
    if public:
        shown = run(public_side.public(context.obj, community))
        print_json(shown.model_dump(mode="json")) if as_json else public_side.show_public(shown, Console())
        return
    found = run(commands.figures(context.obj, community))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        commands.show_figures(found, Console())


@app.command()
def audit(
    context: typer.Context,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="Checkpoints that you hold; may be given several times.")
    ] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option(help="A receipt that somebody brings; may be given several times.")
    ] = None,
    integrity_only: Annotated[
        bool, typer.Option("--integrity-only", help="Hold the log against what was signed; decide nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replay the log from offset 0, decide everything again, and compare; hold it against what was signed."""
    try:
        brought = audit_side.read_brought(checkpoint or [], receipt or [])
    except audit_side.BroughtError as error:
        fail(WRONG_USE, str(error))
    work = commands.audit(context.obj, brought, Console(stderr=True), integrity_only=integrity_only)
    report = run(work)
    if as_json:
        print_json(report.as_json())
    else:
        report.show(Console())
    if not report.ok:
        raise typer.Exit(DIFFERENCES)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Build the read model anew beside the one in force, then switch."""
    run(commands.rebuild(context.obj, Console(stderr=True)))


@app.command()
def topics(context: typer.Context, as_json: AsJson = False) -> None:
    """List the topics with the end offset of each partition."""
    ends = run(commands.topics(context.obj))
    if as_json:
        print_json(ends)
        return
    table = Table("topic", "partitions", "records")
    for topic, partitions in ends.items():
        table.add_row(topic, str(len(partitions)), str(sum(partitions.values())))
    Console().print(table)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(VERSION)


@staff.command("add")
def add_staff(
    context: typer.Context,
    sign_in: str,
    community: Unit,
    role: Annotated[list[str], typer.Option(help="May be given several times.")],
    name: Annotated[str, typer.Option(prompt=True, help="The name on display; it is encrypted.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Enter a member of staff, appoint them, and give them an account."""
    run(commands.add_staff(context.obj, NewStaff(sign_in, password, name, roles_of(role), community)))


def roles_of(names: list[str]) -> tuple[Role, ...]:
    """The roles of these ids; ends the program where one is none."""
    unknown = [name for name in names if name not in get_args(Role)]
    if unknown:
        fail(WRONG_USE, f"there is no role {', '.join(unknown)}; roles are {', '.join(get_args(Role))}")
    return tuple(names)  # type: ignore[arg-type]
