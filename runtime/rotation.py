"""Rotation of a signing key. A crash at any point leaves a usable installation; running it again finishes.

In this order: the new seed on disk; the ledger's record that both keys sign; the new seed under the key's
name, the old one under another; when nothing on this machine uses the old one any more, the ledger's record
of how far it counts; the old seed destroyed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from contracts.evidence import KeyRetiredV1, KeyRole, KeyRotatedV1
from contracts.topics import LEDGER_TOPIC
from ledger.keys import KeyRing
from ledger.log import Draft, EventLog, LogUnavailableError, TopicPartition
from ledger.signing import SigningKey, sign_ledger_record, unsigned
from runtime.home import Home, HomeError, make_key, read_key, sync_folder
from runtime.key_reader import KeyReader

DRAIN_SECONDS = 60.0
_POLL_SECONDS = 0.02


class Rotated(NamedTuple):
    """What a rotation came to. `retired`: how far the old key counts is on record."""

    role: KeyRole
    old: str
    new: str
    retired: bool


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotates the key of one role in one home. `clock`: milliseconds since the epoch."""

    log: EventLog
    keys: KeyReader
    home: Home
    role: KeyRole
    clock: Callable[[], int]
    drain_seconds: float = DRAIN_SECONDS

    async def run(self, *, retire: bool = True) -> Rotated:
        """Rotate, or finish what was begun. Without `retire` the old key may sign until the next run.

        Raises HomeError (this home does not hold what it takes), LogError.
        """
        with self._alone():
            ring = await self.keys.catch_up()
            finished = self._tidy(ring)
            if finished is not None:
                return finished
            if ring.leaving(self.role) is None:
                await self._introduce(ring)
            self._install(ring)
            leaving = ring.leaving(self.role)
            if leaving is None:
                raise LogUnavailableError(
                    "the key was retired from another machine meanwhile: see 'keys list'"
                )
            if retire:
                await self._retire(ring, leaving.id)
            return Rotated(self.role, leaving.id, ring.in_force(self.role).id, retire)

    @property
    def _path(self) -> Path:
        return self.home.seed_path(self.role)

    @property
    def _next(self) -> Path:
        return self._path.with_suffix(".next.key")

    @property
    def _old(self) -> Path:
        return self._path.with_suffix(".old.key")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only rotation of this home. Raises HomeError where another is under way."""
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise HomeError("another rotation is under way in this home: wait until it is done") from None
        except OSError as error:
            raise HomeError(f"the keys of {self.home.path} cannot be changed: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def _tidy(self, ring: KeyRing) -> Rotated | None:
        """Destroy an old seed whose key is retired: all that an earlier run had left to do."""
        if not self._old.exists() or ring.leaving(self.role) is not None:
            return None
        old = ring.find(self.role, self._key(self._old).id)
        if old is None or old.ends is None:
            return None
        self._destroy_old()
        return Rotated(self.role, old.id, ring.in_force(self.role).id, retired=True)

    async def _introduce(self, ring: KeyRing) -> None:
        """Put the new key on record, signed by both."""
        old = self.home.signing_key(self.role)
        if ring.in_force(self.role).id != old.id:
            raise HomeError(self._missing(ring))
        make_key(self._next)
        new = self._key(self._next)
        record = KeyRotatedV1(
            ledger=ring.genesis.ledger,
            at=self.clock(),
            role=self.role,
            old=old.id,
            new=new.id,
            public=new.public_text,
            signatures=unsigned(2),
        )
        await self._record(sign_ledger_record(record, old, new))
        if ring.in_force(self.role).id != new.id:
            raise LogUnavailableError(
                "another rotation was recorded first: see 'keys list', then run it again"
            )

    def _install(self, ring: KeyRing) -> None:
        """Put the key in force under the name that services read."""
        in_force = ring.in_force(self.role).id
        if self.home.signing_key(self.role).id == in_force:
            return
        if not self._next.exists() or self._key(self._next).id != in_force:
            raise HomeError(self._missing(ring))
        if not self._old.exists():
            os.link(self._path, self._old)
        self._next.replace(self._path)
        sync_folder(self._path.parent)

    async def _retire(self, ring: KeyRing, old: str) -> None:
        """When nothing on this machine uses the old key, put on record how far it counts."""
        key = self.home.signing_key(self.role)
        await self._drained()
        topics = ring.pinned_topics(self.role)
        ends = await self.log.end_offsets(sorted(topics))
        pinned = {
            topic: tuple(ends[TopicPartition(topic, partition)] for partition in range(count))
            for topic, count in sorted(topics.items())
        }
        record = KeyRetiredV1(
            ledger=ring.genesis.ledger,
            at=self.clock(),
            role=self.role,
            key=old,
            ends=pinned,
            signer=key.id,
            signatures=unsigned(1),
        )
        await self._record(sign_ledger_record(record, key))
        if ring.leaving(self.role) is not None:
            raise LogUnavailableError("the retirement did not count: see 'keys list', then run it again")
        self._destroy_old()

    async def _drained(self) -> None:
        """Wait until no process of this machine holds the old key's file locked."""
        if not self._old.exists():
            return
        deadline = asyncio.get_running_loop().time() + self.drain_seconds
        descriptor = os.open(self._old, os.O_RDONLY)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if asyncio.get_running_loop().time() > deadline:
                        raise LogUnavailableError(
                            "the new key is in force, but something still goes on with the old one: "
                            "run this again to retire it"
                        ) from None
                    await asyncio.sleep(_POLL_SECONDS)
                else:
                    return
        finally:
            os.close(descriptor)

    async def _record(self, value: bytes) -> None:
        await self.log.append(LEDGER_TOPIC, 0, [Draft(self.clock(), None, value)])
        await self.keys.catch_up()

    def _destroy_old(self) -> None:
        self._old.unlink(missing_ok=True)
        sync_folder(self._path.parent)

    def _key(self, path: Path) -> SigningKey:
        return SigningKey.of_seed(self.role, read_key(path))

    def _missing(self, ring: KeyRing) -> str:
        return (
            f"the {self.role} key in force is {ring.in_force(self.role).id}, and this home does not hold it: "
            f"copy {self._path.name} from the home where it was rotated"
        )
