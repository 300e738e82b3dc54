"""Running a notary: at the head within about a second, checking all that was signed meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import structlog

from ledger.log import EventLog, LogError
from ledger.notes import signer_of, verifier_of
from ledger.tree_file import trees_path
from ledger.tree_store import TreeStore, only_notary
from runtime.home import Home
from services.notary.notary import Notary
from services.notary.witnessing import Witness, Witnessing

PACE_SECONDS = 0.25
"""At the head, records that come within this time are signed together."""

_WAIT_SECONDS = 1.0
_RETRY_SECONDS = 2.0
_CHECK_SECONDS = 24 * 3600.0
"""How often every signed record is compared with the log; the first time at the start."""

_log = structlog.get_logger(__name__)


class RefusesToSignError(Exception):
    """The log is not what was signed: this notary has stopped; the sentence says where and why."""


@contextlib.contextmanager
def opened_notary(home: Home, log: EventLog, ledger: str, clock: Callable[[], int]) -> Iterator[Notary]:
    """The one notary of a home. Raises HomeError, TreeStoreError (also while another one works)."""
    path, key = trees_path(home.path), signer_of(home.key("notary"))
    with only_notary(path):
        public = verifier_of("key", key).public
        store = TreeStore.open(path, ledger, public, clock())
        try:
            yield Notary(log, ledger, store, key, clock)
        finally:
            store.close()


async def follow(
    notary: Notary, log: EventLog, witnesses: Sequence[Witness], stop: asyncio.Event, *, give_up: bool
) -> None:
    """Sign and check until `stop`. A log that is away is waited for.

    With `give_up`, raises RefusesToSignError once a tree is refused; else the other trees go on being signed.
    Raises TreeStoreError.
    """
    jobs: list[Coroutine[Any, Any, None]] = [
        _sign(notary, log, stop, give_up=give_up),
        _every(_CHECK_SECONDS, notary.check_all, stop),
        _every(_WAIT_SECONDS, Witnessing(notary.store, witnesses).ask_all, stop),
    ]
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        # Each ends when it is told to stop, or by failing.
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _sign(notary: Notary, log: EventLog, stop: asyncio.Event, *, give_up: bool) -> None:
    while not stop.is_set():
        try:
            await notary.catch_up()
            if give_up and notary.refused:
                raise RefusesToSignError(refusal_sentence(notary))
            if positions := notary.positions():
                await log.wait(positions, _WAIT_SECONDS)
        except LogError as error:
            _log.warning("notary.log_is_away", reason=str(error))
            await _pause(_RETRY_SECONDS, stop)
        await _pause(PACE_SECONDS, stop)


async def _every(seconds: float, work: Callable[[], Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await work()
        except LogError:
            # Following says so; this work is done when the log is there again.
            await _pause(_RETRY_SECONDS, stop)
        else:
            await _pause(seconds, stop)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def refusal_sentence(notary: Notary) -> str:
    """What is refused, and why."""
    refused = (f"{at.topic}/{at.partition}: {reason}" for at, reason in sorted(notary.refused.items()))
    return (
        "the log is not what was signed before, and the notary signs no further. "
        f"Find out who changed it; go on only with the right log. {'; '.join(refused)}"
    )
