"""What `barograph keys` and `barograph receipt` do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from barograph.commands import WrongUseError
from barograph.station import opened_log, wall_clock
from contracts.evidence import KEY_ROLES, KeyRole, ProvenReceipt, SignedReceipt, key_id
from ledger.judging import check_proof, check_signature, is_of, judge_receipt
from ledger.keys import Flaw, KeyRing, KnownKey
from ledger.log import EventLog, Record, UnknownTopicError
from ledger.receipts import MAX_RECEIPT_BYTES, ReceiptError, is_signed_by, read_receipt
from runtime.genesis import open_ledger
from runtime.home import Home, HomeError
from runtime.key_reader import KeyReader
from runtime.rotation import Rotated, Rotation
from runtime.settings import Settings

_KEY_BYTES = 32


class ListedKey(NamedTuple):
    """A key as `keys list` shows it. `here`: this home holds its seed."""

    role: KeyRole
    id: str
    state: str
    since: int
    public: str
    here: bool
    ends: dict[str, tuple[int, ...]] | None


class Listing(NamedTuple):
    """Every key, and the records of the ledger topic that count for nothing."""

    keys: list[ListedKey]
    flaws: list[Flaw]

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        keys, flaws = ([row._asdict() for row in rows] for rows in self)
        return {"keys": keys, "flaws": flaws}


@dataclass(slots=True)
class ReceiptReport:
    """What was checked of a receipt, what failed, and what was not checked."""

    receipt: SignedReceipt
    checked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all that was checked is as it should be."""
        return not self.failed

    def note(self, claim: str, *, holds: bool) -> None:
        """Enter the outcome of one check."""
        (self.checked if holds else self.failed).append(claim)

    def lines(self) -> Iterator[str]:
        """The report for a person."""
        yield f"receipt of {self.receipt.origin}, record {self.receipt.offset}"
        yield from (f"  checked      {line}" for line in self.checked)
        yield from (f"  FAILED       {line}" for line in self.failed)
        yield from (f"  not checked  {line}" for line in self.unchecked)
        yield "the receipt is good, as far as it was checked" if self.ok else "the receipt is not good"

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "ok": self.ok,
            "receipt": self.receipt.model_dump(),
            "checked": self.checked,
            "failed": self.failed,
            "not_checked": self.unchecked,
        }


@asynccontextmanager
async def opened_keys(settings: Settings) -> AsyncIterator[tuple[EventLog, KeyReader]]:
    """The log and its keys, whatever keys the home holds."""
    async with opened_log(settings) as log:
        keys = KeyReader(log, await open_ledger(log))
        await keys.catch_up()
        yield log, keys


async def list_keys(settings: Settings) -> Listing:
    """Every key of the ledger."""
    async with opened_keys(settings) as (_, keys):
        ring, held = keys.ring, _held(Home(settings.home))
        listed = [
            ListedKey(
                known.role,
                known.id,
                _state(ring, known),
                known.since,
                base64.b64encode(known.public).decode(),
                known.id in held,
                dict(known.ends) if known.ends is not None else None,
            )
            for known in ring.keys.values()
        ]
        return Listing(listed, ring.flaws)


async def rotate(settings: Settings, role: KeyRole, *, retire: bool) -> Rotated:
    """Rotate the key of a role, or finish a rotation that was cut short.

    The notary reads its key once, so its old key is retired by a second run only, after it was restarted.
    """
    home = Home(settings.home)
    home.signing_key(role)
    async with opened_keys(settings) as (log, keys):
        retire = retire and (role == "intake" or keys.ring.leaving(role) is not None)
        return await Rotation(log, keys, home, role, wall_clock).run(retire=retire)


