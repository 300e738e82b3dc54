"""The figures that the read model states, held against those of the audit's own fold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.figures import Figures, compute
from contracts.topics import events_topic, submissions_topic
from ledger.log import TopicPartition
from services.audit.cases import Books
from services.audit.comparing import first_unlike
from services.audit.findings import Difference, Findings
from services.audit.replay import Replayed

_EVENTS, _SUBMISSIONS = events_topic("grievance"), submissions_topic("grievance")


def marks(stated: Figures) -> dict[TopicPartition, int]:
    """The events offsets that stated figures rest on."""
    found = stated.as_of.get(_EVENTS, {})
    return {TopicPartition(_EVENTS, int(partition)): offset for partition, offset in found.items()}


def check_figures(stated: Figures, books: Books, replayed: Replayed, findings: Findings) -> None:
    """Compute the figures again, as of the same position, and compare figure by figure."""
    for partition, offset in sorted(stated.as_of.get(_EVENTS, {}).items()):
        end = replayed.as_of.get(_EVENTS, {}).get(partition, 0)
        if offset > end:
            place = TopicPartition(_EVENTS, int(partition))
            findings.differ("figures", _difference("as_of", end, offset, place, end))
    ours = compute(
        books.facts(),
        books.occurrences(),
        stated.scope,
        as_of=stated.as_of,
        undecided=_undecided(stated, replayed.decided_at),
    )
    expected, found = ours.model_dump(mode="json"), stated.model_dump(mode="json")
    findings.checked["figures"] += sum(1 for _ in _leaves(expected))
    unlike = first_unlike(expected, found)
    if unlike is not None:
        findings.differ("figures", _difference(*unlike))


def _undecided(stated: Figures, decided_at: Mapping[TopicPartition, int]) -> int:
    ends = stated.as_of.get(_SUBMISSIONS, {})
    decided = {partition: decided_at.get(TopicPartition(_EVENTS, int(partition)), 0) for partition in ends}
    return sum(max(0, end - decided[partition]) for partition, end in ends.items())


def _difference(
    what: str, expected: Any, found: Any, place: TopicPartition | None = None, offset: int | None = None
) -> Difference:
    return Difference(
        topic=place.topic if place else None,
        partition=place.partition if place else None,
        offset=offset,
        what=what,
        expected=expected,
        found=found,
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
