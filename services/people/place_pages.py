"""The forms about households, inspections and visits: what they send is said, and its verdict shown at the field at fault."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import EPOCH
from contracts.catalogue import COMMANDS
from contracts.households import household_prefix
from contracts.inspections import kinds_of
from contracts.lineage import standing_zones
from contracts.personal import plain_model
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.people.desk import FAMILY
from services.people.pages import FAILURES, Unit, failure
from services.people.place_desk import Home, PlaceDesk, Wish
from web.actor import Actor
from web.forms import MESSAGES, Form, FormErrors, Submitted, form_errors, new_form_key, read_form
from web.notices import Decisions, Verdict, notice_of
from web.pages import Pages
from web.place_forms import KEPT, PLACE_FORMS, RANKS, PlaceForm, inspector_choices, inspectors_in
from web.problems import ProblemError

VERDICT_SECONDS = 3.0
NEW = "new"
_STREAM_OF = {
    "enter_household": NEW,
    "carry_out_inspection": NEW,
    "record_visit": NEW,
    "put_right": "isp",
    "make_finding_grievance": "isp",
    **dict.fromkeys(("add_opinion", "solve_opinion", "make_grievance", "pass_up_opinion"), "vst"),
}
"""Form → what it is sent to: a new stream, an inspection or a visit; all others to a household."""

_INSPECTIONS = ("carry_out_inspection", "put_right", "make_finding_grievance")
_NUMBERS = ("finding", "number", "persons")
"""Fields that hold a number."""
_NO_CHOICE = MESSAGES["literal_error"]
_NOT_A_DAY = MESSAGES["date_parsing"]

Stream = Annotated[str, Path(pattern=r"^(new|(hsh|isp|vst)_[0-9a-f]{32})$")]
Name = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]


class PlacePages:
    """The forms under `/places`."""

    def __init__(
        self,
        pages: Pages,
        desk: PlaceDesk,
        decisions: Decisions,
        clock: Callable[[], int],
        name_of: Callable[[Register, str], str],
    ) -> None:
        """`clock`: milliseconds since the epoch; `name_of` gives the name of a member of staff."""
        self._clock = clock
        self._name_of = name_of
        self._pages = pages
        self._desk = desk
        self._decisions = decisions

    def router(self) -> APIRouter:
        """All paths under `/places`."""
        router = APIRouter(prefix="/places", include_in_schema=False)
        signed_in, checked = self._pages.require(), Depends(self._pages.check_csrf)
        path = "/{unit}/{stream}/{name}"

        @router.get(path, dependencies=[Depends(signed_in)])
        async def form_page(request: Request, unit: Unit, stream: Stream, name: Name) -> Response:
            definition, _ = await self._about(unit, stream, name)
            kept = {one: request.query_params.get(one, "") for one in KEPT}
            return await self._form_page(request, unit, stream, name, Form(definition.labels, kept), 200)

        @router.post(path, dependencies=[checked])
        async def say(
            request: Request,
            actor: Annotated[Actor, Depends(signed_in)],
            unit: Unit,
            stream: Stream,
            name: Name,
        ) -> Response:
            return await self._say(request, actor, unit, stream, name)

        return router

    async def _about(self, unit: str, stream: str, name: str) -> tuple[PlaceForm, Home | None]:
        """The form of this name, and the household that it is about. Raises ProblemError 404."""
        definition = PLACE_FORMS.get(name)
        if definition is None or stream[:3] != _STREAM_OF.get(name, "hsh"):
            raise ProblemError(404)
        home = None if stream == NEW else await self._desk.places.home(stream)
        if stream != NEW and (home is None or home.unit != unit):
            raise ProblemError(404, REASONS["no_such_household"])
        return definition, home

    async def _say(self, request: Request, actor: Actor, unit: str, stream: str, name: str) -> Response:
        definition, home = await self._about(unit, stream, name)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        body, errors = await self._body(request, definition, unit, sent)
        told_at = None
        if day := sent.filled.get("day"):
            try:
                told_at = self._day(day)
            except (ValueError, OverflowError):
                errors = errors.plus("day", gettext(_NOT_A_DAY))
        if errors:
            form = Form(definition.labels, sent.values, errors)
            return await self._form_page(request, unit, stream, name, form, 422)
        wish = Wish(
            actor.id,
            unit,
            definition.command,
            body,
            sent.get("form_key") or new_form_key(),
            stream=None if home is None else stream,
            zone=home.zone if home else body.get("zone"),
            told_at=told_at,
        )
        try:
            receipt = await self._desk.say(wish)
        except FAILURES as error:
            return await self._failed(request, (unit, stream, name), sent, *failure(error, gettext))
        verdict = await self._verdict(receipt)
        if verdict is not None and verdict.outcome == "refused":
            sentence = gettext(REASONS.get(verdict.reason or "", verdict.reason or ""))
            field = "day" if verdict.field == "occurred_at" else verdict.field
            at = field if field in definition.labels else ""
            # The refusal is on record under the old key.
            form = Form(
                definition.labels, {**sent.values, "form_key": ""}, FormErrors({at or "": (sentence,)})
            )
            return await self._form_page(request, unit, stream, name, form, 422)
        if verdict is not None and verdict.outcome in ("accepted", "duplicate"):
            verdict = await self._received(wish, receipt) or verdict
        path = _after(unit, receipt.subject, name)
        return self._pages.redirect(path, notice_of(verdict, gettext))

    async def _body(
        self, request: Request, definition: PlaceForm, unit: str, sent: Submitted
    ) -> tuple[dict[str, Any], FormErrors]:
        """The command's body as its form tells it, and what is wrong with it."""
        gettext = self._pages.gettext(request)
        model = COMMANDS[f"people.{definition.command}.v1"]
        asked = {*definition.labels, *KEPT}
        body: dict[str, Any] = {
            key: text for key, text in sent.filled.items() if key in asked and key in model.model_fields
        }
        errors = FormErrors()
        if "household" in definition.labels:
            number = sent.filled.get("household", "")
            prefix = household_prefix(number)
            found = await self._desk.places.numbered(unit, prefix) if prefix else None
            body["household"] = found
            if found is None:
                sentence = REASONS["no_such_household"] if number else MESSAGES["missing"]
                errors = errors.plus("household", gettext(sentence))
        if "inspector_1" in definition.labels:
            told = inspectors_in(sent.filled)
            if isinstance(told, str):
                errors = errors.plus(told, gettext(_NO_CHOICE))
            elif told:
                body["inspectors"] = told
        for field in _NUMBERS:
            if str(body.get(field, "")).isdecimal():
                body[field] = int(body[field])
        try:
            plain_model(model).model_validate({key: value for key, value in body.items() if value})
        except ValidationError as error:
            for key, sentences in form_errors(error, gettext).items():
                errors = errors.plus(key, *sentences)
        return {key: value for key, value in body.items() if value}, errors

    def _day(self, text: str) -> int | None:
        """The told day as a time: None for today, else its noon. Raises ValueError, OverflowError."""
        day, zone = date.fromisoformat(text), self._pages.site.zone
        today = (EPOCH + timedelta(milliseconds=self._clock())).astimezone(zone).date()
        noon = datetime.combine(day, time(12), zone)
        return None if day == today else max((noon - EPOCH) // timedelta(milliseconds=1), 0)

    async def _received(self, wish: Wish, receipt: Receipt) -> Verdict | None:
        """After a move within the community: the other household receives who moved (invariant 8).

        What becomes of that, or None where nothing follows. Who is cut off here stays on the way, and is shown so.
        """
        to = wish.body.get("household")
        home = await self._desk.places.home(str(to)) if to else None
        if wish.command != "move_resident" or home is None:
            return None
        arrival = Wish(
            wish.actor,
            wish.unit,
            "receive_resident",
            {"resident": wish.body["resident"]},
            f"receive:{receipt.submission_id}",
            stream=home.household,
            zone=home.zone,
            causation=receipt.submission_id,
        )
        return await self._verdict(await self._desk.say(arrival))

    async def _verdict(self, receipt: Receipt) -> Verdict | None:
        return await self._decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)

    async def _failed(
        self, request: Request, place: tuple[str, str, str], sent: Submitted, sentence: str, status: int
    ) -> Response:
        form = Form(PLACE_FORMS[place[2]].labels, sent.values, FormErrors({"": (sentence,)}))
        return await self._form_page(request, *place, form, status)

    async def _form_page(
        self, request: Request, unit: str, stream: str, name: str, form: Form, status: int
    ) -> Response:
        register = await self._desk.register()
        found = register.unit(unit)
        return await self._pages.render(
            request,
            "people/place.html",
            status=status,
            definition=PLACE_FORMS[name],
            unit_name=found.name if found else unit,
            back=_back(stream, name),
            action=f"/places/{unit}/{stream}/{name}",
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            kept={one: form.value(one) for one in KEPT if form.value(one)},
            choices=choices_in(register, unit, self._name_of),
        )


