"""Commands about checkpoints: printing them, and running a witness."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from barograph import notary_side
from barograph.ending import UNREACHABLE, WRONG_USE, fail, run
from services.notary.witness import Witness, WitnessError, read_logs, witness_app

app = typer.Typer()


@app.command()
def checkpoint(
    context: typer.Context,
    tree: Annotated[str | None, typer.Argument(metavar="TOPIC/PARTITION")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every tree's, one after the other.")] = False,
    output: Annotated[Path | None, typer.Option(help="A file to write to.")] = None,
    vkeys: Annotated[bool, typer.Option("--vkeys", help="The verifier keys instead.")] = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign up to the log's end first; no other notary may be at work.")
    ] = False,
) -> None:
    """Print the signed checkpoints: keep them, and history cannot be rewritten behind you.

    The file holds checkpoint notes one after the other, with an empty line between them.
    """
    if bool(tree) == every:
        fail(WRONG_USE, "name one tree as TOPIC/PARTITION, or give --all")
    try:
        if sign:
            run(notary_side.sign_now(context.obj))
        text = notary_side.published(context.obj, tree, vkeys=vkeys)
        if output is None:
            typer.echo(text, nl=False)
        else:
            output.write_text(text, "utf-8")
    except notary_side.UnknownTreeError as error:
        fail(WRONG_USE, str(error))
    except OSError as error:
        fail(UNREACHABLE, f"{output} cannot be written: {error.strerror}")


@app.command()
def witness(
    state: Annotated[Path, typer.Option(help="Its key, and what it cosigned last; made where missing.")],
    logs: Annotated[Path, typer.Option(help="The logs to witness: one verifier key on each line.")],
    name: Annotated[str, typer.Option(help="Its name, such as witness.example/w1.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT")] = "127.0.0.1:8090",
) -> None:
    """Run a witness: it cosigns a checkpoint only where the tree has grown from the one before.

    Prints its verifier key, then answers C2SP tlog-witness requests until Ctrl-C.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        fail(WRONG_USE, f"{listen} is not HOST:PORT")
    try:
        ours = Witness(state, name, read_logs(logs), lambda: int(time.time()))
    except WitnessError as error:
        fail(WRONG_USE, str(error))
    typer.echo(ours.vkey)
    config = uvicorn.Config(
        witness_app(ours), host=host.strip("[]"), port=int(port), log_level="warning", access_log=False
    )
    try:
        asyncio.run(uvicorn.Server(config).serve())
    finally:
        ours.close()
