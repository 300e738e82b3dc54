"""Where the log is not what was signed, the notary refuses, and says so."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from ledger.sqlite import SqliteLog
from ledger.tree_file import TreeStoreError, trees_path
from services.notary import following
from services.notary import notary as notaries
from services.notary.following import RefusesToSignError, follow
from tests.notary.house import (
    TREE,
    assert_tree_is_of,
    drafts,
    edited,
    notary_over,
    opened_log,
    reading,
    until,
)

SIGNED = 600
CHANGES = {
    "value": ("UPDATE records SET value = x'00'", "record {} is not the one"),
    "key": ("UPDATE records SET key = NULL", "record {} is not the one"),
    "time": ("UPDATE records SET timestamp = 1", "record {} is not the one"),
    "dropped": ("DELETE FROM records", "record {} is"),
}


async def signed(folder: Path) -> None:
    """A log of 600 records, signed."""
    async with opened_log(folder) as log:
        await log.append(*TREE, drafts(SIGNED))
        with notary_over(log, folder) as notary:
            await notary.catch_up()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("offset", [0, 300, SIGNED - 2])
async def test_a_changed_record_is_found(tmp_path: Path, change: str, offset: int) -> None:
    """At the start, before anything more is signed; the reason names the record, and other trees go on."""
    await signed(tmp_path)
    statement, reason = CHANGES[change]
    edited(tmp_path, statement, offset)
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(5))
        await log.append("t", 0, drafts(5))
        with notary_over(log, tmp_path) as notary:
            assert await notary.catch_up() == 5
            assert reason.format(offset) in notary.refused[TREE]
        with reading(tmp_path) as trees:
            latest = trees.latest(TREE)
            assert latest is not None
            assert latest.size == SIGNED
            assert trees.refusals().keys() == {TREE}


async def test_a_record_before_the_tail_is_found_by_the_thorough_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which runs on while signing does; until the log is right again nothing more is signed."""
    monkeypatch.setattr(notaries, "TAIL", 10)
    await signed(tmp_path)
    right = (tmp_path / "log.sqlite").read_bytes()
    edited(tmp_path, CHANGES["value"][0], 3)
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            assert not notary.refused
            await notary.check_all()
            assert "record 3 is not the one" in notary.refused[TREE]
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            assert TREE in notary.refused
    (tmp_path / "log.sqlite").write_bytes(right)
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(1))
        with notary_over(log, tmp_path) as notary:
            assert await notary.catch_up() == 1
            assert notary.store.refusals() == {}


async def test_a_log_that_shrank_is_found(tmp_path: Path) -> None:
    """Also where it has grown again to the same length, and while the notary runs."""
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(SIGNED))
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            edited(tmp_path, "DELETE FROM records", SIGNED - 1, on=True)
            await notary.catch_up()
            assert "is gone" in notary.refused[TREE]
        await log.append(*TREE, drafts(2, first=9_000))
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            assert f"record {SIGNED - 1} is not the one" in notary.refused[TREE]


async def test_a_tail_rewritten_while_the_notary_runs_is_found(tmp_path: Path) -> None:
    """Each batch begins with the last record that was signed."""
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(SIGNED))
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            edited(tmp_path, CHANGES["value"][0], SIGNED - 1)
            await log.append(*TREE, drafts(1))
            await notary.catch_up()
            assert f"record {SIGNED - 1} is not the one" in notary.refused[TREE]


async def test_a_partition_that_is_gone_is_found(tmp_path: Path) -> None:
    """A whole topic cannot be left out."""
    await signed(tmp_path)
    (tmp_path / "log.sqlite").unlink()
    async with SqliteLog(tmp_path / "log.sqlite") as log:
        await log.create_topics({"ledger": 1})
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            assert "no such partition" in notary.refused[TREE]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE tiles SET content = zeroblob(length(content)) WHERE level = 0",
        "UPDATE tiles SET content = substr(content, 1, 32) WHERE level = 0",
        "DELETE FROM tiles WHERE level = 0",
        "UPDATE checkpoints SET root = zeroblob(32)",
        "UPDATE checkpoints SET note = 'nothing'",
    ],
)
async def test_a_notary_whose_own_file_is_damaged_refuses(tmp_path: Path, damage: str) -> None:
    """It signs nothing that its own tiles do not lead to, and gives out no proof."""
    await signed(tmp_path)
    with contextlib.closing(sqlite3.connect(trees_path(tmp_path))) as file:
        file.execute(damage)
        file.commit()
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            assert TREE in notary.refused


async def test_no_proof_is_given_out_of_damaged_tiles(tmp_path: Path) -> None:
    """The reader verifies before it answers."""
    await signed(tmp_path)
    with contextlib.closing(sqlite3.connect(trees_path(tmp_path))) as file:
        file.execute("UPDATE tiles SET content = zeroblob(length(content)) WHERE level = 0 AND number = 1")
        file.commit()
    with reading(tmp_path) as trees:
        with pytest.raises(TreeStoreError, match="do not lead to the root"):
            trees.inclusion(TREE, 300)
        with pytest.raises(TreeStoreError, match="do not lead to the root"):
            trees.consistency(TREE, 300)


async def test_following_signs_what_comes_and_ends_when_told(tmp_path: Path) -> None:
    """At the head."""
    stop = asyncio.Event()
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            job = asyncio.create_task(follow(notary, log, [], stop, give_up=True))
            for end in (1, 300):
                await log.append(*TREE, drafts(end - await log.end_offset(*TREE)))
                await until(lambda end=end: notary.positions().get(TREE) == end)  # type: ignore[misc]
            stop.set()
            await job
            await assert_tree_is_of(log, notary.store, TREE)


async def test_following_gives_up_once_a_tree_is_refused(tmp_path: Path) -> None:
    """As a service of its own; the sentence says which tree, and why."""
    await signed(tmp_path)
    edited(tmp_path, CHANGES["value"][0], 7)
    async with opened_log(tmp_path) as log:
        with (
            notary_over(log, tmp_path) as notary,
            pytest.raises(RefusesToSignError, match="t/1: record 7 is not the one"),
        ):
            await follow(notary, log, [], asyncio.Event(), give_up=True)


async def test_following_beside_others_goes_on_with_the_other_trees(tmp_path: Path) -> None:
    """One refused tree does not stop the rest."""
    await signed(tmp_path)
    edited(tmp_path, CHANGES["value"][0], 7)
    stop = asyncio.Event()
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            job = asyncio.create_task(follow(notary, log, [], stop, give_up=False))
            await until(lambda: TREE in notary.refused)
            await log.append("t", 0, drafts(3))
            await until(lambda: 3 in notary.positions().values())
            stop.set()
            await job


async def test_a_log_that_is_away_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is refused for it."""
    monkeypatch.setattr(following, "_RETRY_SECONDS", 0.01)
    stop = asyncio.Event()
    async with opened_log(tmp_path) as log, SqliteLog(tmp_path / "log.sqlite") as closed:
        with notary_over(closed, tmp_path) as notary:
            await closed.__aexit__()
            job = asyncio.create_task(follow(notary, closed, [], stop, give_up=True))
            await log.append(*TREE, drafts(1))
            await closed.__aenter__()
            await until(lambda: notary.positions().get(TREE) == 1)
            stop.set()
            await job
            assert not notary.refused
