"""Intake's pages: the form for a grievance, and what the forms of case commands send."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import EPOCH
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.intake.api import Case, Command, Unit
from services.intake.attachments import Attachments, max_bytes
from services.intake.desk import LODGE, Desk, Verdict, Wish
from services.intake.doors import from_form
from services.intake.notices import FAILURES, VERDICT_SECONDS, shortfall
from services.intake.promises import FAMILY, serves
from web import commands
from web.actor import Actor
from web.case_forms.doors import DOOR_LABELS, ON_BEHALF
from web.case_forms.outside import SOURCES
from web.formats import NoSuchLocalTimeError
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_, Gettext
from web.notices import notice_of
from web.pages import Pages
from web.problems import RETRY_LATER, ProblemError
from web.uploads import take_form

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "channel": N_("How it reached us"),
    "occurred_at": N_("When it happened"),
    "zone": N_("Zone"),
    "category": N_("Category"),
    "title": N_("Subject"),
    "story": N_("What it is about"),
    "source": N_("Order from"),
    "source_id": N_("Its number there"),
    "target_at": N_("Its deadline there"),
    "anonymous": N_("Anonymous"),
    "reporter_name": N_("Name"),
    "telephone": N_("Telephone"),
    "address": N_("Address"),
    **DOOR_LABELS,
    "file": N_("Files"),
    "strip": N_("Remove location data"),
}
CHANNELS = (
    ("counter", N_("At the counter")),
    ("telephone", N_("By telephone")),
    ("letter", N_("By letter")),
    ("visit", N_("On a visit")),
    ("hotline", N_("Through the hotline")),
    ("web", N_("On the web")),
)
KNOWN_ORDER = N_("This order is on record already, and is not counted twice. Find its case in the worklist.")
NO_SUCH_TIME = N_("Enter a date and time such as 2026-07-03 14:05.")
SKIPPED_TIME = N_("The clock was put forward over this time. Enter a time before or after.")
_FORM_HEADERS: Mapping[int, Mapping[str, str]] = {
    # Going back shows the same form with the same key, so that sending it again records nothing twice.
    HTTPStatus.OK: {"Cache-Control": "private, no-cache"},
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_LATER,
}
STAFF = ("clerk", "grid_worker", "block_leader", "handler", "supervisor")


class Answer(NamedTuple):
    """What the desk made of a form: a receipt, or the errors to show at its fields, and the status.

    `key` is the Idempotency-Key that the form is to be sent with again.
    """

    key: str
    receipt: Receipt | None = None
    errors: FormErrors = FormErrors()
    status: int = 303


class IntakePages:
    """The pages of intake; receipts have their own (services.intake.promises)."""

    def __init__(
        self, pages: Pages, desk: Desk, show_unsent: commands.ShowUnsent, files: Attachments
    ) -> None:
        """`show_unsent` shows a command that could not be taken, in the page of its case."""
        self._files = files
        self._pages = pages
        self._desk = desk
        self._show_unsent = show_unsent

    def router(self) -> APIRouter:
        """All paths under `/intake`."""
        router = APIRouter(prefix="/intake", include_in_schema=False)
        self._add_form(router)
        self._add_commands(router)
        return router

    def _add_form(self, router: APIRouter) -> None:
        staff = self._pages.require(*STAFF)

        @router.get("/grievances/new")
        async def new(request: Request, actor: Annotated[Actor, Depends(staff)], unit: str = "") -> Response:
            register = await self._desk.register()
            now = self._pages.formats(request).for_input(self._desk.now())
            values = {
                "strip": "yes",
                "unit": unit or _first_unit(register, actor),
                "channel": "counter",
                "occurred_at": now,
            }
            return await self._form_page(request, actor, Form(LABELS, values), new_form_key())

        @router.get("/grievances", dependencies=[Depends(staff)])
        async def again() -> Response:
            return self._pages.redirect("/intake/grievances/new")

        checked = [Depends(staff), Depends(take_form), Depends(self._pages.check_csrf)]

        # Not the address of the form: a browser forgets a page to whose address something was sent, and
        # going back would then show another form with another key.
        @router.post("/grievances", dependencies=checked)
        async def lodge(request: Request, actor: Annotated[Actor, Depends(staff)]) -> Response:
            return await self._lodge(request, actor)

    def _add_commands(self, router: APIRouter) -> None:
        command_path = "/communities/{unit}/grievances/{case}/{command}"
        signed_in = self._pages.require()

        @router.get(command_path, dependencies=[Depends(signed_in)])
        async def form_of(unit: Unit, case: Case, command: Command) -> Response:  # noqa: ARG001 - part of the path
            _command_labels(command)
            return self._pages.redirect(f"/cases/{case}#{commands.action_id(command)}")

        @router.post(command_path, dependencies=[Depends(self._pages.check_csrf)])
        async def command_case(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            unit: Unit,
            case: Case,
            command: Command,
        ) -> Response:
            return await self._command(request, actor, unit, case, command)

    async def _lodge(self, request: Request, actor: Actor) -> Response:
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        told_at, errors = self._told_at(request, sent)
        target_at, target_errors = self._told_at(request, sent, "target_at")
        errors = FormErrors({**errors.fields, **target_errors.fields})
        brought = await self._files.read(request, sent)
        errors = brought.errors_at(errors, gettext)
        body = _body(sent, tuple(name for name in LABELS if name not in commands.FILE_LABELS))
        body = from_form(body)
        if body.pop("target_at", None) is not None and target_at is not None:
            body["target_at"] = target_at
        key = sent.get("form_key") or new_form_key()
        wish = Wish(actor.id, body.pop("unit", ""), LODGE, body, key, told_at=told_at)
        answer = await self._answer(wish, gettext, errors)
        if answer.receipt is not None and "source" in body:
            answer = await self._not_twice(answer, gettext)
        if answer.receipt is not None and brought.files:
            receipt = answer.receipt
            answer = await self._taken(lambda: self._files.attach(wish, receipt, brought), key, gettext)
        if answer.receipt is None:
            form = Form(LABELS, sent.values, answer.errors)
            return await self._form_page(request, actor, form, answer.key, brought.status or answer.status)
        await self._verdict(answer.receipt)
        return self._pages.redirect(f"/intake/receipts/{answer.receipt.partition}/{answer.receipt.offset}")

    async def _not_twice(self, answer: Answer, gettext: Gettext) -> Answer:
        """The answer, or that the order from outside is on record already: nothing is attached to it then."""
        verdict = await self._verdict(answer.receipt) if answer.receipt else None
        if verdict is None or verdict.reason != "already_exists":
            return answer
        errors = FormErrors({"source_id": (gettext(KNOWN_ORDER),)})
        return Answer(new_form_key(), errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    async def _answer(self, wish: Wish, gettext: Gettext, errors: FormErrors) -> Answer:
        """What the desk makes of a form that has these errors already; nothing is lost, whatever it is."""
        if not errors:
            return await self._taken(lambda: self._desk.say(wish), wish.key, gettext)
        try:
            await self._desk.check(wish)
        except FAILURES as error:
            found = shortfall(error, gettext, errors)
            return Answer(wish.key, errors=found.errors, status=found.status)
        return Answer(wish.key, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    async def _taken(self, said: Callable[[], Awaitable[Receipt]], key: str, gettext: Gettext) -> Answer:
        """The receipt of what is submitted, or what to show where it was not taken."""
        try:
            return Answer(key, await said())
        except FAILURES as error:
            found = shortfall(error, gettext)
            return Answer(new_form_key() if found.is_other else key, errors=found.errors, status=found.status)

    def _told_at(
        self, request: Request, sent: Submitted, field: str = "occurred_at"
    ) -> tuple[int | None, FormErrors]:
        """The time that a field of the form tells, in milliseconds, or the error at it."""
        gettext = self._pages.gettext(request)
        text = sent.get(field).strip()
        if not text:
            return None, FormErrors()
        try:
            moment = self._pages.formats(request).parse_local(text)
        except NoSuchLocalTimeError:
            return None, FormErrors({field: (gettext(SKIPPED_TIME),)})
        except (ValueError, OverflowError):
            return None, FormErrors({field: (gettext(NO_SUCH_TIME),)})
        return (moment - EPOCH) // timedelta(milliseconds=1), FormErrors()

    async def _form_page(
        self, request: Request, actor: Actor, form: Form, key: str, status: int = HTTPStatus.OK
    ) -> Response:
        register = await self._desk.register()
        units = _units(register, actor)
        chosen = str(form.value("unit")) or (units[0][0] if units else "")
        return await self._pages.render(
            request,
            "intake/grievance.html",
            status=status,
            headers=_FORM_HEADERS.get(status),
            form=form,
            form_key=key,
            units=units,
            channels=CHANNELS,
            zones=[(zone.zone, zone.name) for zone in register.zones(chosen)],
            categories=commands.category_choices(register),
            relations=ON_BEHALF,
            sources=SOURCES,
            file_types=commands.FILE_TYPES,
            megabytes=max_bytes(register) >> 20,
        )

    async def _command(self, request: Request, actor: Actor, unit: str, case: str, command: str) -> Response:
        labels = _command_labels(command)
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        key = sent.get("form_key") or new_form_key()
        told = _body(sent, tuple(labels))
        body: dict[str, Any] = {name: commands.typed(command, name, text) for name, text in told.items()}
        lists = {name: list(texts) for name, texts in sent.lists.items() if commands.is_list(command, name)}
        body |= lists
        wish = Wish(actor.id, unit, command, body, key, case)
        try:
            answer = await self._answer(wish, gettext, FormErrors())
        except KeyError:
            raise ProblemError(404, REASONS["unknown_origin"]) from None
        if answer.receipt is None:
            form = Form(labels, {**sent.values, **lists}, answer.errors, prefix=command)
            unsent = commands.Unsent(command, form, answer.key, answer.status)
            return await self._show_unsent(request, case, unsent)
        verdict = await self._verdict(answer.receipt)
        return self._pages.redirect(f"/cases/{case}", notice_of(verdict, gettext))

    async def _verdict(self, receipt: Receipt) -> Verdict | None:
        return await self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)


def _body(sent: Submitted, fields: tuple[str, ...]) -> dict[str, Any]:
    """The form's own fields, blank ones and the time left out."""
    body = {name: text for name, text in sent.filled.items() if name in fields and name != "occurred_at"}
    if "target" in body:
        # A case may be named by the address of its page.
        body["target"] = re.split(r"[?#]", body["target"])[0].rstrip("/").rpartition("/")[2]
    return body


def _command_labels(command: str) -> dict[str, str]:
    if command not in commands.COMMAND_FORMS:
        raise ProblemError(404)
    return commands.labels(command)


def _units(register: Register, actor: Actor) -> list[tuple[str, str]]:
    """The communities that this actor serves, as choices."""
    communities = [unit for unit in register.units() if unit.tier == "community"]
    return [(unit.unit, unit.name) for unit in communities if serves(register, actor, unit.unit)]


def _first_unit(register: Register, actor: Actor) -> str:
    return next((unit for unit, _ in _units(register, actor)), "")
