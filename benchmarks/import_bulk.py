"""A large import, submitted and decided, against the log's own append of records as large, in bulk.

Each grievance has six submissions inside one import batch: lodged, accepted, assigned, worked on, answered, closed.
They are sealed, signed and appended by the submitter's bulk path, then decided by the bulk catch-up path.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

from barograph.families import family_rules
from barograph.init import appoint, decide_register
from barograph.station import Station, opened_station, wall_clock
from benchmarks.bare_faust import faust_rate
from benchmarks.installation import COMMUNITY, ZONE, prepare
from benchmarks.measure import Bench, Result, Sides, in_fresh_process
from contracts.base import DAY_MS, HOUR_MS, sha256_hex
from contracts.partition import partition_of
from contracts.register import AppointV1
from contracts.topics import partitions_of, submissions_topic
from contracts.tracking import digest_of
from ledger.log import Draft
from ledger.open import open_log
from runtime import embedded
from runtime.settings import Settings
from runtime.submit import Said

CASES = 100_000
ROUNDS = 1
"""However many are asked for: one takes minutes, and a fresh ledger."""

CHUNK = 500
BARE_CHUNK = 2_000
_TOPIC = submissions_topic("grievance")
_BARE = "bare"


class Run(NamedTuple):
    """What one import did: records appended, the seconds to submit and to decide, and processor seconds of both."""

    records: int
    submitting: float
    deciding: float
    processor: float


def import_bulk(bench: Bench) -> Result:
    """Import into Kafka; beside it, what Faust alone delivers."""
    bootstrap, cases = bench.kafka(), bench.count(CASES)
    runs, bare, faust, size = [], [], [], 0
    for number in range(min(bench.rounds, ROUNDS)):
        prefix = f"bench-{uuid.uuid4().hex}"
        settings = Settings(home=bench.folder / f"home{number}", log=f"kafka://{bootstrap}/{prefix}")
        runs.append(in_fresh_process(_run, settings.home, settings.log, cases))
        rate, size = in_fresh_process(_append_bare, settings.log, runs[-1].records // 2)
        bare.append(rate)
        faust.append(in_fresh_process(faust_rate, bootstrap, f"{prefix}.{_TOPIC}", bench.folder, 6 * cases))
    values = [run.records / (run.submitting + run.deciding) for run in runs]
    submitted = median(run.records / 2 / run.submitting for run in runs)
    decided = median(run.records / 2 / run.deciding for run in runs)
    processor = median(run.records / run.processor for run in runs)
    note = (
        f"{cases} grievances of 6 submissions of {size} bytes, each with its decision; submitted {submitted:,.0f}/s "
        f"(sealed, signed), decided {decided:,.0f}/s ({decided / median(bare):.2f} of the yardstick), {processor:,.0f} records a "
        f"second of processor time; yardstick: the "
        f"log's append of as many submissions of the same bytes, {BARE_CHUNK} at a time; Faust alone delivers "
        f"{median(faust):,.0f}/s to an agent that only counts"
    )
    return Sides(values, bare).result("records/s", note)


def _run(home: Path, log: str, cases: int) -> Run:
    return asyncio.run(_imported(Settings(home=home, log=log), cases))


async def _imported(settings: Settings, cases: int) -> Run:
    await prepare(settings)
    async with opened_station(settings) as station:
        operator = station.ledger.genesis.administrator
        handler = AppointV1(person=operator, role="handler", unit=COMMUNITY.unit)
        await appoint(station, await station.register.catch_up(), handler)
        await decide_register(station)
        began, worked = time.perf_counter(), time.process_time()
        count = await _submit(station, cases)
        submitting = time.perf_counter() - began
        rules = family_rules()["grievance"]
        workers = embedded.make_workers(station.log, station.ledger, rules, wall_clock)
        began = time.perf_counter()
        decided = await embedded.catch_up(workers)
        deciding = time.perf_counter() - began
        assert decided == count, f"{decided} decided of {count}"
        processor = time.process_time() - worked
    return Run(2 * count, submitting, deciding, processor)


async def _submit(station: Station, cases: int) -> int:
    source = _Source(station)
    batch = station.submitter.subject_of(source.opening)
    await station.submitter.submit_many([source.opening])
    for start in range(0, cases, CHUNK):
        said = [one for n in range(start, min(start + CHUNK, cases)) for one in source.case(n, batch)]
        await station.submitter.submit_many(said)
    await station.submitter.submit_many([source.closing(batch, cases)])
    return 6 * cases + 2


class _Source:
    """What a made-up file tells."""

    def __init__(self, station: Station) -> None:
        self._submitter = station.submitter
        self._operator = station.ledger.genesis.administrator
        self._basis = station.register.history.end
        self._begin = station.ledger.genesis.created_at - 400 * DAY_MS
        body = {"source": "made-up.csv", "content": sha256_hex(b"made up")}
        self.opening = self._said("control.open_import.v1", body, "open", kind="imp")

    def closing(self, batch: str, rows: int) -> Said:
        """The end of the batch."""
        return self._said("control.close_import.v1", {"rows": rows, "bad_rows": 0}, "close", subject=batch)

    def case(self, number: int, batch: str) -> Iterator[Said]:
        """One grievance from its lodging to its close."""
        at = self._begin + number % 300 * DAY_MS
        lodging = self._said("grievance.lodge.v1", {}, f"lodge:{number}", kind="grv", told_at=at)
        case = self._submitter.subject_of(lodging)
        body = {
            "tracking": digest_of(self._submitter.tracking_number(self._submitter.submission_id(lodging))),
            "channel": "web",
            "zone": ZONE,
            "story": f"{number} 号楼前路灯不亮，夜里看不清路，请安排修理。",
            "reporter_name": f"虚构居民{number % 1000}",
            "source_id": str(number),
        }
        handles = {"reporter": f"bench:{number % 1000}"}
        yield replace(lodging, body=body, handles=handles, batch=batch)  # type: ignore[arg-type]
        steps: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("accept", {}),
            ("assign", {"handler": self._operator}),
            ("record_progress", {"note": "已联系维修单位。"}),
            ("reply", {"reply": "路灯已经修好，请查看。"}),
            ("close", {"outcome": "answered"}),
        )
        for hours, (name, told) in enumerate(steps, start=1):
            key, when = f"{name}:{number}", at + hours * HOUR_MS
            yield self._said(f"grievance.{name}.v1", told, key, subject=case, told_at=when, batch=batch)

    def _said(self, command: str, body: Mapping[str, object], key: str, **more: object) -> Said:
        role = (
            "handler" if command.split(".")[1] in ("assign", "record_progress", "reply", "close") else "clerk"
        )
        return Said(
            family="grievance",
            type=command,
            body=body,
            actor=self._operator,
            role=role,  # type: ignore[arg-type]
            unit=COMMUNITY.unit,
            key=key,
            basis=self._basis,
            **more,  # type: ignore[arg-type]
        )


def _append_bare(address: str, records: int) -> tuple[float, int]:
    return asyncio.run(_appended(address, records))


async def _appended(address: str, records: int) -> tuple[float, int]:
    """Records a second that the log appends in bulk, and the size of one."""
    async with open_log(address, one_machine=True) as log:
        drafts = await _some(address, records)
        await log.create_topics({_BARE: 1})
        await log.append(_BARE, 0, drafts[:1])
        began = time.perf_counter()
        for start in range(0, records, BARE_CHUNK):
            count = min(BARE_CHUNK, records - start)
            await log.append(_BARE, 0, [drafts[(start + n) % len(drafts)] for n in range(count)])
        seconds = time.perf_counter() - began
        return records / seconds, sum(len(draft.value or b"") for draft in drafts) // len(drafts)


async def _some(address: str, records: int) -> Sequence[Draft]:
    """Up to 30,000 of the submissions that were just made."""
    async with open_log(address, one_machine=True) as log:
        count = partitions_of("grievance", 12)
        found = await log.read(_TOPIC, partition_of(COMMUNITY.unit, count), 0, min(records, 30_000))
        return [Draft(record.timestamp, record.key, record.value) for record in found]
