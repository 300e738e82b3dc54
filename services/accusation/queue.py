"""The queue of accusations and the page of one: for those to whom it is entrusted, and for nobody else.

Whoever may not see one is told that there is none, in the same words as for a number that never was.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.catalogue import COMMANDS
from contracts.personal import plain_model
from contracts.reasons import REASONS
from contracts.reference import LEDGER_UNIT, Register
from ledger.log import LogError, RecordTooLargeError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError
from services.accusation.desk import FAMILY, AccusationDesk, NameOf
from services.accusation.forms import ABOUT, EVENTS, FORMS, TEXTS, WORDS
from services.accusation.notices import Decisions, new_form_key, notice_of
from services.accusation.pages import OTHER, TOO_LONG
from services.accusation.views import Accusations, Entry, Item, may_see, units_of
from web.actor import Actor
from web.case_forms.kit import CommandForm
from web.forms import Form, FormErrors, form_errors, read_form
from web.i18n import N_
from web.pages import Pages
from web.problems import ProblemError, status_text

OFFICES = ("inspector", "auditor")
VERDICT_SECONDS = 3.0
WHOLE = N_("Office of the whole ledger")
_READING = "accusation.reading_recorded.v1"


class Offer(NamedTuple):
    """A command that is offered: its name, form, fields and form key."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str


