"""The reaction to transfers (invariant 8): what left one community is told to the other, and its answer brought back.

Any number may run, and again after any crash: what they say has derived ids, and is decided once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from contracts.workflow import stream_id
from runtime.register_reader import RegisterReader
from runtime.submit import OtherBodyError, Receipt, Said, Submitter
from services.projections import queries
from services.projections.rows import CaseEventRow, CaseRow
from services.projections.store import ReadModel
from services.projections.told import told_of

_AT_ONCE = 200
_SECONDS = 5.0
_FINAL = frozenset({"accepted", "refused", "no_op", "unsupported", "unreadable"})


class Transfers:
    """Carries each transfer to its end, speaking as `actor`."""

    def __init__(self, submitter: Submitter, register: RegisterReader, model: ReadModel, actor: str) -> None:
        self._submitter = submitter
        self._register = register
        self._model = model
        self._actor = actor

    async def look(self) -> int:
        """Say what is to be said of the transfers under way; return how many these are.

        Raises LogError, VaultError, ReadModelUnavailableError.
        """
        waiting = await asyncio.to_thread(queries.in_transit, self._model, _AT_ONCE)
        if waiting:
            await self._register.catch_up()
        for case_id in waiting:
            view = await asyncio.to_thread(queries.case_by_id, self._model, case_id)
            if view is not None and view.case.in_transit:
                await self._carry(view)
        return len(waiting)

    async def _carry(self, view: queries.CaseView) -> None:
        request = self._request(view)
        if request is None:
            return
        identity = self._submitter.submission_id(request)
        decided = await asyncio.to_thread(queries.decisions_of, self._model, identity)
        answer = next((one for one in decided if one.outcome in _FINAL), None)
        if answer is None:
            await self._say(request)
        elif answer.outcome == "accepted":
            await self._say(self._answer("confirm_transfer", view.case, case=stream_id("grv", identity)))
        else:
            await self._say(
                self._answer("release_transfer", view.case, reason=answer.reason or answer.outcome)
            )

    async def _say(self, said: Said) -> Receipt | None:
        """Submit it; what was said before with another body stands as it was said."""
        try:
            return await self._submitter.submit(said)
        except OtherBodyError:
            return None

    def _request(self, view: queries.CaseView) -> Said | None:
        """What the target is told; the same again whenever it is asked for."""
        row = view.case
        place = next(
            (at for at, event in reversed(list(enumerate(view.events))) if _is_leaving(event, row)), None
        )
        if place is None:
            return None
        left = orjson.loads(view.events[place].data)
        told = told_of(view.events[:place])
        body: dict[str, Any] = {
            "transfer": row.transfer,
            "origin": row.case_id,
            "origin_unit": row.unit,
            "receive_by": left["receive_by"],
            "standing": left["standing"],
            "tracking": row.tracking,
            "channel": row.channel,
            "anonymous": row.anonymous,
            "category": row.category,
            "kind": row.kind,
            "severity": row.severity,
            "petitioners": row.petitioners,
            "representatives": row.representatives,
            "on_behalf_of": row.on_behalf_of,
            "confidential": row.confidential or None,
        }
        return self._said("receive_transfer", row, row.transferred_to or "", None, body, told)

    def _answer(self, command: str, row: CaseRow, **outcome: str) -> Said:
        """What the sender is told."""
        return self._said(command, row, row.unit, row.case_id, {"transfer": row.transfer, **outcome}, {})

    def _said(
        self,
        command: str,
        row: CaseRow,
        unit: str,
        subject: str | None,
        body: Mapping[str, Any],
        carried: Mapping[str, Any],
    ) -> Said:
        return Said(
            family="grievance",
            type=f"grievance.{command}.v1",
            body=body,
            actor=self._actor,
            role="clock",
            unit=unit,
            key=f"{row.transfer}/{command}",
            subject=subject,
            kind="grv",
            basis=self._register.history.end,
            causation=row.transfer,
            carried=carried,
        )


def _is_leaving(event: CaseEventRow, row: CaseRow) -> bool:
    return event.type == "grievance.transferred_out.v1" and event.submission_id == row.transfer
