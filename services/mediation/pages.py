"""The page of one mediation with its forms, and the sheet of its agreement."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.mediation_file import Mediation
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.attempts import Attempt
from services.mediation import entered
from services.mediation.choices import choices_of
from services.mediation.desk import FAMILY, MediationDesk, Wish, may
from services.mediation.forms import fits
from services.mediation.listing import READERS
from services.mediation.naming import NOT_STAFF, about_added_party
from services.mediation.telling import NameOf, Teller
from services.mediation.views import Happening, Item, Mediations
from web import entries
from web.actor import Actor
from web.case_forms import mediation_words as words
from web.case_forms.kit import CommandForm
from web.case_forms.mediation import AGREEMENTS, FORMS
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError

OPENERS = ("clerk", "supervisor")
"""Who may read what was said in every mediation of their community; its own mediators read theirs."""

GUARDS = ("supervisor", "data_protection_officer")
"""Who looks after the personal data of a community."""

_LISTS = frozenset({"parties", "present", "absent"})
"""Fields that may be sent several times."""


class Offer(NamedTuple):
    """A command that is offered: its name, its definition, its form, its key, and hidden fields."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str
    kept: Mapping[str, str]


class Shown(NamedTuple):
    """One mediation for one reader."""

    item: Item
    teller: Teller
    state: Mediation
    register: Register
    unrecorded: bool
    happenings: Sequence[Happening]

    @property
    def unit_name(self) -> str:
        """The name of its community."""
        unit = self.register.unit(self.item.unit)
        return unit.name if unit else self.item.unit


