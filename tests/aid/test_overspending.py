"""One fund, many approvals at once, on a real broker: two workers, one of them and the clock killed in the midst."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from barograph.audit_side import audit
from barograph.station import opened_station
from benchmarks import approvals as many
from benchmarks.installation import prepare
from contracts.fund import stream_of_fund
from contracts.fund_books import GENERAL
from runtime.settings import Settings
from services.projections import aids, funds
from services.projections.store import ReadModel

ROOT = Path(__file__).parents[2]
REQUESTS = 60
DEADLINE = 150.0


@contextmanager
def processes(settings: Settings, folder: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Services in processes of their own, of which none is left afterwards."""
    found: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("aid", "aid", "clock"):
            key = f"{name}{len(found)}"
            found[key] = started(settings, name, folder / f"{key}.log")
        yield found
    finally:
        for process in found.values():
            process.kill()
            process.wait()


def started(settings: Settings, service: str, output: Path) -> subprocess.Popen[bytes]:
    """One service at work."""
    environment = {**os.environ, "BAROGRAPH_PORT": "0"}
    command = [sys.executable, "-m", "barograph", "--home", str(settings.home), "--log", settings.log]
    with output.open("wb") as file:
        return subprocess.Popen(
            [*command, "serve", service], cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
        )


async def until(model: ReadModel, enough: int) -> dict[str, int]:
    """Wait until so many requests have the answer of their fund; return how many are in which state."""
    began = time.monotonic()
    while time.monotonic() - began < DEADLINE:
        found = await asyncio.to_thread(aids.states, model, "demo")
        if found.get("approved", 0) + found.get("unfunded", 0) >= enough:
            return found
        await asyncio.sleep(0.1)
    raise TimeoutError(str(found))


async def test_concurrent_approvals_never_overspend_a_fund(kafka_bootstrap: str, tmp_path: Path) -> None:
    """With money for 54 of 60, exactly 54 are granted and 6 told that there is not enough; an audit agrees."""
    settings = Settings(home=tmp_path / "home", log=f"kafka://{kafka_bootstrap}/t{uuid.uuid4().hex[:12]}")
    await prepare(settings)
    async with opened_station(settings) as station:
        await many.enter_aid(station)
        requests = await many.propose(station, REQUESTS)
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, station.ledger)
        with processes(settings, tmp_path) as running:
            await station.submitter.submit_many([many.approve(station, one) for one in requests])
            await until(model, 5)
            for name in ("aid0", "clock2"):
                running[name].send_signal(signal.SIGKILL)
                running[name].wait()
            running["aid3"] = started(settings, "aid", tmp_path / "aid3.log")
            running["clock4"] = started(settings, "clock", tmp_path / "clock4.log")
            found = await until(model, REQUESTS)
        assert found == {"approved": REQUESTS * 9 // 10, "unfunded": REQUESTS - REQUESTS * 9 // 10}
        stream = stream_of_fund(many.FUND)
        kept = (await asyncio.to_thread(funds.kept, model, [stream]))[stream]
        books = {(row.account, row.purpose): row.amount for row in kept.balances}
        assert books["encumbrance", GENERAL] == books["cash", GENERAL] == REQUESTS * 9 // 10 * many.AMOUNT
        assert sum(books.values()) == 0
        model.close()
    report = await audit(settings)
    assert report.ok, report
