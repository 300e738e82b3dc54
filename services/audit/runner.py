"""Audits run in the background, one at a time; the last report is kept, so that a restart still shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from pydantic import ValidationError

from ledger.log import LogError
from runtime.chain import OutdatedError
from services.audit.replay import Progress, Report
from services.audit.report import AuditReport
from web.i18n import N_

_TELL_SECONDS = 0.5
"""Between two words about progress."""

LOG_AWAY = N_("The log does not answer. Run the audit again in a moment.")
OUTDATED = N_(
    "The log has rules or decisions that this version of the software does not know. Update it, then audit."
)
FAILED = N_("The audit ended with a failure. The reason is in the log of this process.")

Audit = Callable[[Report], Awaitable[AuditReport]]
"""Runs an audit, telling its progress, without keeping the caller's event loop busy."""


class AuditStoppedError(Exception):
    """Whoever asked for the audit wants it no more."""


class State(NamedTuple):
    """What is known: the audit under way, if any, and the last one's report, or why it failed.

    `failure` is a message id; `revision` grows with every change.
    """

    revision: int = 0
    running: bool = False
    progress: Progress | None = None
    report: AuditReport | None = None
    failure: str | None = None


class AuditRunner:
    """Runs audits and remembers the last. Owned by one event loop."""

    def __init__(self, audit: Audit, keep: Path | None = None) -> None:
        """`keep`: the file that holds the last report."""
        self.state = State(report=None if keep is None else _kept(keep))
        self._audit = audit
        self._keep = keep
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._told_at = 0.0

    def start(self) -> bool:
        """Start an audit; False where one is under way."""
        if self.state.running or self._closed:
            return False
        self._change(running=True, progress=None, failure=None)
        self._task = asyncio.create_task(self._run(), name="audit")
        return True

    async def changes(self, seen: int) -> AsyncGenerator[int, None]:
        """Give the revision whenever it is another than the last one `seen`. Ends when `close` is called."""
        while not self._closed:
            changed = self._changed
            if self.state.revision == seen:
                await changed.wait()
            else:
                seen = self.state.revision
                yield seen

    def close(self) -> None:
        """Stop the audit under way at its next portion, and end every stream of changes."""
        self._closed = True
        self._tell()

    async def finished(self) -> None:
        """Wait for the audit under way."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()

        def report(progress: Progress) -> None:
            # Called in whatever thread the audit runs in.
            if self._closed:
                raise AuditStoppedError
            loop.call_soon_threadsafe(self._note, progress)

        try:
            found = await self._audit(report)
            if self._keep is not None:
                await asyncio.to_thread(_keep, self._keep, found)
        except AuditStoppedError:
            self._change(running=False)
        except LogError:
            self._change(running=False, failure=LOG_AWAY)
        except OutdatedError:
            self._change(running=False, failure=OUTDATED)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the page must not wait for ever
            structlog.get_logger("audit").error("audit failed", reason=type(error).__name__)
            self._change(running=False, failure=FAILED)
        else:
            self._change(running=False, report=found)

    def _note(self, progress: Progress) -> None:
        now = time.monotonic()
        if self.state.running and now >= self._told_at + _TELL_SECONDS:
            self._told_at = now
            self._change(progress=progress)

    def _change(self, **changes: Any) -> None:
        self.state = self.state._replace(revision=self.state.revision + 1, **changes)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def in_thread(audit: Callable[[Report], Coroutine[Any, Any, AuditReport]]) -> Audit:
    """Run an audit in a thread with an event loop of its own.

    `audit` must open the log itself: a handle belongs to its loop.
    """

    async def run(report: Report) -> AuditReport:
        return await asyncio.to_thread(lambda: asyncio.run(audit(report)))

    return run


def _keep(path: Path, report: AuditReport) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(report.model_dump_json(), "utf-8")
    draft.replace(path)


def _kept(path: Path) -> AuditReport | None:
    try:
        return AuditReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
