"""Rotation of keys: whole, cut short at every step, and beside a running intake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.evidence import KeyRole
from contracts.genesis import Genesis
from ledger.keys import KeyRing, verify_submission
from ledger.log import LogUnavailableError, TopicPartition
from ledger.sqlite import SqliteLog
from ledger.vault import Vault
from runtime import rotation
from runtime.genesis import Ledger, make_ledger
from runtime.home import Home, HomeError
from runtime.key_reader import KeyReader
from runtime.rotation import Rotated, Rotation
from runtime.signing import KeyFile
from runtime.submit import Receipt, Submitter
from tests.support.given import BEGINNING
from tests.support.intake import INTAKE_KEY, MASTER, Clock, lodging
from tests.support.partitions import GENESIS


@dataclass
class House:
    """A home with its own keys on record, and an intake process in it."""

    home: Home
    log: SqliteLog
    ledger: Ledger
    submitter: Submitter

    async def rotate(self, role: KeyRole = "intake", *, retire: bool = True, wait: float = 5.0) -> Rotated:
        """Run the command, as a process of its own would."""
        keys = KeyReader(self.log, self.ledger)
        return await Rotation(self.log, keys, self.home, role, Clock(), wait).run(retire=retire)

    async def ring(self) -> KeyRing:
        """The keys as an auditor folds them."""
        return await KeyReader(self.log, self.ledger).catch_up()

    async def verdict(self, receipt: Receipt) -> str:
        """What the signature of this submission is worth."""
        (record,) = await self.log.read(receipt.topic, receipt.partition, receipt.offset, 1)
        place = TopicPartition(receipt.topic, receipt.partition)
        return verify_submission(record.value, await self.ring(), place, record.offset).verdict

    def files(self) -> set[str]:
        """The files of signing keys."""
        return {path.name for path in (self.home.path / "keys").iterdir() if path.name.startswith("signing")}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A new home."""
    home = Home(tmp_path / "home")
    home.create()
    keys: dict[KeyRole, str] = {
        "intake": home.signing_key("intake").public_text,
        "notary": home.signing_key("notary").public_text,
    }
    genesis = Genesis.model_validate({**GENESIS.model_dump(), "keys": keys})
    async with SqliteLog(tmp_path / "log.sqlite") as log, Vault(home.vault, MASTER) as vault:
        ledger = await make_ledger(log, genesis)
        signer = KeyFile("intake", home.seed_path("intake"))
        yield House(home, log, ledger, Submitter(log, ledger, vault, INTAKE_KEY, Clock(), signer))
        signer.close()


async def test_a_running_intake_takes_up_the_new_key(house: House) -> None:
    """Before and after a rotation, one process signs with the key in force; both submissions verify."""
    before = await house.submitter.submit(lodging("one"))
    done = await house.rotate()
    after = await house.submitter.submit(lodging("two"))
    assert [await house.verdict(receipt) for receipt in (before, after)] == ["ok", "ok"]
    ring = await house.ring()
    assert (ring.in_force("intake").id, ring.flaws) == (done.new, [])
    assert house.submitter.promise(after).key_id == done.new
    old = ring.keys[done.old]
    assert not old.counts_at(TopicPartition(after.topic, after.partition), after.offset)


async def test_the_old_seed_is_destroyed_and_the_new_one_kept_0600(house: House) -> None:
    """After a rotation the home holds one seed, another than before, readable by its owner alone."""
    before = house.home.key("signing")
    await house.rotate()
    assert house.files() == {"signing.key"}
    assert house.home.key("signing") != before
    assert house.home.seed_path("intake").stat().st_mode & 0o777 == 0o600


async def test_roles_are_rotated_apart(house: House) -> None:
    """The notary's rotation leaves intake's key alone, and pins every topic."""
    done = await house.rotate("notary")
    ring = await house.ring()
    assert ring.in_force("intake").id == house.home.signing_key("intake").id
    assert set(ring.keys[done.old].ends or {}) == set(ring.topics)


async def test_a_rotation_may_be_retired_later(house: House) -> None:
    """With several machines the old key goes on counting until the command is run again."""
    await house.rotate(retire=False)
    assert (await house.ring()).leaving("intake") is not None
    assert (await house.rotate(retire=False)).retired is False
    done = await house.rotate()
    assert (done.retired, (await house.ring()).leaving("intake")) == (True, None)


class Crash(BaseException):
    """The process is killed here."""