def _after(unit: str, subject: str, name: str) -> str:
    """Where the browser goes once something is recorded."""
    if name in _INSPECTIONS:
        return f"/inspections?unit={unit}"
    return f"/visits/{subject}" if subject.startswith("vst_") else f"/households/{subject}"


def _back(stream: str, name: str) -> str:
    if name in _INSPECTIONS:
        return "/inspections"
    if name == "record_visit":
        return "/visits"
    if stream.startswith("vst_"):
        return f"/visits/{stream}"
    return "/households" if stream == NEW else f"/households/{stream}"


def choices_in(
    register: Register, unit: str, name_of: Callable[[Register, str], str]
) -> Mapping[str, list[tuple[str, str]]]:
    """The zones that stand, the kinds of inspection in force, who may visit and the units above, as choices."""
    line = [found for code in register.lineage(unit)[:-1] if (found := register.unit(code)) is not None]
    serving = [one.person for one in register.people() if register.serves(one.person, unit)]
    return {
        "inspector": inspector_choices(register, unit, register.latest, name_of),
        "visitor": [(person, name_of(register, person)) for person in serving],
        "unit": [(one.unit, one.name) for one in line],
        "above": [(one.unit, one.name) for one in line[1:]],
        "rank": list(RANKS),
        "zone": [(zone.zone, zone.name) for zone in standing_zones(register, unit)],
        "inspection": [(kind.inspection, kind.name) for kind in kinds_of(register, unit, register.latest)],
    }
