"""The first record of a ledger: written once at init, read by every service at its start."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.genesis import Genesis, decode_genesis, encode_genesis, genesis_hash
from contracts.topics import FAMILIES, LEDGER_TOPIC
from ledger.log import Draft, EventLog, ForeignLogError, UnknownTopicError


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger's genesis and the hash of the genesis record's value."""

    genesis: Genesis
    hash: str


class NoLedgerError(Exception):
    """There is no ledger here yet: `barograph init` makes one."""


async def open_ledger(log: EventLog) -> Ledger:
    """Read the genesis. Raises NoLedgerError, ForeignLogError, LogUnavailableError."""
    try:
        records = await log.read(LEDGER_TOPIC, 0, 0, 1)
    except UnknownTopicError:
        records = []
    if not records:
        raise NoLedgerError("there is no ledger here: make one with 'barograph init'")
    value = records[0].value or b""
    try:
        genesis = decode_genesis(value)
    except ValueError as error:
        raise ForeignLogError(str(error)) from None
    missing = [family for family in FAMILIES if family not in genesis.rules]
    if missing:
        raise ForeignLogError(f"this ledger was made before there was {', '.join(missing)}: make a new one")
    return Ledger(genesis, genesis_hash(value))


async def make_ledger(log: EventLog, genesis: Genesis) -> Ledger:
    """Create the topics and write the genesis; where a ledger exists already, open that one.

    Two that race both append; record 0 is the genesis and the other is ignored by every reader.
    """
    await log.create_topics(genesis.topics)
    try:
        return await open_ledger(log)
    except NoLedgerError:
        await log.append(LEDGER_TOPIC, 0, [Draft(genesis.created_at, None, encode_genesis(genesis))])
        return await open_ledger(log)
