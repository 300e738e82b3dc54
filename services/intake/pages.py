"""Intake's pages: the form for a grievance, the forms of case commands, and the receipt."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import EPOCH, sha256_hex
from contracts.envelope import Submission, UnreadableError, decode_submission
from contracts.reference import Register
from contracts.topics import submissions_topic
from ledger.log import EventLog, LogError, Record
from runtime.submit import OtherBodyError, Receipt
from services.intake.api import OTHER_BODY, Case, Command, Unit, verdict_sentence
from services.intake.attachments import Attachments, max_bytes
from services.intake.desk import BadBodyError, Desk, Verdict
from services.intake.notices import VERDICT_SECONDS, new_form_key, notice_of
from web import commands
from web.actor import Actor
from web.formats import NoSuchLocalTimeError
from web.forms import Form, FormErrors, Submitted, error_sentence, field_name, read_form
from web.i18n import N_, Gettext
from web.pages import Pages
from web.problems import RETRY_AFTER_SECONDS, ProblemError, status_text
from web.uploads import take_form

TOPIC = submissions_topic("grievance")
FAMILY = "grievance"

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "channel": N_("How it reached us"),
    "occurred_at": N_("When it happened"),
    "zone": N_("Zone"),
    "category": N_("Category"),
    "title": N_("Subject"),
    "story": N_("What it is about"),
    "anonymous": N_("Anonymous"),
    "reporter_name": N_("Name"),
    "telephone": N_("Telephone"),
    "address": N_("Address"),
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
NO_SUCH_TIME = N_("Enter a date and time such as 2026-07-03 14:05.")
SKIPPED_TIME = N_("The clock was put forward over this time. Enter a time before or after.")
STAFF = ("clerk", "grid_worker", "block_leader", "handler", "supervisor")


class Answer(NamedTuple):
    """What the desk made of a form: a receipt, or the errors to show at its fields, and the status."""

    receipt: Receipt | None = None
    errors: FormErrors = FormErrors()
    status: int = 303


class IntakePages:
    """The pages of intake. `log` is read for receipts only."""

    def __init__(
        self,
        pages: Pages,
        desk: Desk,
        log: EventLog,
        name_of: Callable[[Register, str], str],
        files: Attachments,
    ) -> None:
        """`name_of` gives a member of staff's name on display."""
        self._files = files
        self._name_of = name_of
        self._pages = pages
        self._desk = desk
        self._log = log

    def router(self) -> APIRouter:
        """All paths under `/intake`."""
        router = APIRouter(prefix="/intake", include_in_schema=False)
        staff, checked = self._pages.require(*STAFF), Depends(self._pages.check_csrf)
        signed_in = self._pages.require()

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
            return await self._form_page(request, register, actor, Form(LABELS, values), new_form_key())

        @router.post("/grievances", dependencies=[Depends(staff), Depends(take_form), checked])
        async def lodge(request: Request, actor: Annotated[Actor, Depends(staff)]) -> Response:
            return await self._lodge(request, actor)

        @router.get("/receipts/{partition}/{offset}")
        async def receipt(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            partition: Annotated[int, Path(ge=0, lt=1000)],
            offset: Annotated[int, Path(ge=0, lt=2**53)],
        ) -> Response:
            return await self._receipt(request, actor, partition, offset)

        command_path = "/communities/{unit}/grievances/{case}/{command}"

        @router.get(command_path, dependencies=[Depends(signed_in)])
        async def command_page(request: Request, unit: Unit, case: Case, command: Command) -> Response:
            form = Form(_command_labels(command))
            return await self._command_page(request, unit, case, command, form, new_form_key(), 200)

        @router.post(command_path, dependencies=[checked])
        async def command_case(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            unit: Unit,
            case: Case,
            command: Command,
        ) -> Response:
            return await self._command(request, actor, unit, case, command)

        return router

    async def _lodge(self, request: Request, actor: Actor) -> Response:
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        told_at, errors = self._told_at(request, sent)
        brought = await self._files.read(request, sent)
        errors = brought.errors_at(errors, gettext)
        body = _body(sent, tuple(name for name in LABELS if name not in commands.FILE_LABELS))
        if body.pop("anonymous", None) is not None:
            body["anonymous"] = True
        unit, key = str(body.pop("unit", "")), sent.get("form_key") or new_form_key()
        answer = await self._answer(self._desk.lodge(actor.id, unit, body, told_at, key), gettext, errors)
        if answer.receipt is not None and brought.files:
            answer = await self._answer(
                self._files.attach(actor.id, unit, answer.receipt, brought, key), gettext
            )
        if answer.receipt is None:
            register = await self._desk.register()
            form = Form(LABELS, sent.values, answer.errors)
            status = brought.status or answer.status
            return await self._form_page(request, register, actor, form, key, status)
        await self._verdict(answer.receipt)
        return self._pages.redirect(f"/intake/receipts/{answer.receipt.partition}/{answer.receipt.offset}")

    async def _answer(self, said: Any, gettext: Gettext, errors: FormErrors | None = None) -> Answer:
        """Await what the desk makes of a form; nothing is lost, whatever it answers."""
        found = errors or FormErrors()
        try:
            if found:
                said.close()
                return Answer(errors=found, status=422)
            return Answer(receipt=await said)
        except BadBodyError as error:
            for detail in error.details:
                found = found.plus(field_name(detail["loc"]), error_sentence(detail, gettext))
            return Answer(errors=found, status=422)
        except OtherBodyError:
            return Answer(errors=FormErrors({"": (gettext(OTHER_BODY),)}), status=422)
        except LogError:
            return Answer(errors=FormErrors({"": (gettext(status_text(503).detail),)}), status=503)

    def _told_at(self, request: Request, sent: Submitted) -> tuple[int | None, FormErrors]:
        """The time that the form tells, in milliseconds, or the error at its field."""
        gettext = self._pages.gettext(request)
        text = sent.get("occurred_at").strip()
        if not text:
            return None, FormErrors()
        try:
            moment = self._pages.formats(request).parse_local(text)
        except NoSuchLocalTimeError:
            return None, FormErrors({"occurred_at": (gettext(SKIPPED_TIME),)})
        except (ValueError, OverflowError):
            return None, FormErrors({"occurred_at": (gettext(NO_SUCH_TIME),)})
        return (moment - EPOCH) // timedelta(milliseconds=1), FormErrors()

    async def _form_page(
        self, request: Request, register: Register, actor: Actor, form: Form, key: str, status: int = 200
    ) -> Response:
        units = _units(register, actor)
        chosen = str(form.value("unit")) or (units[0][0] if units else "")
        return await self._pages.render(
            request,
            "intake/grievance.html",
            status=status,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            if status == HTTPStatus.SERVICE_UNAVAILABLE
            else None,
            form=form,
            form_key=key,
            units=units,
            channels=CHANNELS,
            zones=[(zone.zone, zone.name) for zone in register.zones(chosen)],
            categories=category_choices(register),
            file_types=commands.FILE_TYPES,
            megabytes=max_bytes(register) >> 20,
        )

    async def _receipt(self, request: Request, actor: Actor, partition: int, offset: int) -> Response:
        record, submission = await self._submission(partition, offset)
        register = await self._desk.register()
        if not _serves(register, actor, submission.unit):
            raise ProblemError(403)
        unit = register.unit(submission.unit)
        verdict = await self._desk.decisions.wait(FAMILY, partition, offset, 0)
        is_lodging = submission.type == "grievance.lodge.v1"
        return await self._pages.render(
            request,
            "intake/receipt.html",
            submission=submission,
            record=record,
            unit_name=unit.name if unit else submission.unit,
            tracking_number=self._desk.tracking_number(submission.id) if is_lodging else None,
            position=f"{TOPIC}/{partition}/{offset}",
            digest=record_digest(record),
            verdict=verdict,
            reason=verdict_sentence(verdict, self._pages.gettext(request)) if verdict else None,
        )

    async def _submission(self, partition: int, offset: int) -> tuple[Record, Submission]:
        records = await self._log.read(TOPIC, partition, offset, 1)
        if not records:
            raise ProblemError(404)
        try:
            return records[0], decode_submission(records[0].value, records[0].key)
        except UnreadableError:
            raise ProblemError(404) from None

    async def _command(self, request: Request, actor: Actor, unit: str, case: str, command: str) -> Response:
        labels = _command_labels(command)
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        key = sent.get("form_key") or new_form_key()
        body = _body(sent, tuple(labels))
        answer = await self._answer(
            self._desk.command(actor.id, unit, case, command, body, None, key), gettext
        )
        if answer.receipt is None:
            form = Form(labels, sent.values, answer.errors)
            return await self._command_page(request, unit, case, command, form, key, answer.status)
        verdict = await self._verdict(answer.receipt)
        return self._pages.redirect(f"/cases/{case}", notice_of(verdict, gettext))

    async def _command_page(
        self, request: Request, unit: str, case: str, command: str, form: Form, key: str, status: int
    ) -> Response:
        register = await self._desk.register()
        return await self._pages.render(
            request,
            "intake/command.html",
            status=status,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            if status == HTTPStatus.SERVICE_UNAVAILABLE
            else None,
            definition=commands.COMMAND_FORMS[command],
            command=command,
            unit=unit,
            case=case,
            form=form,
            form_key=key,
            choices={
                "zone": [(z.zone, z.name) for z in register.zones(unit)],
                "handler": self._handlers(register, unit),
            },
        )

    def _handlers(self, register: Register, unit: str) -> list[tuple[str, str]]:
        held = [a.person for a in register.appointments() if a.role == "handler"]
        people = [person for person in held if register.holds(person, "handler", unit)]
        return [(person, self._name_of(register, person)) for person in people]

    async def _verdict(self, receipt: Receipt) -> Verdict | None:
        return await self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)


