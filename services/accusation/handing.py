"""A grievance that accuses a person or office: handed to those who receive accusations, and out of everybody else's sight."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.grievance import policy_in
from contracts.reasons import REASONS
from contracts.reference import Register
from ledger.log import LogError, RecordTooLargeError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError
from services.accusation.desk import AccusationDesk, Lodging, NobodyReceivesError
from services.accusation.forms import LABELS
from services.accusation.pages import CHOOSE, NOBODY, TOO_LONG, units_of_register
from services.accusation.views import Accusations, Misdirected
from web.actor import Actor
from web.forms import Form, FormErrors, form_errors, read_form
from web.i18n import N_
from web.notices import Notice
from web.pages import Pages
from web.problems import ProblemError, status_text

FIELDS = {name: LABELS[name] for name in ("against", "named")}
STAFF = ("clerk", "grid_worker", "handler", "supervisor")
OVER = N_("This case has been triaged or has gone on already. Lodge the accusation by its own form.")
DONE = N_("It is with the office of inspection, and is shown here no more.")
FOLLOW = N_("Whoever lodged it follows it by the number that they have.")

Case = Annotated[str, Path(pattern=r"^grv_[0-9a-f]{32}$")]


class HandingPages:
    """`/accusations/from/{case}`, for staff who triage."""

    def __init__(self, pages: Pages, desk: AccusationDesk, accusations: Accusations) -> None:
        self._pages = pages
        self._desk = desk
        self._accusations = accusations

    def router(self) -> APIRouter:
        """The form, and what it sends."""
        router = APIRouter(prefix="/accusations", include_in_schema=False)
        staff, checked = self._pages.require(*STAFF), Depends(self._pages.check_csrf)

        @router.get("/from/{case}")
        async def form(request: Request, actor: Annotated[Actor, Depends(staff)], case: Case) -> Response:
            await self._found(actor, case)
            return await self._form(request, case, Form(FIELDS))

        @router.post("/from/{case}", dependencies=[checked])
        async def hand(request: Request, actor: Annotated[Actor, Depends(staff)], case: Case) -> Response:
            return await self._hand(request, actor, case)

        return router

    async def _found(self, actor: Actor, case: str) -> Misdirected:
        """The case, for who may hand it over. Raises ProblemError."""
        found = await self._accusations.misdirected(case)
        if found is None:
            raise ProblemError(404, REASONS["not_found"])
        if not _may(await self._desk.register(), actor.id, found.unit):
            raise ProblemError(403, REASONS["other_unit"])
        if not found.is_open or found.story is None:
            raise ProblemError(409, OVER)
        return found

    async def _hand(self, request: Request, actor: Actor, case: str) -> Response:
        """First the accusation, then the end of the case: cut off between them, the same form does the rest."""
        found, sent, gettext = (
            await self._found(actor, case),
            await read_form(request),
            self._pages.gettext(request),
        )
        body: dict[str, Any] = {name: sent.filled[name] for name in FIELDS if name in sent.filled}
        errors = FormErrors()
        if body.get("against") not in {value for value, _ in units_of_register(await self._desk.register())}:
            errors = errors.plus("against", gettext(CHOOSE))
            return await self._form(request, case, Form(FIELDS, sent.values, errors), 422)
        told = {"story": found.story, "reporter_name": found.reporter_name, "telephone": found.telephone}
        body |= {"about": "conduct", "channel": "counter", "case": case}
        body |= {name: text for name, text in told.items() if text}
        try:
            lodging = Lodging(actor.id, body, f"from-case/{case}", found.tracking)
            # Lodged before with other entries, it stands as it was lodged; what is left is to end the case.
            with suppress(OtherBodyError):
                await self._desk.lodge(lodging)
            await self._desk.hand_over(actor.id, found.unit, case)
        except ValidationError as error:
            return await self._form(
                request, case, Form(FIELDS, sent.values, form_errors(error, gettext)), 422
            )
        except NobodyReceivesError:
            errors = errors.plus("against", gettext(NOBODY))
            return await self._form(request, case, Form(FIELDS, sent.values, errors), 422)
        except RecordTooLargeError:
            errors = errors.plus("named", gettext(TOO_LONG))
            return await self._form(request, case, Form(FIELDS, sent.values, errors), 413)
        except (LogError, VaultError):
            errors = errors.plus("", gettext(status_text(503).detail))
            return await self._form(request, case, Form(FIELDS, sent.values, errors), 503)
        return self._pages.redirect(
            "/cases", Notice(kind="accepted", text=gettext(DONE), detail=gettext(FOLLOW))
        )

    async def _form(self, request: Request, case: str, form: Form, status: int = 200) -> Response:
        register = await self._desk.register()
        return await self._pages.render(
            request,
            "accusation/handing.html",
            status=status,
            form=form,
            case=case,
            units=units_of_register(register),
        )


def _may(register: Register, actor: str, unit: str) -> bool:
    policy = policy_in(register)
    allowed = policy.permissions.get("hand_to_inspection", ()) if policy else ()
    return any(register.holds(actor, role, unit) for role in allowed)
