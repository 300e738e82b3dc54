"""The form that redacts a text or a file of a case, with the copy that is read from then on."""

from http import HTTPStatus
from typing import Annotated, NamedTuple, Protocol

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS
from services.intake.api import Case, Unit
from services.intake.attachments import FAMILY, may
from services.intake.desk import Desk, Wish
from services.intake.notices import FAILURES, VERDICT_SECONDS, shortfall
from web.actor import Actor
from web.case_forms.words import REDACTION_REASONS
from web.forms import Form, new_form_key, read_form
from web.i18n import N_
from web.notices import notice_of
from web.pages import Pages
from web.problems import RETRY_LATER, ProblemError

LABELS = {"reason": N_("Reason"), "readable": N_("What is read from now on")}
TextKey = Annotated[str, Query(alias="text", pattern=r"^[a-z]{3}_[0-9a-z]{8,40}$")]


class Redactable(NamedTuple):
    """A text or a file that can be redacted: the plain text, empty for a file."""

    text: str
    is_file: bool


class Texts(Protocol):
    """Where texts of cases are read; the composition root supplies it."""

    async def redactable(self, actor: str, unit: str, case: str, text: str) -> Redactable | None:
        """The text of this key in a case of this community; None where there is none, or it is gone.

        That this actor reads it is put on record first. Raises LogError.
        """
        ...


class RedactionPages:
    """`/intake/communities/{unit}/grievances/{case}/redact`."""

    def __init__(self, pages: Pages, desk: Desk, texts: Texts) -> None:
        self._pages = pages
        self._desk = desk
        self._texts = texts

    def router(self) -> APIRouter:
        """The page and what its form sends; before the router of other commands."""
        router = APIRouter(prefix="/intake", include_in_schema=False)
        signed_in = self._pages.require()
        path = "/communities/{unit}/grievances/{case}/redact"

        @router.get(path)
        async def show(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            unit: Unit,
            case: Case,
            text: TextKey,
        ) -> Response:
            found = await self._redactable(actor, unit, case, text)
            form = Form(LABELS, {"readable": found.text})
            return await self._page(request, unit, case, text, found, form)

        @router.post(path, dependencies=[Depends(self._pages.check_csrf)])
        async def redact(
            request: Request, actor: Annotated[Actor, Depends(signed_in)], unit: Unit, case: Case
        ) -> Response:
            return await self._redact(request, actor, unit, case)

        return router

    async def _redactable(self, actor: Actor, unit: str, case: str, text: str) -> Redactable:
        """What is to be redacted. Raises ProblemError: 403 for who may not, 404 where there is no such text."""
        if not may(await self._desk.register(), actor, unit, "redact"):
            raise ProblemError(403)
        found = await self._texts.redactable(actor.id, unit, case, text)
        if found is None:
            raise ProblemError(404, REASONS["unknown_text"])
        return found

    async def _redact(self, request: Request, actor: Actor, unit: str, case: str) -> Response:
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        text, key = sent.get("text"), sent.get("form_key") or new_form_key()
        found = await self._redactable(actor, unit, case, text)
        body = {name: value for name, value in sent.filled.items() if name in ("text", *LABELS)}
        try:
            receipt = await self._desk.say(Wish(actor.id, unit, "redact", body, key, case))
        except FAILURES as error:
            errors, status, is_other = shortfall(error, gettext)
            key = new_form_key() if is_other else key
            form = Form(LABELS, sent.values, errors)
            return await self._page(request, unit, case, text, found, form, key, status)
        waited = self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
        return self._pages.redirect(f"/cases/{case}", notice_of(await waited, gettext))

    async def _page(  # noqa: PLR0913, PLR0917 - all of it is shown
        self,
        request: Request,
        unit: str,
        case: str,
        text: str,
        found: Redactable,
        form: Form,
        key: str = "",
        status: int = 200,
    ) -> Response:
        away = status == HTTPStatus.SERVICE_UNAVAILABLE
        return await self._pages.render(
            request,
            "intake/redact.html",
            status=status,
            headers=RETRY_LATER if away else None,
            unit=unit,
            case=case,
            text=text,
            form=form,
            form_key=key or new_form_key(),
            is_file=found.is_file,
            reasons=REDACTION_REASONS,
        )
