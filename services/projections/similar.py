"""Cases that may repeat another one: suggestions to staff, with a reason; nothing is merged (docs/adr/0022).

Candidates come from keyed tags and from the same data subject; each is then opened and compared letter by
letter by rapidfuzz, for a reader who may open both. What cannot be opened is never suggested.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from contracts.figures import HIDDEN
from ledger.vault import Vault
from services.projections.database import ReadModelError
from services.projections.reading import Opener
from services.projections.rows import CaseRow
from services.projections.schema import Tables
from services.projections.signature import normal, tags_of
from services.projections.similar_index import SimilarIndex, SimilarIndexError, Tagged
from services.projections.store import ReadModel

SAME_PERSON_PERCENT = 50.0
"""From this on a text of the same person is suggested; see benchmarks/repeats.py for what it finds."""

ANYBODY_PERCENT = 70.0
"""The same for texts of others: repeats of a matter, letters from one template."""

MOST = 5
_SAME_PERSON, _SHARING = 20, 40
"""How many candidates of each kind are opened."""

_BATCH = 200
_IDLE_SECONDS = 2.0
_LODGED = "grievance.lodged.v1"


class Suggestion(NamedTuple):
    """A case that may be about the same; `percent` of the letters agree; `same_person` who lodged both."""

    case: CaseRow
    percent: int
    same_person: bool


class SimilarCases:
    """Finds them, and keeps the index up with the read model. Methods that are not async block."""

    def __init__(self, model: ReadModel, vault: Vault, index: SimilarIndex) -> None:
        self._model = model
        self._vault = vault
        self._index = index

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the index up until `stop`. A database that is away is waited for."""
        while not stop.is_set():
            more = False
            try:
                more = await asyncio.to_thread(self.catch_up)
            except (ReadModelError, SimilarIndexError):
                await asyncio.sleep(_IDLE_SECONDS)
            if not more:
                try:
                    async with asyncio.timeout(_IDLE_SECONDS):
                        await stop.wait()
                except TimeoutError:
                    continue
        self._index.close()

    def catch_up(self, batch: int = _BATCH) -> bool:
        """Index the next cases of each partition; whether there may be more."""
        more = False
        for place, at in self._model.positions().at.items():
            if place.family != "grievance":
                continue
            start = self._index.position(place.partition)
            if start >= at.decided_through:
                continue
            ask = partial(_lodged, partition=place.partition, start=start, limit=batch)
            found = self._model.read(ask)
            tagged = [self._tagged(*row) for row in found]
            full = len(found) == batch
            after = tagged[-1].submission_offset + 1 if full else at.decided_through
            self._index.add(place.partition, after, tagged)
            more = more or full
        return more

    def find(self, case: CaseRow) -> Sequence[Suggestion]:
        """What may be the same as this case, the likeliest first. Raises ReadModelUnavailableError."""
        from rapidfuzz import fuzz

        opener = Opener(self._vault, may_open=True)
        story = opener.stored(case.story, "story")
        if story is None or story.state != "open":
            return ()
        tags = tags_of(story.text, self._key(case.unit))
        try:
            sharing = self._index.sharing(tags, _SHARING)
        except SimilarIndexError:
            sharing = []
        others = self._model.read(partial(candidates, case=case, sharing=sharing))
        texts = {one.case_id: opener.stored(one.story, "story") for one in others}
        gone = [name for name, words in texts.items() if words is not None and words.state == "erased"]
        if gone:
            self._forget(tags, gone)
        told = normal(story.text)
        scored = [
            Suggestion(
                one,
                int(fuzz.ratio(told, normal(words.text), score_cutoff=SAME_PERSON_PERCENT)),
                one.reporter is not None and one.reporter == case.reporter,
            )
            for one in others
            if (words := texts[one.case_id]) is not None and words.state == "open"
        ]
        return sorted(filter(_likely, scored), key=lambda one: (-one.percent, one.case.lodged_at))[:MOST]

    def _forget(self, tags: Sequence[int], cases: Iterable[str]) -> None:
        try:
            self._index.forget(tags, list(cases))
        except SimilarIndexError:
            return

    def _key(self, unit: str) -> bytes:
        return self._vault.tag_key(f"similar/{unit}")

    def _tagged(self, submission_offset: int, case_id: str, unit: str, data: str) -> Tagged:
        story = Opener(self._vault, may_open=True).words(orjson.loads(data).get("story"), "story")
        tags = tags_of(story.text, self._key(unit)) if story and story.state == "open" else ()
        return Tagged(submission_offset, case_id, tags)


def _likely(one: Suggestion) -> bool:
    return one.percent >= (SAME_PERSON_PERCENT if one.same_person else ANYBODY_PERCENT)


def _lodged(
    connection: Connection, tables: Tables, partition: int, start: int, limit: int
) -> list[tuple[int, str, str, str]]:
    """Offset, case, unit and data of the next lodgings on a partition."""
    event, case = tables.case_events.c, tables.cases.c
    query = (
        select(event.submission_offset, event.case_id, case.unit, event.data)
        .join_from(
            tables.case_events,
            tables.cases,
            (case.case_id == event.case_id) & (case.partition == event.partition),
        )
        .where(event.partition == partition, event.submission_offset >= start, event.type == _LODGED)
        .order_by(event.submission_offset)
        .limit(limit)
    )
    return [(int(row[0]), row[1], row[2], row[3]) for row in connection.execute(query)]


def candidates(
    connection: Connection, tables: Tables, case: CaseRow, sharing: Sequence[str]
) -> list[CaseRow]:
    """Other cases of the community: those named, and the last ones of the same data subject."""
    row = tables.cases.c
    here = (row.unit == case.unit, row.case_id != case.case_id, row.status != HIDDEN)
    named = select(tables.cases).where(row.case_id.in_(sharing), *here)
    found = {one.case_id: CaseRow(*one) for one in connection.execute(named)} if sharing else {}
    if case.reporter is not None:
        same = select(tables.cases).where(row.reporter == case.reporter, *here)
        newest = same.order_by(row.lodged_at.desc(), row.case_id).limit(_SAME_PERSON)
        found |= {one.case_id: CaseRow(*one) for one in connection.execute(newest)}
    return list(found.values())
