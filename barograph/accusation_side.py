"""What the pages of accusations read: rows of the read model with the texts that the vault opens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import orjson
from pydantic import ValidationError

from contracts.personal import Sealed
from contracts.tracking import as_printed
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from services.accusation.views import Entry, Item, Misdirected, TrackedCase
from services.projections import accusations, queries
from services.projections.rows import AccusationEventRow, AccusationRow
from services.projections.store import ReadModel
from services.projections.told import told_of


class ReadAccusations:
    """See services.accusation.views.Accusations."""

    def __init__(self, model: ReadModel, vault: Vault) -> None:
        self._model = model
        self._vault = vault

    async def received_in(self, units: Sequence[str]) -> Sequence[Item]:
        """See services.accusation.views.Accusations."""
        rows = await asyncio.to_thread(accusations.of_units, self._model, units)
        return [self._item(row) for row in rows]

    async def find(self, accusation: str) -> Item | None:
        """See services.accusation.views.Accusations."""
        row = await asyncio.to_thread(accusations.by_id, self._model, accusation)
        return None if row is None else self._item(row)

    async def entries(self, accusation: str) -> Sequence[Entry]:
        """See services.accusation.views.Accusations."""
        rows = await asyncio.to_thread(accusations.events_of, self._model, accusation)
        return [self._entry(row) for row in rows]

    async def misdirected(self, case: str) -> Misdirected | None:
        """See services.accusation.views.Accusations."""
        view = await asyncio.to_thread(queries.shown_case, self._model, case)
        if view is None:
            return None
        told = told_of(view.events)
        opened = {
            name: self._vault.read(Sealed.model_validate(told[name]), name) if name in told else None
            for name in ("title", "story", "reporter_name", "telephone")
        }
        story = "\n\n".join(text for text in (opened["title"], opened["story"]) if text)
        row = view.case
        is_open = row.status == "lodged" and row.kind is None
        return Misdirected(
            row.unit, row.tracking, is_open, story or None, opened["reporter_name"], opened["telephone"]
        )

    async def case(self, tracking_number: str) -> TrackedCase | None:
        """See services.accusation.views.Accusations."""
        number = as_printed(tracking_number)
        if number is None:
            return None
        view = await asyncio.to_thread(queries.case_by_tracking_number, self._model, number)
        return None if view is None else TrackedCase(view.case.unit, view.case.case_id)

    def _item(self, row: AccusationRow) -> Item:
        excluded = None if row.excluded is None else self._opened(orjson.loads(row.excluded), "excluded")
        return Item(
            row.accusation_id,
            row.unit,
            row.about,
            row.channel,
            row.lodged_at,
            row.changed_at,
            row.status,
            tuple(row.entrusted.split()),
            row.proposed_by,
            self._opened(orjson.loads(row.against), "against"),
            tuple((excluded or "").split()),
        )

    def _entry(self, row: AccusationEventRow) -> Entry:
        texts: list[tuple[str, str | None]] = []
        data: list[tuple[str, str]] = []
        for name, value in orjson.loads(row.data).items():
            if isinstance(value, dict):
                texts.append((name, self._opened(value, name)))
            elif name in _SHOWN and isinstance(value, str):
                data.append((name, value))
        return Entry(row.type, row.actor, row.recorded_at, tuple(texts), tuple(data))

    def _opened(self, value: object, field: str) -> str | None:
        """The plain text; None where it is erased, or was not sealed under its subject's key."""
        try:
            return self._vault.read(Sealed.model_validate(value), field)
        except (VaultError, ValidationError):
            return None


_SHOWN = frozenset({"reason", "verdict", "person"})
