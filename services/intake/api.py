"""Intake for programs: JSON in, receipt out. See docs/reference and /openapi.json."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Body, Depends, Header, Path
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request

from contracts.base import EPOCH, to_rfc3339
from contracts.evidence import SignedReceipt
from runtime.submit import OtherBodyError, Receipt
from services.intake.desk import LODGE, TOO_LONG_TOGETHER, BadBodyError, Desk, TooLongError, Verdict, Wish
from web.actor import Actor
from web.forms import error_sentence, field_name
from web.i18n import N_, Gettext
from web.notices import verdict_sentence
from web.pages import Pages
from web.problems import FieldProblem, ProblemError

MAX_WAIT_SECONDS = 10.0
KEY_PATTERN = r"^[\x21-\x7e]{8,100}$"

Unit = Annotated[str, Path(pattern=r"^[\w./\-]{1,64}$")]
Case = Annotated[str, Path(pattern=r"^grv_[0-9a-f]{32}$")]
Command = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=KEY_PATTERN)]
Prefer = Annotated[str | None, Header()]

OTHER_BODY = N_("This key has been used for another submission. Start a new one with a new key.")
FILES_BY_FORM = N_("Files are attached by the form of the case: this address takes no files.")
UNKNOWN_COMMAND = N_("There is no such command.")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class ReceiptOut(BaseModel):
    """Where the submission stands in the log, its signed receipt, and its verdict where that was waited for."""

    model_config = ConfigDict(frozen=True)

    submission_id: str
    case_id: str
    tracking_number: str | None
    topic: str
    partition: int
    offset: int
    recorded_at: str
    sha256: str
    receipt: SignedReceipt
    outcome: str | None = None
    reason: str | None = None
    detail: str | None = None


class Call(NamedTuple):
    """What every call of the API brings."""

    request: Request
    actor: Actor
    key: str
    body: dict[str, Any]
    prefer: str | None


def intake_api(desk: Desk, pages: Pages) -> APIRouter:
    """`POST /api/v1/communities/{unit}/grievances` and `…/{case}/{command}`."""
    router = APIRouter(prefix="/api/v1", tags=["intake"], dependencies=[Depends(pages.check_csrf)])

    async def called(
        request: Request,
        actor: Annotated[Actor, Depends(pages.require())],
        key: Key,
        body: Annotated[dict[str, Any], Body()],
        prefer: Prefer = None,
    ) -> Call:
        return Call(request, actor, key, body, prefer)

    async def record(call: Call, unit: str, command: str, case: str | None) -> JSONResponse:
        gettext = pages.gettext(call.request)
        with _problems(gettext):
            told_at, body = take_time(call.body)
            receipt = await desk.say(Wish(call.actor.id, unit, command, body, call.key, case, told_at))
        verdict = await _verdict(desk, receipt, wait_seconds(call.prefer))
        number = desk.tracking_number(receipt.submission_id) if case is None else None
        return _respond(desk.promise(receipt), receipt, number, verdict, gettext)

    @router.post("/communities/{unit}/grievances", status_code=202, response_model=ReceiptOut)
    async def lodge(unit: Unit, call: Annotated[Call, Depends(called)]) -> JSONResponse:
        """Lodge a grievance. `occurred_at` is RFC 3339 with its offset; the rest as in the event catalogue."""
        return await record(call, unit, LODGE, None)

    @router.post(
        "/communities/{unit}/grievances/{case}/{command}", status_code=202, response_model=ReceiptOut
    )
    async def command_case(
        unit: Unit, case: Case, command: Command, call: Annotated[Call, Depends(called)]
    ) -> JSONResponse:
        """Give a command on a case. With `Prefer: wait=SECONDS` the answer holds the verdict."""
        if command == "attach":
            raise ProblemError(404, FILES_BY_FORM)
        return await record(call, unit, command, case)

    return router


def take_time(body: Mapping[str, Any]) -> tuple[int | None, dict[str, Any]]:
    """Split `occurred_at` (RFC 3339 with its offset) off a body; return it in ms since the epoch.

    Raises BadBodyError at that field.
    """
    rest = dict(body)
    told = rest.pop("occurred_at", None)
    if told is None:
        return None, rest
    if not isinstance(told, str):
        raise BadBodyError([{"type": "datetime_type", "loc": ("occurred_at",)}])
    try:
        moment = _MOMENT.validate_strings(told)
    except ValidationError as error:
        details = [{**detail, "loc": ("occurred_at",)} for detail in error.errors(include_url=False)]
        raise BadBodyError(details) from None
    return (moment - EPOCH) // timedelta(milliseconds=1), rest


@contextmanager
def _problems(gettext: Gettext) -> Iterator[None]:
    """Turns what the desk raises into a ProblemError that says what to do, field by field."""
    try:
        yield
    except BadBodyError as error:
        raise ProblemError(422, errors=field_problems(error, gettext)) from None
    except TooLongError as error:
        problem = FieldProblem(error.field, gettext(TOO_LONG_TOGETHER), "too_long_together")
        raise ProblemError(413, errors=[problem]) from None
    except OtherBodyError:
        problem = FieldProblem("Idempotency-Key", gettext(OTHER_BODY), "other_body")
        raise ProblemError(422, errors=[problem]) from None
    except KeyError:
        raise ProblemError(404, UNKNOWN_COMMAND) from None


def field_problems(error: BadBodyError, gettext: Gettext) -> list[FieldProblem]:
    """Each fault with a sentence in the visitor's language."""
    return [
        FieldProblem(_sound(field_name(detail["loc"])), error_sentence(detail, gettext), str(detail["type"]))
        for detail in error.details
    ]


def wait_seconds(prefer: str | None) -> float:
    """The seconds of `Prefer: wait=N` (RFC 7240), at most 10; 0 where it is absent or malformed."""
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition("=")
        if name.strip().lower() == "wait" and value.strip().isdigit():
            return min(float(value.strip()), MAX_WAIT_SECONDS)
    return 0.0


async def _verdict(desk: Desk, receipt: Receipt, seconds: float) -> Verdict | None:
    if not seconds:
        return None
    family = receipt.topic.split(".")[0]
    return await desk.decisions.wait(family, receipt.partition, receipt.offset, seconds)


def _respond(
    promise: SignedReceipt,
    receipt: Receipt,
    tracking_number: str | None,
    verdict: Verdict | None,
    gettext: Gettext,
) -> JSONResponse:
    out = ReceiptOut(
        submission_id=receipt.submission_id,
        case_id=receipt.subject,
        tracking_number=tracking_number,
        topic=receipt.topic,
        partition=receipt.partition,
        offset=receipt.offset,
        recorded_at=to_rfc3339(receipt.recorded_at),
        sha256=receipt.sha256,
        receipt=promise,
        outcome=verdict.outcome if verdict else None,
        reason=verdict.reason if verdict else None,
        detail=verdict_sentence(verdict, gettext) if verdict else None,
    )
    status = 202 if verdict is None else 409 if verdict.outcome == "refused" else 200
    return JSONResponse(out.model_dump(exclude_none=True), status)


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()
