"""Audits in the background: one at a time, the last one kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ledger.log import LogUnavailableError
from ledger.sqlite import SqliteLog
from runtime.kernel import RulesMissingError
from services.audit.replay import Progress, Report
from services.audit.report import AuditReport
from services.audit.runner import FAILED, LOG_AWAY, OUTDATED, AuditRunner, in_thread
from tests.audit.house import audit, make_file

SECONDS = 10.0


@pytest.fixture
async def report(tmp_path: Path) -> AuditReport:
    """The report of a small ledger."""
    file = await make_file(tmp_path / "log.sqlite")
    async with SqliteLog(file.path) as log:
        return await audit(log)


class Steps:
    """An audit that waits for the test to let it go on."""

    def __init__(self, report: AuditReport) -> None:
        self.go_on = asyncio.Event()
        self.started = 0
        self._report = report

    async def __call__(self, progress: Report) -> AuditReport:
        """Run."""
        self.started += 1
        progress(Progress(1, 2))
        await self.go_on.wait()
        progress(Progress(2, 2))
        return self._report


async def test_one_audit_runs_at_a_time(report: AuditReport) -> None:
    """While an audit is under way no other is started."""
    steps = Steps(report)
    runner = AuditRunner(steps)
    assert (runner.start(), runner.start()) == (True, False)
    steps.go_on.set()
    await runner.finished()
    assert (steps.started, runner.state.running) == (1, False)


async def test_the_report_is_there_when_the_audit_has_ended(report: AuditReport) -> None:
    """After the audit its report is the last one."""
    steps = Steps(report)
    steps.go_on.set()
    runner = AuditRunner(steps)
    runner.start()
    await runner.finished()
    assert runner.state.report == report


async def test_the_last_report_outlives_the_process(report: AuditReport, tmp_path: Path) -> None:
    """Another runner on the same file knows the last report."""
    steps = Steps(report)
    steps.go_on.set()
    runner = AuditRunner(steps, tmp_path / "audit.json")
    runner.start()
    await runner.finished()
    assert AuditRunner(steps, tmp_path / "audit.json").state.report == report


async def test_a_damaged_report_is_none(report: AuditReport, tmp_path: Path) -> None:
    """A file that holds no report counts as no audit."""
    (tmp_path / "audit.json").write_text("{}")
    assert AuditRunner(Steps(report), tmp_path / "audit.json").state.report is None


async def test_progress_is_told(report: AuditReport) -> None:
    """Whoever follows hears how far the audit is."""
    steps = Steps(report)
    runner = AuditRunner(steps)
    changes = runner.changes(runner.state.revision)
    runner.start()
    async with asyncio.timeout(SECONDS):
        while runner.state.progress is None:
            await anext(changes)
    assert runner.state.progress == Progress(1, 2)
    steps.go_on.set()
    await runner.finished()
    await changes.aclose()


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (LogUnavailableError("away"), LOG_AWAY),
        (RulesMissingError("grievance-9"), OUTDATED),
        (ZeroDivisionError(), FAILED),
    ],
)
async def test_a_failure_is_told(error: Exception, failure: str) -> None:
    """An audit that ends with a failure says which, and the next one may start."""

    async def failing(_progress: Report) -> AuditReport:
        raise error

    runner = AuditRunner(failing)
    runner.start()
    await runner.finished()
    assert (runner.state.failure, runner.state.running, runner.start()) == (failure, False, True)
    await runner.finished()


async def test_closing_ends_the_streams(report: AuditReport) -> None:
    """Who follows changes is let go when the server stops."""
    runner = AuditRunner(Steps(report))
    changes = runner.changes(runner.state.revision)
    waiting = asyncio.ensure_future(anext(changes, None))
    await asyncio.sleep(0)
    runner.close()
    assert await asyncio.wait_for(waiting, SECONDS) is None


async def test_closing_stops_the_audit(report: AuditReport) -> None:
    """An audit under way stops at its next portion, without a report or a failure."""
    steps = Steps(report)
    runner = AuditRunner(steps)
    runner.start()
    await asyncio.sleep(0)
    runner.close()
    steps.go_on.set()
    await runner.finished()
    assert (runner.state.report, runner.state.failure) == (None, None)


async def test_an_audit_in_a_thread_leaves_the_event_loop_free(tmp_path: Path) -> None:
    """The audit runs in a loop of its own; the caller's goes on turning."""
    file = await make_file(tmp_path / "log.sqlite")
    loops = []

    async def run(_progress: Report) -> AuditReport:
        loops.append(asyncio.get_running_loop())
        async with SqliteLog(file.path) as log:
            return await audit(log)

    report = await in_thread(run)(lambda _progress: None)
    assert report.ok
    assert loops[0] is not asyncio.get_running_loop()
