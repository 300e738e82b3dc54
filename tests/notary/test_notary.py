"""The notary: every partition's tree, signed as it grows, never in two ways."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.kafka import KafkaLog
from ledger.log import Draft, EventLog, TopicPartition
from ledger.merkle import ProofError, verify_consistency
from ledger.notes import open_checkpoint, signer_of, verifier_of
from ledger.sqlite import SqliteLog
from ledger.tree_file import TreeStoreError, origin_of, trees_path
from ledger.tree_reader import SignedTree
from ledger.tree_store import Growth, only_notary
from services.notary import notary as notaries
from tests.notary.house import (
    KEY,
    LEDGER,
    NOW,
    TREE,
    assert_tree_is_of,
    digest,
    drafts,
    notary_over,
    opened_log,
    reading,
)

LEDGER_TREE = TopicPartition("ledger", 0)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1000])
async def test_a_tree_is_that_of_the_records(tmp_path: Path, count: int) -> None:
    """Root, tiles, entries and proofs, of any number of records; and the empty partitions beside it."""
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(count))
        await log.append(*LEDGER_TREE, [Draft(NOW, None, b"genesis")])
        with notary_over(log, tmp_path) as notary:
            assert await notary.catch_up() == count + 1
        with reading(tmp_path) as trees:
            assert trees.trees() == [LEDGER_TREE, *(TopicPartition("t", number) for number in range(3))]
            for at in trees.trees():
                await assert_tree_is_of(log, trees, at)


class _Growing(SqliteLog):
    """A log to which somebody appends between the look at its ends and the reading."""

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The ends, which are not the ends any more."""
        ends = await super().end_offsets(topics)
        await self.append(*TREE, drafts(1, first=ends[TREE]))
        return ends


async def test_what_comes_meanwhile_is_signed_too(tmp_path: Path) -> None:
    """Records that are appended while the notary looks are signed with the rest, and it comes to an end."""
    async with _Growing(tmp_path / "log.sqlite") as log:
        await log.create_topics({"ledger": 1, "t": 3})
        await log.append(*TREE, drafts(5))
        with notary_over(log, tmp_path) as notary:
            async with asyncio.timeout(30):
                assert await notary.catch_up() == 6
            assert not notary.refused


async def test_a_tree_on_kafka_is_that_of_the_records(tmp_path: Path, kafka_bootstrap: str) -> None:
    """As on SQLite."""
    async with KafkaLog(kafka_bootstrap, f"test-{tmp_path.name}") as log:
        await log.create_topics({"ledger": 1, "t": 3})
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            await log.append(*TREE, drafts(600))
            await notary.catch_up()
            await log.append(*TREE, drafts(10, first=600))
            await notary.catch_up()
            await notary.check_all()
            assert not notary.refused
        with reading(tmp_path) as trees:
            await assert_tree_is_of(log, trees, TREE)


async def grown(log: EventLog, folder: Path, *ends: int) -> None:
    """Append up to each size in turn, each time with a new notary, which signs it."""
    for end in ends:
        start = await log.end_offset(*TREE)
        await log.append(*TREE, drafts(end - start, first=start))
        with notary_over(log, folder) as notary:
            await notary.catch_up()
            assert not notary.refused


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    """The tree of a notary that began anew again and again is that of one that never stopped."""
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path / "often", 1, 2, 255, 256, 257, 700)
        await grown(log, tmp_path / "once", 700)
    assert digest(tmp_path / "often") == digest(tmp_path / "once")


async def test_batches_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many records are read at a time."""
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path / "at once", 700)
        monkeypatch.setattr(notaries, "BATCH", 37)
        await grown(log, tmp_path / "in batches", 700)
    assert digest(tmp_path / "at once") == digest(tmp_path / "in batches")


def run_and_kill(folder: Path, kill_after: int) -> None:
    """Run a notary process, and kill it after so many commits."""
    program = [sys.executable, "-m", "tests.notary.notary_process", str(folder), "5"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(kill_after):
            assert process.stdout.readline().startswith("signed")
        process.send_signal(signal.SIGKILL)


async def test_a_killed_notary_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed in the middle, many times, it ends with the tree of one that was never killed."""
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(3000))
        for kill_after in (1, 7, 20):
            run_and_kill(tmp_path, kill_after)
        with reading(tmp_path) as trees:
            reached = trees.latest(TREE)
            assert reached is not None
            assert 0 < reached.size < 3000
        await grown(log, tmp_path, 3000)
        await grown(log, tmp_path / "once", 3000)
    assert digest(tmp_path) == digest(tmp_path / "once")