class MediationPages:
    """`/mediations/{id}`, its commands, and `/mediations/{id}/agreement`."""

    def __init__(
        self,
        pages: Pages,
        desk: MediationDesk,
        mediations: Mediations,
        decisions: Decisions,
        name_of: NameOf,
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._mediations = mediations
        self._decisions = decisions
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The page of one, its sheet, and what its forms send."""
        router = APIRouter(prefix="/mediations", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/{mediation}")
        async def show(request: Request, actor: reader, mediation: str) -> Response:
            return await self._show(request, actor, mediation)

        @router.get("/{mediation}/agreement")
        async def sheet(request: Request, actor: reader, mediation: str, version: int = 0) -> Response:
            return await self._sheet(request, actor, mediation, version)

        @router.post("/{mediation}/{command}", dependencies=[Depends(self._pages.check_csrf)])
        async def say(request: Request, actor: reader, mediation: str, command: str) -> Response:
            return await self._say(request, actor, mediation, command)

        return router

    def _money(self, request: Request) -> Callable[[int], str]:
        formats = self._pages.formats(request)
        return lambda amount: entries.yuan(amount, formats)

    async def read(
        self, request: Request, actor: Actor, mediation: str, language: str | None = None
    ) -> Shown:
        """One mediation as this reader may see it, the reading being on record before. Raises ProblemError.

        `language`: in which it is told, where that is not the visitor's.
        """
        register, now = await self._desk.register(), self._desk.now()
        item = await self._mediations.find(mediation)
        if item is None:
            raise ProblemError(404, REASONS["no_such_mediation"])
        if not any(register.holds(actor.id, role, item.unit, now) for role in READERS):
            raise ProblemError(403, REASONS["other_unit"])
        happenings = await self._mediations.happenings(mediation)
        mediates = actor.id in item.mediators.split()
        entitled = mediates or any(register.holds(actor.id, role, item.unit, now) for role in OPENERS)
        desk = item.risk and may(register, actor.id, item.unit, "acknowledge_risk", now)
        recorded = (entitled or desk) and await self._mediations.read(actor.id, item.unit, mediation)
        teller = Teller(
            self._mediations,
            register,
            self._name_of,
            self._pages.formats_in(language) if language else self._pages.formats(request),
            self._pages.gettext_in(language) if language else self._pages.gettext(request),
            may_open=entitled and recorded,
            sees_risk=desk and recorded,
        )
        teller.take(item.unit, happenings)
        if teller.state is None:
            raise ProblemError(404, REASONS["no_such_mediation"])
        unrecorded = (entitled or desk) and not recorded
        return Shown(item, teller, teller.state, register, unrecorded, happenings)

    async def _show(
        self,
        request: Request,
        actor: Actor,
        mediation: str,
        failed: tuple[str, Form] | None = None,
        status: int = 200,
    ) -> Response:
        shown = await self.read(request, actor, mediation)
        register, state, now = shown.register, shown.state, self._desk.now()
        load = await self._mediations.load(state.unit)
        choices = choices_of(state, shown.teller, load, now)
        return await self._pages.render(
            request,
            "mediation/mediation.html",
            status=status,
            item=shown.item,
            unit_name=shown.unit_name,
            teller=shown.teller,
            state=state,
            unrecorded=shown.unrecorded,
            words=words,
            money=self._money(request),
            now=now,
            may_attach=may(register, actor.id, shown.item.unit, "attach", now) and shown.teller.may_open,
            guards=any(register.holds(actor.id, role, shown.item.unit, now) for role in GUARDS),
            grievance=await self._grievance(shown.item),
            aid=await self._mediations.aid_of(shown.item.unit, _origins(shown.item)),
            may_apply=shown.teller.may_open and bool(register.programmes()),
            missing=_missing(shown),
            offers=self._offers(actor, shown, failed),
            choices=choices,
            rows=range(1, entered.ROWS + 1),
            filled_rows=entered.filled_rows,
            kinds=words.OBLIGATION_KINDS,
        )

    async def _grievance(self, item: Item) -> Sequence[tuple[str, int]]:
        return await self._mediations.grievance_moments(item.grievance) if item.grievance else ()

    def _offers(self, actor: Actor, shown: Shown, failed: tuple[str, Form] | None) -> list[Offer]:
        """What this person may do now, by role, by what makes sense, and for mediators by whose case it is."""
        now, item, state = self._desk.now(), shown.item, shown.state
        mediates = actor.id in state.mediators
        found = []
        for name, definition in {**FORMS, **AGREEMENTS}.items():
            allowed = may(shown.register, actor.id, item.unit, name, now)
            only_mediator = actor.roles <= {"mediator", "resident"} and not mediates
            if not allowed or only_mediator or not fits(name, state, actor.id, now):
                continue
            form = failed[1] if failed and failed[0] == name else Form(_labels(definition), prefix=name)
            key = str(form.value("form_key")) or new_form_key()
            kept = {"fingerprint": state.draft.fingerprint} if name == "sign" and state.draft else {}
            found.append(Offer(name, definition, form, key, kept))
        return found

    async def _say(self, request: Request, actor: Actor, mediation: str, command: str) -> Response:
        definition = FORMS.get(command) or AGREEMENTS.get(command)
        item = await self._mediations.find(mediation)
        if definition is None or item is None:
            raise ProblemError(404, REASONS["no_such_mediation"])
        sent, gettext = await read_form(request), self._pages.gettext(request)
        body, errors = self._entered(request, command, definition, sent)
        if command == "add_party":
            teller = (await self.read(request, actor, mediation)).teller
            asked = about_added_party(teller, item.unit, body, self._desk.now(), gettext)
            errors = FormErrors({**errors, **asked})
            body = {name: value for name, value in body.items() if (name, value) != ("staff", NOT_STAFF)}
        fields = _labels(definition)
        attempt = Attempt(
            FAMILY,
            command,
            body,
            errors,
            sent.get("form_key") or new_form_key(),
            fields,
            next(reversed(fields), ""),
        )
        mediates = actor.id in item.mediators.split()

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            wish = Wish(actor.id, item.unit, command, body, key, mediation, mediates)
            return await self._desk.say(wish)

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(f"/mediations/{mediation}", notice_of(made.verdict, gettext))
        lists = {name: list(sent.lists[name]) for name in _LISTS if name in sent.lists}
        form = Form(fields, {**sent.values, **lists, "form_key": made.key}, made.errors, prefix=command)
        return await self._show(request, actor, mediation, (command, form), made.status)

    def _entered(
        self, request: Request, command: str, definition: CommandForm, sent: Submitted
    ) -> tuple[dict[str, Any], FormErrors]:
        formats, gettext = self._pages.formats(request), self._pages.gettext(request)
        fields = [field for field in definition.fields if field.name != "obligations" or command in FORMS]
        body, errors = entered.entered(fields, sent, formats, gettext)
        found = dict(body)
        if command in AGREEMENTS:
            rows = entered.obligations(sent, formats, gettext)
            found |= rows.body
            errors = FormErrors({**errors, **rows.errors})
        if command == "sign":
            found["fingerprint"] = sent.get("fingerprint")
        return found, errors

    async def _sheet(self, request: Request, actor: Actor, mediation: str, version: int) -> Response:
        shown = await self.read(request, actor, mediation)
        versions = shown.teller.versions
        found = next((one for one in versions if one.number == version), versions[-1] if versions else None)
        if found is None or (version and found.number != version):
            raise ProblemError(404, REASONS["nothing_to_sign"])
        if not shown.teller.may_open:
            raise ProblemError(403)
        numbered = enumerate(found.obligations, 1)
        return await self._pages.render(
            request,
            "mediation/agreement.html",
            item=shown.item,
            unit_name=shown.unit_name,
            teller=shown.teller,
            state=shown.state,
            version=found,
            obligations=[shown.teller.obligation(number, one) for number, one in numbered],
            words=words,
            money=self._money(request),
        )


def _missing(shown: Shown) -> list[str]:
    """Whose signatures the pending version waits for, but for the committee's seal."""
    draft, teller = shown.state.draft, shown.teller
    if draft is None:
        return []
    parties = [teller.party(one.number) for one in shown.state.parties if one.number not in draft.parties]
    return [*parties, *(teller.staff(one) for one in shown.state.mediators if one not in draft.mediators)]


def _labels(definition: CommandForm) -> dict[str, str]:
    return {field.name: field.label for field in definition.fields}


def _origins(item: Item) -> list[str]:
    """The cases from which aid may have grown beside this mediation: itself, and what it grew from."""
    return [item.mediation_id, *([item.grievance] if item.grievance else [])]
