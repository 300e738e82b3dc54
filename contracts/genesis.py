"""Record 0 of the `ledger` topic: what this ledger is. Its hash is the first `previous` of every chain."""

from __future__ import annotations

from typing import Annotated

import orjson
from pydantic import Field, ValidationError

from contracts.base import Identifier, Message, Milliseconds, sha256_hex
from contracts.evidence import RoleKeys


class Genesis(Message):
    """The ledger's id, shape, first rules and first keys. `administrator` may enter the register's first records."""

    type: str = "ledger.genesis.v1"
    ledger: Identifier
    created_at: Milliseconds
    partitions: Annotated[int, Field(ge=1, le=1000)]
    topics: dict[str, int]
    rules: dict[str, str]
    administrator: Identifier
    keys: RoleKeys
    simulated: bool = False


def encode_genesis(genesis: Genesis) -> bytes:
    """The genesis record's value, written once at init."""
    return orjson.dumps(genesis.model_dump())


def decode_genesis(value: bytes | None) -> Genesis:
    """Read a genesis record; raise ValueError where it is none."""
    try:
        genesis = Genesis.model_validate(orjson.loads(value or b""))
    except (orjson.JSONDecodeError, ValidationError):
        raise ValueError("record 0 of the ledger topic is not a genesis record") from None
    if genesis.type != "ledger.genesis.v1":
        raise ValueError(f"genesis of unknown version: {genesis.type[:60]}")
    return genesis


def genesis_hash(value: bytes) -> str:
    """SHA-256 of the genesis record's value, in hexadecimal."""
    return sha256_hex(value)