async def verify_receipt(settings: Settings, file: Path, key: str | None, home: Path | None) -> ReceiptReport:
    """Check a receipt against a public key, or against the log of a home.

    Raises WrongUseError (also where it is no receipt), HomeError, LogError.
    """
    brought = _read(file)
    if key is not None:
        return _off_line(brought, _public(key))
    chosen = settings if home is None else settings.model_copy(update={"home": home, "log": ""})
    if not chosen.log and not (chosen.home / "log.sqlite").is_file():
        # Opening it would make an empty one.
        raise WrongUseError(
            f"there is no log in {chosen.home}: give --key with intake's public key, or --ledger"
        )
    async with opened_keys(chosen) as (log, keys):
        receipt = _receipt_of(brought)
        try:
            record = await _record(log, receipt)
        except UnknownTopicError:
            record = None
        return _against_log(brought, keys.ring, record)


def _off_line(brought: SignedReceipt | ProvenReceipt, public: bytes) -> ReceiptReport:
    receipt = _receipt_of(brought)
    report = ReceiptReport(receipt, ["it has the form of a receipt, and its origin fits its place"])
    report.note("it names the key that was given", holds=receipt.key_id == key_id("intake", public))
    report.note("its signature is that key's", holds=is_signed_by(receipt, public))
    report.unchecked += [
        "whether that key was retired before this place in the log: give --ledger",
        "whether the record stands on the log: give --ledger",
    ]
    _check_proof(report, brought, ())
    return report


def _against_log(
    brought: SignedReceipt | ProvenReceipt, ring: KeyRing, record: Record | None
) -> ReceiptReport:
    receipt = _receipt_of(brought)
    report = ReceiptReport(receipt, ["it has the form of a receipt, and its origin fits its place"])
    wrong = check_signature(receipt, ring)
    if wrong is not None:
        report.failed.append(str(judge_receipt(receipt, ring, record, 0, 0)))
        report.unchecked.append("whether the record stands on the log: this receipt says nothing about it")
        return report
    report.checked += [
        "it is of this ledger",
        "its key is intake's, and counts at this place",
        "its signature is that key's",
    ]
    claim = "the record that it promises stands at its place on the log"
    report.note(claim, holds=record is not None and is_of(receipt, record))
    notaries = [known for known in ring.keys.values() if known.role == "notary"]
    _check_proof(report, brought, notaries)
    return report


def _check_proof(
    report: ReceiptReport, brought: SignedReceipt | ProvenReceipt, notaries: Sequence[KnownKey]
) -> None:
    if not isinstance(brought, ProvenReceipt):
        report.unchecked.append("whether the record is in the signed tree: this receipt holds no proof of it")
        return
    failure = check_proof(brought, notaries)
    report.note(failure or "its proof leads to the root of its checkpoint", holds=failure is None)
    if not notaries:
        report.unchecked.append("whether the notary signed that checkpoint: give --ledger")
    elif failure is None:
        report.checked.append("a notary key of this ledger signed that checkpoint")


async def _record(log: EventLog, receipt: SignedReceipt) -> Record | None:
    found = await log.read(receipt.topic, receipt.partition, receipt.offset, 1)
    return found[0] if found and found[0].offset == receipt.offset else None


def _receipt_of(brought: SignedReceipt | ProvenReceipt) -> SignedReceipt:
    return brought.receipt if isinstance(brought, ProvenReceipt) else brought


def _read(file: Path) -> SignedReceipt | ProvenReceipt:
    try:
        with file.open("rb") as opened:
            return read_receipt(opened.read(MAX_RECEIPT_BYTES + 1))
    except OSError as error:
        raise WrongUseError(f"{file} cannot be read: {error.strerror}") from None
    except ReceiptError as error:
        raise WrongUseError(str(error)) from None


def _public(text: str) -> bytes:
    try:
        public = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        public = b""
    if len(public) != _KEY_BYTES:
        raise WrongUseError("this is no public key: give the 44 characters that 'keys list' shows")
    return public


def _state(ring: KeyRing, known: KnownKey) -> str:
    if known.ends is not None:
        return "retired"
    return "in force" if ring.in_force(known.role).id == known.id else "leaving"


def _held(home: Home) -> set[str]:
    """The ids of the keys whose seeds this home holds under their names."""
    held = set()
    for role in KEY_ROLES:
        try:
            held.add(home.signing_key(role).id)
        except HomeError:
            continue
    return held
