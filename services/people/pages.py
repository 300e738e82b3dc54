"""The forms of commands on personal data: what they send is said, and its verdict shown."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import DAY_MS
from contracts.catalogue import COMMANDS
from contracts.personal import plain_model
from contracts.reasons import REASONS
from ledger.log import LogError
from ledger.vault import NoSuchSubjectError
from runtime.submit import OtherBodyError, Receipt, SubjectErasedError
from services.people.desk import FAMILY, PeopleDesk
from web.actor import Actor
from web.forms import Form, FormErrors, Submitted, form_errors, new_form_key, read_form
from web.i18n import N_, Gettext
from web.notices import Decisions, Verdict, notice_of
from web.pages import Pages
from web.people_commands import PEOPLE_FORMS, labels
from web.problems import ProblemError, status_text

VERDICT_SECONDS = 3.0
_BACK = re.compile(
    r"/cases/grv_[0-9a-f]{32}(/people)?|/mediations/med_[0-9a-f]{32}/people|/households/hsh_[0-9a-f]{32}|/personal-data"
)
_KEPT = ("back", "case", "matter", "listed")
"""Hidden fields that a form carries on, where it sends them."""

_ERASED = REASONS["erased_person"]
_OTHER_BODY = N_("This form has been sent before with other contents. Open it again.")
_TERMS = frozenset(value for field in PEOPLE_FORMS["grant_disclosure"].fields for value, _ in field.choices)

Unit = Annotated[str, Path(pattern=r"^[\w.\-]{1,64}$")]
Stream = Annotated[str, Path(pattern=r"^(sub|ret|dsc|grv)_[0-9a-z]{8,40}$")]
Command = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]


FAILURES = (OtherBodyError, NoSuchSubjectError, SubjectErasedError, LogError)
"""Why a command was not taken, such that its form can say it."""


Followed = Callable[[str, str, str], Awaitable[None]]
"""Told of a command that was accepted: its name, the stream, the actor."""


class PeoplePages:
    """The forms under `/people`. `followed` is awaited after a command was accepted, before the answer."""

    def __init__(
        self,
        pages: Pages,
        desk: PeopleDesk,
        decisions: Decisions,
        clock: Callable[[], int],
        followed: Followed,
    ) -> None:
        """`clock`: milliseconds since the epoch."""
        self._pages = pages
        self._desk = desk
        self._decisions = decisions
        self._clock = clock
        self._followed = followed

    def router(self) -> APIRouter:
        """All paths under `/people`."""
        router = APIRouter(prefix="/people", include_in_schema=False)
        signed_in, checked = self._pages.require(), Depends(self._pages.check_csrf)
        path = "/communities/{unit}/{stream}/{command}"

        @router.get(path, dependencies=[Depends(signed_in)])
        async def form_page(request: Request, unit: Unit, stream: Stream, command: Command) -> Response:
            kept = {name: request.query_params.get(name, "") for name in _KEPT}
            form = Form(_labels(command), kept)
            return await self._form_page(request, unit, stream, command, form, 200)

        @router.post(path, dependencies=[checked])
        async def say(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            unit: Unit,
            stream: Stream,
            command: Command,
        ) -> Response:
            return await self._say(request, actor, unit, stream, command)

        return router

    async def _say(self, request: Request, actor: Actor, unit: str, stream: str, command: str) -> Response:
        known = _labels(command)
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        try:
            body = self._body(sent, stream, command)
            receipt = await self._desk.say(
                actor.id, unit, command, body, subject=_subject(stream, command), key=sent.get("form_key")
            )
        except ValidationError as error:
            form = Form(known, sent.values, form_errors(error, gettext, names=_field))
            return await self._form_page(request, unit, stream, command, form, 422)
        except FAILURES as error:
            return await self._failed(request, (unit, stream, command), sent, *failure(error, gettext))
        verdict = await self._verdict(receipt)
        if verdict is not None and (verdict.outcome == "accepted" or verdict.reason == "already_confirmed"):
            await self._followed(command, stream, actor.id)
        return self._pages.redirect(_back(sent), notice_of(verdict, gettext))

    def _body(self, sent: Submitted, stream: str, command: str) -> dict[str, Any]:
        """The body of a command as its form tells it. Raises ValidationError."""
        fields = COMMANDS[f"people.{command}.v1"].model_fields
        body: dict[str, Any] = {name: text for name, text in sent.filled.items() if name in fields}
        if command == "request_disclosure":
            body["case"] = stream
        if command == "grant_disclosure" and sent.get("days") in _TERMS:
            body["until"] = self._clock() + int(sent.get("days")) * DAY_MS
        plain_model(COMMANDS[f"people.{command}.v1"]).model_validate(body)
        return body

    async def _verdict(self, receipt: Receipt) -> Verdict | None:
        return await self._decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)

    async def _failed(
        self, request: Request, place: tuple[str, str, str], sent: Submitted, sentence: str, status: int
    ) -> Response:
        form = Form(_labels(place[2]), sent.values, FormErrors({"": (sentence,)}))
        return await self._form_page(request, *place, form, status)

    async def _form_page(
        self, request: Request, unit: str, stream: str, command: str, form: Form, status: int
    ) -> Response:
        kept = {name: form.value(name) for name in _KEPT if name not in form.labels and form.value(name)}
        return await self._pages.render(
            request,
            "people/command.html",
            status=status,
            definition=PEOPLE_FORMS[command],
            command=command,
            action=f"/people/communities/{unit}/{stream}/{command}",
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            kept={**kept, "back": _back_to(str(form.value("back")))},
        )


def failure(error: Exception, gettext: Gettext) -> tuple[str, int]:
    """What one of FAILURES says at the head of a form, and the status."""
    match error:
        case OtherBodyError():
            return gettext(_OTHER_BODY), 422
        case NoSuchSubjectError() | SubjectErasedError():
            return gettext(_ERASED), 422
        case _:
            return gettext(status_text(503).detail), 503


def _labels(command: str) -> Mapping[str, str]:
    if command not in PEOPLE_FORMS:
        raise ProblemError(404)
    return labels(command)


def _field(location: tuple[int | str, ...]) -> str:
    """The field of a form that an error of the body is about: the term is entered in days."""
    return "days" if location == ("until",) else str(location[0]) if location else ""


def _subject(stream: str, command: str) -> str | None:
    return None if command == "request_disclosure" else stream


def _back(sent: Submitted) -> str:
    return _back_to(sent.get("back"))


def _back_to(path: str) -> str:
    return path if _BACK.fullmatch(path) else "/personal-data"
