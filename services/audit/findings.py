"""What an audit finds: differences, which make it fail, and what it only lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from contracts.base import Message
from contracts.topics import events_topic, submissions_topic

Scalar = str | int | float | bool | None

CheckName = Literal[
    "log",
    "integrity",
    "signatures",
    "checkpoints",
    "receipts",
    "completeness",
    "determinism",
    "read_model",
    "figures",
    "money",
    "basis",
    "clock",
    "unreadable",
    "unsigned",
]

LISTED_AT_MOST = 500
"""How many entries a list of a report names; the rest is counted."""


class Difference(Message):
    """Where two things that must be the same are not. Holds no personal data.

    `offset` is that of the record on its topic; `topic`, `partition` and `offset` are None where the
    difference has no place in the log. `submission` is the submission's offset, where one is concerned.
    """

    topic: str | None
    partition: int | None
    offset: int | None
    what: str
    expected: Scalar = None
    found: Scalar = None
    submission: int | None = None


class Listed(Message):
    """A record that an audit names without calling it a difference; `what`: a code, or seconds."""

    topic: str
    partition: int
    offset: int
    what: Scalar
    sha256: str | None = None


class Check(Message):
    """What one check came to: how much it looked at, and the first difference, in the order of the log.

    `differences` counts them all; `count` the records that it lists, of which `listed` names the first.
    """

    ok: bool
    checked: int
    differences: int = 0
    first_difference: Difference | None = None
    count: int = 0
    listed: tuple[Listed, ...] = ()


class Findings:
    """Gathers what the checks of one audit find."""

    def __init__(self) -> None:
        self.checked: defaultdict[CheckName, int] = defaultdict(int)
        self._firsts: dict[CheckName, Difference] = {}
        self._differences: defaultdict[CheckName, int] = defaultdict(int)
        self._listed: defaultdict[CheckName, list[Listed]] = defaultdict(list)
        self._counts: defaultdict[CheckName, int] = defaultdict(int)

    def differ(self, check: CheckName, difference: Difference) -> None:
        """Note a difference; the first one noted is kept."""
        self._firsts.setdefault(check, difference)
        self._differences[check] += 1

    def name(self, check: CheckName, entry: Listed) -> None:
        """Put a record on the check's list."""
        self._counts[check] += 1
        if len(self._listed[check]) < LISTED_AT_MOST:
            self._listed[check].append(entry)

    def checks(self, names: Iterable[CheckName]) -> dict[CheckName, Check]:
        """The checks of these names."""
        return {name: self._check(name) for name in names}

    def _check(self, name: CheckName) -> Check:
        return Check(
            ok=name not in self._firsts,
            checked=self.checked[name],
            differences=self._differences[name],
            first_difference=self._firsts.get(name),
            count=self._counts[name],
            listed=tuple(self._listed[name]),
        )


class PartitionFindings:
    """Notes what is found in one partition of a family: differences at decisions, lists of submissions."""

    def __init__(self, findings: Findings, family: str, partition: int) -> None:
        self._findings = findings
        self._events = events_topic(family)
        self._submissions = submissions_topic(family)
        self._partition = partition

    def differ(
        self, check: CheckName, offset: int, what: str, unlike: tuple[Scalar, Scalar], submission: int
    ) -> None:
        """Note a difference at this offset of the events partition; `unlike`: expected and found."""
        difference = Difference(
            topic=self._events,
            partition=self._partition,
            offset=offset,
            what=what,
            expected=unlike[0],
            found=unlike[1],
            submission=submission,
        )
        self._findings.differ(check, difference)

    def name(self, check: CheckName, offset: int, what: Scalar, sha256: str | None = None) -> None:
        """Put the submission at this offset on the check's list."""
        entry = Listed(
            topic=self._submissions, partition=self._partition, offset=offset, what=what, sha256=sha256
        )
        self._findings.name(check, entry)
