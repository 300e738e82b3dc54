"""The eraser: whoever the log says is erased loses their keys, before anything is read, whatever the vault."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from contracts import people as p
from contracts.personal import Sealed
from ledger.sqlite import SqliteLog
from ledger.vault import Vault
from runtime.eraser import TOPIC, Eraser
from tests.support.ledger import NEIGHBOUR, UNIT, DemoLedger

MASTER = b"m" * 32
NAME = "虚构居民"
ERASE = p.EraseV1(reason="unlawful")
HOLD = p.PlaceHoldV1(matter="1", reason="court_case")


@asynccontextmanager
async def opened(folder: Path, demo: DemoLedger) -> AsyncIterator[tuple[Eraser, Vault]]:
    """The eraser and the vault of this folder, with everything said so far in the log."""
    async with (
        demo.poured_into(SqliteLog(folder / "log.sqlite")) as log,
        Vault(folder / "vault.sqlite", MASTER) as vault,
    ):
        yield Eraser(log, demo.ledger, vault), vault


async def told(folder: Path, demo: DemoLedger, *handles: str, unit: str = UNIT) -> list[Sealed]:
    """The name of each of these, sealed; the vault is closed again."""
    async with opened(folder, demo) as (_, vault):
        return [(await vault.subject(handle, unit)).seal(NAME, "name") for handle in handles]


async def names(folder: Path, demo: DemoLedger, sealed: list[Sealed]) -> list[str | None]:
    """What can be read once the eraser has caught up."""
    async with opened(folder, demo) as (eraser, vault):
        await eraser.catch_up()
        return [vault.read(text, "name") for text in sealed]


async def test_the_erased_lose_their_keys(tmp_path: Path) -> None:
    """A decided erasure destroys that subject's keys and nobody else's, in every community."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a", "b")
    sealed += await told(tmp_path, demo, "c", "d", unit=NEIGHBOUR)
    demo.submit(ERASE, subject=sealed[0].subject)
    demo.submit(ERASE, subject=sealed[2].subject, unit=NEIGHBOUR)
    assert await names(tmp_path, demo, sealed) == [None, NAME, None, NAME]


async def test_nobody_erases_another_communitys_people(tmp_path: Path) -> None:
    """An erasure said in another community than the subject's own is refused, and destroys nothing."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a")
    said = demo.submit(ERASE, subject=sealed[0].subject, unit=NEIGHBOUR)
    assert (said.decision.outcome, said.decision.reason) == ("refused", "other_unit")
    assert await names(tmp_path, demo, sealed) == [NAME]


async def test_a_refused_erasure_destroys_nothing(tmp_path: Path) -> None:
    """Who is held keeps their keys: the refusal is a decision too."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a")
    demo.submit(HOLD, subject=sealed[0].subject)
    demo.submit(ERASE, subject=sealed[0].subject)
    assert await names(tmp_path, demo, sealed) == [NAME]


async def test_what_was_not_admitted_destroys_nothing(tmp_path: Path) -> None:
    """A forged decision on the events topic that the chain does not admit erases nobody."""
    demo, other = DemoLedger(), DemoLedger(name="led_other0000")
    sealed = await told(tmp_path, demo, "a")
    other.submit(ERASE, subject=sealed[0].subject)
    forged = other.events("people")[-1].value
    demo.put(TOPIC, demo.place_of("people", UNIT), forged)
    assert await names(tmp_path, demo, sealed) == [NAME]


async def test_an_erasure_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    """Where a process dies between the event and the destruction, whoever starts next destroys the keys."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a")
    demo.submit(ERASE, subject=sealed[0].subject)
    async with opened(tmp_path, demo) as (_, vault):
        assert vault.read(sealed[0], "name") == NAME
    assert await names(tmp_path, demo, sealed) == [None]


async def test_it_looks_once(tmp_path: Path) -> None:
    """What has been looked through is not looked through again, by this process or the next."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a", "b")
    demo.submit(ERASE, subject=sealed[0].subject)
    async with opened(tmp_path, demo) as (eraser, _):
        assert await eraser.catch_up() == {sealed[0].subject}
        assert await eraser.catch_up() == frozenset()
    demo.submit(ERASE, subject=sealed[1].subject)
    async with opened(tmp_path, demo) as (eraser, _):
        assert await eraser.catch_up() == {sealed[1].subject}


