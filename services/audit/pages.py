"""The auditor's pages: the last audit, a button for the next, and single records as the log has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS, UNREADABLE
from contracts.topics import FAMILIES
from ledger.log import EventLog, UnknownTopicError
from services.audit import shown
from services.audit.checks import CHECKS, place, sentence
from services.audit.runner import AuditRunner
from web.pages import Pages
from web.problems import ProblemError

ROLE = "auditor"

Partition = Annotated[int, Path(ge=0, lt=1000)]
Offset = Annotated[int, Path(ge=0, lt=2**53)]
Seen = Annotated[int, Query(ge=0, lt=2**53)]
LastEvent = Annotated[str, Header(alias="last-event-id", pattern=r"^[0-9]{0,15}$")]


SECLUDED = "accusation"
"""The family whose records are shown to those alone to whom they are entrusted (ADR 0024)."""
HANDED_OVER = "grievance.hand_to_inspection.v1"
"""By which a grievance becomes an accusation: its record is shown to nobody."""

MaySee = Callable[[str, str], Awaitable[bool]]
"""Whether a person (an actor's id) may know of a stream."""


async def nobody(_person: str, _stream: str) -> bool:
    """Nobody may know of any."""
    return False


class AuditPages:
    """The pages of the audit. `log` is read for single records only."""

    def __init__(self, pages: Pages, runner: AuditRunner, log: EventLog, may_see: MaySee = nobody) -> None:
        """`may_see`: whether somebody may know of an accusation; its records are shown to nobody else."""
        self._pages = pages
        self._runner = runner
        self._log = log
        self._may_see = may_see

    def close(self) -> None:
        """Stop the audit under way and end the streams. Call it when the server is told to stop."""
        self._runner.close()

    def router(self) -> APIRouter:
        """The routes below `/audit`."""
        auditor = Depends(self._pages.require(ROLE))
        router = APIRouter(prefix="/audit", include_in_schema=False, dependencies=[auditor])

        @router.get("")
        async def page(request: Request) -> Response:
            return await self._show(request, "audit/audit.html")

        @router.get("/state")
        async def state(request: Request) -> Response:
            return await self._show(request, "audit/state.html")

        @router.get("/stream", response_class=EventSourceResponse)
        async def stream(seen: Seen = 0, last: LastEvent = "") -> AsyncIterator[ServerSentEvent]:
            async for revision in self._runner.changes(int(last) if last else seen):
                yield ServerSentEvent(event="changed", raw_data=str(revision), id=str(revision))

        @router.post("/run", dependencies=[Depends(self._pages.check_csrf)])
        async def run() -> Response:
            # The page says by itself that an audit is under way, this one or an earlier one, and how it ended.
            self._runner.start()
            return self._pages.redirect("/audit")

        @router.get("/submissions/{family}/{partition}/{offset}")
        async def submission(request: Request, family: str, partition: Partition, offset: Offset) -> Response:
            return await self._submission(request, family, partition, offset)

        return router

    async def _show(self, request: Request, template: str) -> Response:
        return await self._pages.render(
            request,
            template,
            state=self._runner.state,
            meanings=CHECKS,
            sentence=sentence,
            place=place,
            reasons=UNREADABLE,
        )

    async def _submission(self, request: Request, family: str, partition: int, offset: int) -> Response:
        if family not in FAMILIES:
            raise ProblemError(404)
        try:
            found = await shown.find(self._log, family, partition, offset)
        except UnknownTopicError:
            raise ProblemError(404) from None
        if found is None or not await self._shows(request, family, found):
            raise ProblemError(404)
        return await self._pages.render(
            request, "audit/submission.html", found=found, reasons={**REASONS, **UNREADABLE}
        )

    async def _shows(self, request: Request, family: str, found: shown.ShownSubmission) -> bool:
        """Whether the visitor may know of this record: one that is hidden looks like one that never was."""
        if found.submission is not None and found.submission.type == HANDED_OVER:
            return False
        if family != SECLUDED:
            return True
        actor = await self._pages.actor(request)
        if actor is None or found.submission is None:
            return False
        return await self._may_see(actor.id, found.submission.subject)