class QueuePages:
    """`/accusations` and `/accusations/{id}`."""

    def __init__(
        self,
        pages: Pages,
        desk: AccusationDesk,
        accusations: Accusations,
        decisions: Decisions,
        name_of: NameOf,
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._accusations = accusations
        self._decisions = decisions
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The queue, the page of one, and what its forms send."""
        router = APIRouter(prefix="/accusations", include_in_schema=False)
        in_office = self._pages.require(*OFFICES)
        reader = Annotated[Actor, Depends(in_office)]

        @router.get("")
        async def queue(request: Request, actor: reader) -> Response:
            return await self._queue(request, actor)

        @router.get("/{accusation}")
        async def show(request: Request, actor: reader, accusation: str) -> Response:
            return await self._show(request, actor, accusation)

        @router.post("/{accusation}/{command}", dependencies=[Depends(self._pages.check_csrf)])
        async def say(request: Request, actor: reader, accusation: str, command: str) -> Response:
            return await self._say(request, actor, accusation, command)

        return router

    async def may_see(self, person: str, accusation: str) -> bool:
        """Whether somebody may know of this accusation. Raises ReadModelUnavailableError."""
        item = await self._accusations.find(accusation)
        return item is not None and may_see(await self._desk.register(), item, person, self._desk.now())

    async def _queue(self, request: Request, actor: Actor) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        found = await self._accusations.received_in(units_of(register, actor.id, now))
        mine = [item for item in found if may_see(register, item, actor.id, now)]
        return await self._pages.render(
            request,
            "accusation/queue.html",
            items=mine,
            about=ABOUT,
            unit_name=lambda unit: self._unit_name(request, register, unit),
        )

    async def _item(self, actor: Actor, accusation: str) -> tuple[Register, Item]:
        register = await self._desk.register()
        item = await self._accusations.find(accusation)
        if item is None or not may_see(register, item, actor.id, self._desk.now()):
            raise ProblemError(404, REASONS["no_such_accusation"])
        return register, item

    async def _show(
        self,
        request: Request,
        actor: Actor,
        accusation: str,
        failed: tuple[str, Form] | None = None,
        status: int = 200,
    ) -> Response:
        register, item = await self._item(actor, accusation)
        # The reading is on record before anything is shown.
        await self._desk.say(actor.id, item, "record_reading", {}, "")
        entries = await self._accusations.entries(accusation)
        texts = "\n".join(text or "" for entry in entries[:1] for _, text in entry.texts)
        others = self._desk.may_be_entrusted(register, item, texts)
        choices = [(person, self._name_of(register, person)) for person in others]
        return await self._pages.render(
            request,
            "accusation/accusation.html",
            status=status,
            item=item,
            about=ABOUT,
            entries=[self._entry(register, entry) for entry in entries if entry.type != _READING],
            readings=[self._entry(register, entry) for entry in entries if entry.type == _READING][-8:],
            titles=EVENTS,
            labels=TEXTS,
            words=WORDS,
            offers=_offers(item, actor.id, bool(choices), failed),
            choices={"handler": choices},
            entrusted=[self._name_of(register, person) for person in item.entrusted],
            unit_name=lambda unit: self._unit_name(request, register, unit),
        )

    def _entry(self, register: Register, entry: Entry) -> Mapping[str, Any]:
        actor = entry.actor or ""
        name = self._name_of(register, actor) if register.person(actor) else ""
        people = [
            (field, self._name_of(register, value) if field == "person" else value)
            for field, value in entry.data
        ]
        return {"type": entry.type, "recorded": entry.at, "actor": name, "texts": entry.texts, "data": people}

    async def _say(self, request: Request, actor: Actor, accusation: str, command: str) -> Response:
        register, item = await self._item(actor, accusation)
        definition = FORMS.get(command)
        if definition is None:
            raise ProblemError(404)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        names = [field.name for field in definition.fields]
        body = {name: sent.filled[name] for name in names if name in sent.filled}
        errors, status = FormErrors(), 422
        try:
            plain_model(COMMANDS[f"accusation.{command}.v1"]).model_validate(body)
            await self._check_person(register, item, body)
            receipt = await self._desk.say(actor.id, item, command, body, sent.get("form_key"))
            verdict = await self._decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
            return self._pages.redirect(f"/accusations/{accusation}", notice_of(verdict, gettext))
        except ValidationError as error:
            errors = form_errors(error, gettext)
        except _NotClearError:
            unfit = REASONS["not_receiving"]
            errors = errors.plus("person", gettext(unfit))
        except OtherBodyError:
            errors = errors.plus("", gettext(OTHER))
        except RecordTooLargeError:
            errors, status = errors.plus(names[-1] if names else "", gettext(TOO_LONG)), 413
        except (LogError, VaultError):
            errors, status = errors.plus("", gettext(status_text(503).detail)), 503
        form = Form(_labels(definition), sent.values, errors, prefix=command)
        return await self._show(request, actor, accusation, (command, form), status)

    async def _check_person(self, register: Register, item: Item, body: Mapping[str, str]) -> None:
        """Raise _NotClearError where somebody is named to be entrusted who must not know of it."""
        if "person" in body:
            entries = await self._accusations.entries(item.accusation)
            texts = "\n".join(text or "" for entry in entries[:1] for _, text in entry.texts)
            if body["person"] not in self._desk.may_be_entrusted(register, item, texts):
                raise _NotClearError

    def _unit_name(self, request: Request, register: Register, unit: str | None) -> str:
        if unit == LEDGER_UNIT:
            return self._pages.gettext(request)(WHOLE)
        found = register.unit(unit or "")
        return found.name if found else unit or "–"


class _NotClearError(Exception):
    """Whoever is to be entrusted is named in the accusation, or concerned by it."""


def _labels(definition: CommandForm) -> dict[str, str]:
    return {field.name: field.label for field in definition.fields}


def _offers(item: Item, person: str, others: bool, failed: tuple[str, Form] | None) -> list[Offer]:
    """What this person may do now: a proposal waits for somebody else, and holds up what would end it."""
    found = []
    for name, definition in FORMS.items():
        waits = item.proposed_by is not None
        fits = item.status in definition.states
        if name == "decide_not_pursuing":
            fits = fits and waits and item.proposed_by != person
        elif name == "entrust":
            fits = fits and others
        elif name in ("propose_not_pursuing", "answer"):
            fits = fits and not waits
        if fits:
            form = failed[1] if failed and failed[0] == name else Form(_labels(definition), prefix=name)
            found.append(Offer(name, definition, form, str(form.value("form_key")) or new_form_key()))
    return found