async def test_two_at_once_do_no_harm(tmp_path: Path) -> None:
    """Two erasers of one home end with the same tombstones, and one that is asked twice at once too."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a", "b")
    for text in sealed:
        demo.submit(ERASE, subject=text.subject)
    async with opened(tmp_path, demo) as (one, vault), opened(tmp_path, demo) as (other, _):
        await asyncio.gather(one.catch_up(), one.catch_up(), other.catch_up())
        assert [vault.is_destroyed(text.subject) for text in sealed] == [True, True]


@pytest.mark.parametrize("later", [0, 1])
async def test_an_old_copy_of_the_vault_resurrects_nobody(tmp_path: Path, later: int) -> None:
    """A vault file put back from before an erasure loses those keys again, however much was erased since."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a", "b", "c")
    demo.submit(ERASE, subject=sealed[2].subject)
    await names(tmp_path, demo, sealed)
    shutil.copy(tmp_path / "vault.sqlite", tmp_path / "copy")
    for text in sealed[: later + 1]:
        demo.submit(ERASE, subject=text.subject)
    after = [None, None if later else NAME, None]
    assert await names(tmp_path, demo, sealed) == after
    put_back(tmp_path)
    assert await names(tmp_path, demo, sealed) == after


async def test_without_their_tombstones_the_erased_stay_erased(tmp_path: Path) -> None:
    """Where keys are put back and tombstones taken away, the log is looked through anew."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a")
    with closing(sqlite3.connect(tmp_path / "vault.sqlite")) as connection:
        keys = connection.execute("SELECT * FROM subjects").fetchall()
    demo.submit(ERASE, subject=sealed[0].subject)
    await names(tmp_path, demo, sealed)
    with closing(sqlite3.connect(tmp_path / "vault.sqlite")) as connection, connection:
        connection.execute("DELETE FROM tombstones")
        connection.executemany("INSERT INTO subjects VALUES (?, ?, ?)", keys)
    assert await names(tmp_path, demo, sealed) == [None]


async def test_a_restore_into_an_empty_vault_resurrects_nobody(tmp_path: Path) -> None:
    """A copy taken in by a home that lost its vault, tombstones and all, brings only the others back."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a", "b")
    async with opened(tmp_path, demo) as (_, vault):
        vault.backup(tmp_path / "copy")
    demo.submit(ERASE, subject=sealed[0].subject)
    await names(tmp_path, demo, sealed)
    (tmp_path / "vault.sqlite").unlink()
    async with opened(tmp_path, demo) as (eraser, vault):
        await eraser.catch_up()
        vault.restore(tmp_path / "copy")
        await eraser.catch_up()
        assert [vault.read(text, "name") for text in sealed] == [None, NAME]


async def test_it_follows_the_log(tmp_path: Path) -> None:
    """A running eraser destroys the keys of whom is erased meanwhile."""
    demo = DemoLedger()
    sealed = await told(tmp_path, demo, "a")
    async with (
        demo.poured_into(SqliteLog(tmp_path / "log.sqlite")) as log,
        Vault(tmp_path / "vault.sqlite", MASTER) as vault,
    ):
        stop = asyncio.Event()
        running = asyncio.create_task(Eraser(log, demo.ledger, vault).run(stop))
        demo.submit(ERASE, subject=sealed[0].subject)
        await demo.pour(log)
        async with asyncio.timeout(30):
            while not vault.is_destroyed(sealed[0].subject):  # noqa: ASYNC110 - a file gives no event
                await asyncio.sleep(0.01)
        stop.set()
        await running


def put_back(folder: Path) -> None:
    """Put the copied vault in the place of the one in use."""
    for beside in folder.glob("vault.sqlite*"):
        beside.unlink()
    shutil.copy(folder / "copy", folder / "vault.sqlite")