def record_digest(record: Record) -> str:
    """SHA-256 of the record's value, in groups of eight that can be read out."""
    digest = sha256_hex(record.value or b"")
    return " ".join(digest[at : at + 8] for at in range(0, 64, 8))


def category_choices(register: Register) -> list[tuple[str, str]]:
    """The category tree as choices: each leaf with the names above it."""
    by_code = {category.code: category for category in register.categories()}
    above = {category.parent for category in by_code.values()}
    choices = []
    for code, category in by_code.items():
        if code not in above:
            names, at = [category.name], category.parent
            while at is not None and at in by_code:
                names.insert(0, by_code[at].name)
                at = by_code[at].parent
            choices.append((code, " / ".join(names)))
    return choices


def _body(sent: Submitted, fields: tuple[str, ...]) -> dict[str, Any]:
    """The form's own fields, blank ones and the time left out."""
    return {name: text for name, text in sent.filled.items() if name in fields and name != "occurred_at"}


def _command_labels(command: str) -> dict[str, str]:
    if command not in commands.COMMAND_FORMS:
        raise ProblemError(404)
    return commands.labels(command)


def _serves(register: Register, actor: Actor, unit: str) -> bool:
    return any(register.holds(actor.id, role, unit) for role in actor.roles)


def _units(register: Register, actor: Actor) -> list[tuple[str, str]]:
    """The communities that this actor serves, as choices."""
    communities = [unit for unit in register.units() if unit.tier == "community"]
    return [(unit.unit, unit.name) for unit in communities if _serves(register, actor, unit.unit)]


def _first_unit(register: Register, actor: Actor) -> str:
    return next((unit for unit, _ in _units(register, actor)), "")