STEPS = (
    (rotation, "make_key", 1),
    (rotation, "sign_ledger_record", 1),
    (Rotation, "_record", 1),
    (Rotation, "_install", 1),
    (Path, "replace", 1),
    (rotation, "sync_folder", 1),
    (Rotation, "_drained", 1),
    (rotation, "sign_ledger_record", 2),
    (Rotation, "_record", 2),
    (Rotation, "_destroy_old", 1),
    (rotation, "sync_folder", 2),
)
"""Where a rotation can be killed, in its order; the number tells which call."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("where", "step", "nth"), STEPS)
async def test_a_rotation_that_was_cut_short_is_finished(
    house: House, monkeypatch: pytest.MonkeyPatch, where: Any, step: str, nth: int, after: bool
) -> None:
    """Killed before or after any step, intake goes on, its submissions verify, and a second run finishes."""
    original, calls = getattr(where, step), []

    def killed(*args: Any, **more: Any) -> Any:
        calls.append(step)
        if len(calls) != nth:
            return original(*args, **more)
        if not after:
            raise Crash
        outcome = original(*args, **more)
        if asyncio.iscoroutine(outcome):
            return _then_crash(outcome)
        raise Crash

    first = house.home.signing_key("intake").id
    with monkeypatch.context() as patch:
        patch.setattr(where, step, killed)
        with pytest.raises(Crash):
            await house.rotate()
    receipt = await house.submitter.submit(lodging("between"))
    assert await house.verdict(receipt) == "ok"
    if house.files() != {"signing.key"} or (await house.ring()).in_force("intake").id == first:
        assert (await house.rotate()).old == first
    ring = await house.ring()
    assert (ring.flaws, len(ring.keys), ring.leaving("intake")) == ([], 3, None)
    assert ring.in_force("intake").id == house.home.signing_key("intake").id != first
    assert house.files() == {"signing.key"}
    assert await house.verdict(receipt) == "ok"
    assert await house.verdict(await house.submitter.submit(lodging("after"))) == "ok"


async def _then_crash(step: Any) -> None:
    await step
    raise Crash


async def test_nothing_is_retired_while_it_is_used(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that began with the old key ends before the old key's end is read, and counts."""
    begun, go_on, append = asyncio.Event(), asyncio.Event(), house.log.append

    async def slow(topic: str, partition: int, drafts: Any) -> list[int]:
        if topic == "grievance.submissions":
            begun.set()
            await go_on.wait()
        return await append(topic, partition, drafts)

    monkeypatch.setattr(house.log, "append", slow)
    submitting = asyncio.create_task(house.submitter.submit(lodging()))
    await begun.wait()
    with pytest.raises(LogUnavailableError, match="run this again"):
        await house.rotate(wait=0.0)
    assert (await house.ring()).leaving("intake") is not None
    rotating = asyncio.create_task(house.rotate())
    go_on.set()
    receipt, done = await submitting, await rotating
    assert done.retired
    assert await house.verdict(receipt) == "ok"


async def test_a_home_without_the_key_in_force_cannot_rotate(house: House, tmp_path: Path) -> None:
    """Another home of the same ledger is told which file to copy, and records nothing."""
    other = Home(tmp_path / "other")
    other.create()
    end = await house.log.end_offset("ledger", 0)
    with pytest.raises(HomeError, match=r"copy signing\.key"):
        await Rotation(house.log, KeyReader(house.log, house.ledger), other, "intake", Clock()).run()
    assert await house.log.end_offset("ledger", 0) == end
    await house.rotate(retire=False)
    with pytest.raises(HomeError, match=r"copy signing\.key"):
        await Rotation(house.log, KeyReader(house.log, house.ledger), other, "intake", Clock()).run()


async def test_one_rotation_at_a_time(house: House) -> None:
    """A second command beside the first is refused in a sentence."""
    first = Rotation(house.log, KeyReader(house.log, house.ledger), house.home, "intake", Clock())
    with first._alone(), pytest.raises(HomeError, match="another rotation"):
        await house.rotate()


async def test_the_receipt_is_the_records(house: House) -> None:
    """A promise tells the record's place, time and leaf; asked again it is the same, bytes and all."""
    receipt = await house.submitter.submit(lodging())
    promise = house.submitter.promise(receipt)
    assert (promise.offset, promise.recorded_at, promise.leaf_hash) == (0, BEGINNING, receipt.leaf_hash)
    assert house.submitter.promise(await house.submitter.submit(lodging())) == promise