async def test_every_signed_tree_is_consistent_with_the_next(tmp_path: Path) -> None:
    """And the proofs between them verify; of what was never signed there is none."""
    sizes = (3, 256, 300, 513)
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path, *sizes)
    with reading(tmp_path) as trees:
        for size1, size2 in itertools.pairwise(sizes):
            old = trees.signed(TREE, size1)
            assert old is not None
            tree, path, _ = trees.consistency(TREE, size1, size2)
            verify_consistency(size1, size2, path, old.root, tree.root)
        found = trees.first_over(TREE, 256)
        assert found is not None
        assert found.size == 300
        for offset, of in ((5, 7), (513, 513), (513, None), (-1, None)):
            with pytest.raises(ProofError):
                trees.inclusion(TREE, offset, of)
        for size in (0, 514, -1):
            with pytest.raises(ProofError):
                trees.consistency(TREE, size)


async def test_a_new_topic_gets_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the notary runs."""
    monkeypatch.setattr(notaries, "_TOPICS_SECONDS", 0)
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            await log.create_topics({"new": 1})
            await log.append("new", 0, drafts(2))
            await notary.catch_up()
            await assert_tree_is_of(log, notary.store, TopicPartition("new", 0))


async def test_another_key_signs_the_same_tree(tmp_path: Path) -> None:
    """After a rotation the last checkpoint is signed by both keys, over the same root; older ones stay as they are."""
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path, 5, 9)
        with notary_over(log, tmp_path, seed=b"\x02" * 32) as notary:
            await notary.catch_up()
            assert not notary.refused
    with reading(tmp_path) as trees:
        old, new = (verifier_of(origin_of(LEDGER, TREE), key) for key in (KEY, signer_of(b"\x02" * 32)))
        assert trees.verifiers(TREE) == [old, new]
        before, after = trees.signed(TREE, 5), trees.signed(TREE, 9)
        assert before is not None
        assert after is not None
        assert open_checkpoint(before.note, [old]).size == 5
        assert open_checkpoint(after.note, [new]).root == after.root
        assert open_checkpoint(after.note, [old, new]).root == after.root


async def test_only_one_notary_works_in_a_home(tmp_path: Path) -> None:
    """The second is told so, and works once the first is gone."""
    path = trees_path(tmp_path)
    with only_notary(path), pytest.raises(TreeStoreError, match="another notary"), only_notary(path):
        pass
    with only_notary(path):
        pass


async def test_two_notaries_never_sign_two_trees_of_one_size(tmp_path: Path) -> None:
    """Even past the lock: the one that comes second is not let write, and reads anew."""
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as one, notary_over(log, tmp_path) as other:
            await one.catch_up()
            await other.catch_up()
            await log.append(*TREE, drafts(4))
            await one.catch_up()
            with pytest.raises(TreeStoreError, match="signed at size 4 already"):
                await other.catch_up()
            await log.append(*TREE, drafts(1, first=4))
            assert await other.catch_up() == 1
            await assert_tree_is_of(log, one.store, TREE)


async def test_the_store_keeps_no_second_tree_of_a_size(tmp_path: Path) -> None:
    """Nor a smaller one."""
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path, 4)
        with notary_over(log, tmp_path) as notary:
            signed = notary.store.latest(TREE)
            forged = SignedTree(4, b"\x00" * 32, "note", NOW)
            with pytest.raises(TreeStoreError):
                notary.store.sign_again(TREE, forged)
            for before, size in ((4, 4), (3, 4), (4, 3)):
                with pytest.raises(TreeStoreError):
                    notary.store.grow(TREE, before, Growth({}, forged._replace(size=size)))
            assert notary.store.latest(TREE) == signed


async def test_the_trees_of_another_ledger_are_left_alone(tmp_path: Path) -> None:
    """A home holds the trees of one ledger."""
    async with opened_log(tmp_path) as log:
        await grown(log, tmp_path, 2)
        with contextlib.ExitStack() as stack, pytest.raises(TreeStoreError, match="of ledger led_demo0000"):
            stack.enter_context(notary_over(log, tmp_path, ledger="led_other0000"))


async def test_there_is_nothing_to_read_before_the_first_notary(tmp_path: Path) -> None:
    """A reader of no file says that there is no tree."""
    with reading(tmp_path) as trees:
        assert (trees.trees(), trees.ledger(), trees.checkpoint(TREE)) == ([], None, None)
        assert trees.last_cosigned(TREE, "w") == 0
        with pytest.raises(ProofError, match="yet"):
            trees.inclusion(TREE, 0)
