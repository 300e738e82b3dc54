"""The topics of a ledger, by family."""

from __future__ import annotations

from typing import Literal

LEDGER_TOPIC = "ledger"
"""One partition; record 0 is the genesis."""

Family = Literal["register", "grievance", "people", "accusation", "mediation", "aid", "fund"]
FAMILIES: tuple[Family, ...] = (
    "register",
    "grievance",
    "people",
    "accusation",
    "mediation",
    "aid",
    "fund",
)
ONE_PARTITION: frozenset[str] = frozenset({"register"})
"""Families whose rules need one order over the whole ledger (invariant 7)."""


def submissions_topic(family: str) -> str:
    """The topic that intake appends to."""
    return f"{family}.submissions"


def events_topic(family: str) -> str:
    """The topic that holds the family's decisions: the record."""
    return f"{family}.events"


def partitions_of(family: str, partitions: int) -> int:
    """How many partitions both topics of a family have."""
    return 1 if family in ONE_PARTITION else partitions


def ledger_topics(partitions: int) -> dict[str, int]:
    """Every topic of a ledger with its partition count."""
    topics = {LEDGER_TOPIC: 1}
    for family in FAMILIES:
        count = partitions_of(family, partitions)
        topics[submissions_topic(family)] = count
        topics[events_topic(family)] = count
    return topics
