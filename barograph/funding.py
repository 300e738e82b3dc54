"""The reaction between aid requests and their funds (invariant 8): questions to a fund's own stream, and its answers back.

Any number may run, and again after any crash: what they say has ids that follow from what was asked, and is decided once.
Of each request one thing is asked at a time, in the order of its events, so that nothing is paid before it is reserved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from contracts.fund import stream_of_fund
from contracts.reference import Register
from runtime.register_reader import RegisterReader
from runtime.submit import OtherBodyError, Said, Submitter
from services.projections import aids
from services.projections.aid_rows import MoveRow
from services.projections.store import ReadModel

_AT_ONCE = 500


class Funding:
    """Carries each question to its fund and each answer to its request, speaking as `actor`."""

    def __init__(self, submitter: Submitter, register: RegisterReader, model: ReadModel, actor: str) -> None:
        self._submitter = submitter
        self._register = register
        self._model = model
        self._actor = actor

    async def look(self) -> int:
        """Say what is to be said; return how much that is. Raises LogError, VaultError, ReadModelUnavailableError."""
        asked = await asyncio.to_thread(aids.unasked, self._model, _AT_ONCE)
        answered = await asyncio.to_thread(aids.untold, self._model, _AT_ONCE)
        if not asked and not answered:
            return 0
        register = await self._register.catch_up()
        questions = [said for move in asked if (said := self._question(move, register)) is not None]
        await asyncio.gather(*(self._say(said) for said in (*questions, *map(self._answer, answered))))
        return len(asked) + len(answered)

    async def _say(self, said: Said) -> None:
        """Submit it; what was said before with another body stands as it was said."""
        try:
            await self._submitter.submit(said)
        except OtherBodyError:
            return

    def _question(self, move: MoveRow, register: Register) -> Said | None:
        """What a fund is asked; the same again whenever it is asked for."""
        fund = register.fund(move.fund)
        if fund is None:
            return None
        body: dict[str, Any] = {"request": move.request_id}
        match move.kind:
            case "reserve":
                asked = {"unit": move.unit, "programme": move.programme, "amount": move.amount}
                body |= {"round": move.round, **asked}
            case "spend":
                paid = {"tranche": move.nth, "amount": move.amount, "voucher": move.voucher}
                body |= {"round": move.round, **paid}
            case "release":
                body |= {"round": move.round}
            case _:
                body |= {"repayment": move.nth, "amount": move.amount, "voucher": move.voucher}
        key = f"{move.request_id}/{move.kind}/{move.round}/{move.nth}"
        return self._said("fund", move.kind, fund.unit, stream_of_fund(move.fund), key, body)

    def _answer(self, answer: aids.Answered) -> Said:
        body = {"round": answer.round, "reserved": answer.reserved, "available": answer.available}
        key = f"{answer.request}/answer/{answer.round}"
        return self._said("aid", "answer_reservation", answer.unit, answer.request, key, body)

    def _said(
        self, family: str, command: str, unit: str, subject: str, key: str, body: Mapping[str, Any]
    ) -> Said:
        return Said(
            family=family,
            type=f"{family}.{command}.v1",
            body=body,
            actor=self._actor,
            role="clock",
            unit=unit,
            key=key,
            subject=subject,
            basis=self._register.history.end,
            causation=key,
        )
