"""What was told when a case was lodged, still sealed, with its corrections: for who carries it to another case. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from services.projections.rows import CaseEventRow

OF_PERSONS = ("reporter_name", "telephone", "address", "representative_names", "person_concerned")
"""Who lodged it, who speaks for others, and whom it concerns."""
_TOLD = ("title", "story", *OF_PERSONS)
_SAYING = frozenset(
    f"grievance.{name}.v1" for name in ("lodged", "transferred_in", "corrected", "representatives_named")
)


def told_of(events: Iterable[CaseEventRow]) -> dict[str, Any]:
    """Each field as it was last said."""
    told: dict[str, Any] = {}
    for event in events:
        if event.type in _SAYING:
            data = orjson.loads(event.data)
            told |= {name: data[name] for name in _TOLD if data.get(name) is not None}
    return told
