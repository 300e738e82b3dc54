"""Decisions recorded under released rules are decided again to the byte, whatever has become of the code."""

from __future__ import annotations

import base64
import zlib
from collections import defaultdict
from typing import Any

import orjson
import pytest

from barograph.families import family_rules
from contracts.genesis import decode_genesis, genesis_hash
from contracts.reference import RegisterHistory
from contracts.topics import FAMILIES
from ledger.log import Record
from runtime.kernel import Partition
from tests.audit.record_golden import PATH

Place = tuple[str, int]


def read() -> tuple[bytes, dict[Place, list[tuple[Record, bytes]]]]:
    """The genesis record's value, and each partition's submissions with their decisions."""
    first, *others = map(orjson.loads, PATH.read_bytes().splitlines())
    found: defaultdict[Place, list[tuple[Record, bytes]]] = defaultdict(list)
    for line in others:
        here = found[line["family"], line["partition"]]
        record = Record(len(here), line["timestamp"], value_of(line["key"]), value_of(line["submission"]))
        here.append((record, value_of(line["decision"]) or b""))
    return value_of(first["genesis"]) or b"", dict(found)


def value_of(text: str | None) -> bytes | None:
    """The bytes behind a text of the file."""
    return None if text is None else zlib.decompress(base64.b85decode(text))


def decided() -> list[tuple[bytes, bytes]]:
    """Each golden decision beside the one that is made today, the register's first."""
    value, places = read()
    genesis = decode_genesis(value)
    register = RegisterHistory(genesis.administrator)
    pairs = []
    for family, number in sorted(places, key=lambda place: (FAMILIES.index(place[0]), place[1])):
        partition = Partition(family_rules()[family], genesis, genesis_hash(value), number, register)
        for record, golden in places[family, number]:
            pairs.append((golden, partition.decide(record, register_is_whole=True)))
    return pairs


def test_golden_decisions_are_made_again_to_the_byte() -> None:
    """Every decision of the golden ledger comes out with the same bytes."""
    for golden, now in decided():
        assert now == golden


def outcome(value: bytes) -> tuple[Any, ...]:
    """What a decision says, in short."""
    data = orjson.loads(value)["data"]
    return data["outcome"], data.get("reason")


@pytest.mark.parametrize(
    "kind",
    [
        ("accepted", None),
        ("conflict", None),
        ("duplicate", None),
        ("no_op", "early"),
        ("refused", "not_entitled"),
        ("unreadable", "bad_data"),
        ("unreadable", "basis_ahead"),
        ("unreadable", "oversized"),
        ("unsupported", "unknown_type"),
    ],
)
def test_the_golden_ledger_has_every_kind_of_decision(kind: tuple[Any, ...]) -> None:
    """No outcome is missing among the golden decisions."""
    assert kind in {outcome(golden) for golden, _ in decided()}
