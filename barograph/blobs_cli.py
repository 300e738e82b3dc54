"""`barograph blobs`: whether every attached file is there and whole, and what was uploaded for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated

import orjson
import typer

from barograph.ending import DIFFERENCES, print_json, run
from barograph.station import Station, opened_station
from contracts.topics import submissions_topic
from ledger.blobs import BlobError, BlobFolder
from runtime.settings import Settings

HOUR_SECONDS = 3600
_PORTION = 1000
_ATTACH = "grievance.attach.v1"

app = typer.Typer(no_args_is_help=True, help="Check the store of attached files, and sweep it.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Hours = Annotated[
    int, typer.Option(min=1, help="Leave alone what is younger: it may be about to be submitted.")
]


@dataclass(frozen=True, slots=True)
class StoreReport:
    """The blobs that submissions name, those of them that are missing or damaged, and those that none names."""

    named: int
    missing: list[str]
    damaged: list[str]
    orphans: list[str]
    removed: int = 0

    @property
    def ok(self) -> bool:
        """Whether every blob that is named is there and whole."""
        return not self.missing and not self.damaged


@app.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Hash every attached file and compare it with the log; exit with 1 where one is missing or damaged."""
    _show(context, None, as_json=as_json)


@app.command()
def sweep(context: typer.Context, older_than: Hours = 24, as_json: AsJson = False) -> None:
    """Remove files that were uploaded and never submitted."""
    _show(context, older_than * HOUR_SECONDS, as_json=as_json)


def _show(context: typer.Context, age: int | None, *, as_json: bool) -> None:
    report = run(look_through(context.obj, age))
    if as_json:
        print_json(asdict(report))
    else:
        typer.echo(
            f"{report.named} files named by submissions: {len(report.missing)} missing, "
            f"{len(report.damaged)} damaged; {len(report.orphans)} never submitted, {report.removed} removed"
        )
        for name in (*report.missing, *report.damaged):
            typer.echo(f"restore {name} from a copy", err=True)
    if not report.ok:
        raise typer.Exit(DIFFERENCES)


async def look_through(settings: Settings, age: int | None) -> StoreReport:
    """Compare the store with the log; remove orphans of at least this age in seconds, none where it is None.

    The store is listed before the log is read: what is submitted meanwhile is no orphan.
    """
    async with opened_station(settings) as station:
        store = BlobFolder(station.home.blobs)
        kept = list(await asyncio.to_thread(lambda: list(store.names(age or 0))))
        named = await named_blobs(station)
        missing, damaged = await asyncio.to_thread(_faults, store, sorted(named))
        orphans = [name for name in kept if name not in named]
        if age is not None:
            for name in orphans:
                await asyncio.to_thread(store.remove, name)
            await asyncio.to_thread(store.remove_drafts, age)
    return StoreReport(len(named), missing, damaged, orphans, len(orphans) if age is not None else 0)


async def named_blobs(station: Station) -> set[str]:
    """The blobs that any submission names, whatever was decided on it: it stays on the log."""
    topic, found = submissions_topic("grievance"), set()
    for partition in range(station.ledger.genesis.partitions):
        at, end = 0, await station.log.end_offset(topic, partition)
        while at < end:
            records = await station.log.read(topic, partition, at, _PORTION)
            if not records:
                break
            found |= {name for record in records if (name := _blob_of(record.value))}
            at = records[-1].offset + 1
    return found


def _blob_of(value: bytes | None) -> str | None:
    if value is None or _ATTACH.encode() not in value:
        return None
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    data = said.get("data") if isinstance(said, dict) and said.get("type") == _ATTACH else None
    blob = data.get("blob") if isinstance(data, dict) else None
    return blob if isinstance(blob, str) else None


def _faults(store: BlobFolder, names: Iterable[str]) -> tuple[list[str], list[str]]:
    missing: list[str] = []
    damaged: list[str] = []
    for name in names:
        try:
            store.check(name)
        except BlobError:
            (damaged if store.has(name) else missing).append(name)
    return missing, damaged
