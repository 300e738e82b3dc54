"""What the pages of pairs and of employment cases have in common: who may see them, the form that begins one, and one's page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import DAY_MS
from contracts.employment_file import Seeker
from contracts.pairing_file import Pair
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from runtime.submit import Receipt
from services.aid.desk import FAMILY, may
from services.aid.helping_desk import HelpingDesk, HelpKind, Wish
from services.aid.helping_telling import Teller
from services.aid.helping_views import Helpings, PairItem, SeekerItem
from services.aid.telling import NameOf
from services.attempts import Attempt
from services.places import places_of
from web.actor import Actor
from web.case_forms import helping_words as words
from web.case_forms.kit import CommandForm
from web.entries import Entered, numbered, read_fields
from web.forms import Form, Submitted, new_form_key, read_form
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError

OPENERS = ("clerk", "grid_worker", "aid_officer", "supervisor")
"""Who may read what was said in the pairs and employment cases of their community."""

READERS = (*OPENERS, "auditor")
"""Who may see that one exists and how it stands."""

PER_PAGE = 50


class Offer(NamedTuple):
    """A command that is offered: its name, its definition, its form and its key."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str


class Shown(NamedTuple):
    """One pair or employment case for one reader."""

    item: PairItem | SeekerItem
    stream: str
    teller: Teller
    state: Pair | Seeker
    register: Register
    unrecorded: bool


class HelpingPages:
    """Pages of one kind of help; those of each kind are made of it."""

    path: ClassVar[str]
    kind: ClassVar[HelpKind]
    begin: ClassVar[str]
    labels: ClassVar[Mapping[str, str]]
    forms: ClassVar[Mapping[str, CommandForm]]
    when: ClassVar[Mapping[str, Callable[[Any], bool]]]
    """Command → whether it makes sense now; the others always do."""
    nothing: ClassVar[str]
    new_page: ClassVar[str]
    one_page: ClassVar[str]

    def __init__(
        self,
        pages: Pages,
        desk: HelpingDesk,
        helpings: Helpings,
        decisions: Decisions,
        name_of: NameOf,
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._helpings = helpings
        self._decisions = decisions
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The list, the form, the figures, and one of them last."""
        router = APIRouter(prefix=self.path, include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]
        checked = [Depends(self._pages.check_csrf)]

        @router.get("")
        async def listed(
            request: Request, actor: reader, unit: str = "", view: str = "", at: str = ""
        ) -> Response:
            return await self.listed(request, actor, unit, view, at)

        @router.get("/new")
        async def form(request: Request, actor: reader, unit: str = "", household: str = "") -> Response:
            values = {"unit": unit, "household": household}
            return await self.form(request, actor, Form(self.labels, values))

        @router.post("/new", dependencies=checked)
        async def start(request: Request, actor: reader) -> Response:
            return await self.start(request, actor)

        @router.get("/figures")
        async def figured(
            request: Request, actor: reader, unit: str = "", since: str = "", until: str = ""
        ) -> Response:
            return await self.figured(request, actor, unit, (since, until))

        @router.get("/{stream}")
        async def show(request: Request, actor: reader, stream: str) -> Response:
            return await self.show(request, actor, stream)

        @router.post("/{stream}/{command}", dependencies=checked)
        async def say(request: Request, actor: reader, stream: str, command: str) -> Response:
            return await self.say(request, actor, stream, command)

        return router

    async def listed(self, request: Request, actor: Actor, unit: str, wanted: str, at: str) -> Response:
        """One page of the list; a view that is none of the tabs is the first of them."""
        raise NotImplementedError

    async def figured(self, request: Request, actor: Actor, unit: str, told: tuple[str, str]) -> Response:
        """The figures of a community for a period, told as two dates."""
        raise NotImplementedError

    def fits(self, command: str, state: Any) -> bool:
        """Whether a command makes sense now. A courtesy: the workflow decides."""
        when = self.when.get(command)
        return when is None or when(state)

    def choices(self, state: Any, teller: Teller) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Field → what is offered for it: pairs of (value, label)."""
        raise NotImplementedError

    def filled_in(self, command: str, state: Any) -> Mapping[str, str]:
        """What a form holds before anybody typed."""
        raise NotImplementedError

    def begun(self, request: Request, sent: Submitted) -> Entered:
        """What was entered in the form that begins one."""
        raise NotImplementedError

    def places(self, register: Register, actor: Actor) -> list[UnitDefinedV1]:
        """The communities whose help this actor may see."""
        return places_of(register, actor.id, READERS, self._desk.now())

    def may_begin(self, register: Register, actor: Actor, unit: str) -> bool:
        """Whether this actor may begin one in a community."""
        return may(register, actor.id, unit, self.begin, self._desk.now())

    def staff(self, register: Register, unit: str) -> list[tuple[str, str]]:
        """Who serves in a community, by name."""
        now = self._desk.now()
        found = dict.fromkeys(
            one.person
            for one in register.appointments(now)
            if one.role != "clock" and register.serves(one.person, unit, now)
        )
        return [(one, self._name_of(register, one)) for one in found]

    async def form(self, request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
        """The form that begins one. Raises ProblemError 403 where this actor may not."""
        register = await self._desk.register()
        places = [one for one in self.places(register, actor) if self.may_begin(register, actor, one.unit)]
        unit = str(form.value("unit")) or next((one.unit for one in places), "")
        if unit not in {one.unit for one in places}:
            raise ProblemError(403)
        return await self._pages.render(
            request,
            self.new_page,
            status=status,
            form=form,
            unit=unit,
            form_key=form.value("form_key") or new_form_key(),
            places=[(one.unit, one.name) for one in places],
            staff=self.staff(register, unit),
            words=words,
        )

    async def start(self, request: Request, actor: Actor) -> Response:
        """Begin one as it was entered."""
        sent, gettext = await read_form(request), self._pages.gettext(request)
        register, unit = await self._desk.register(), sent.get("unit")
        if not self.may_begin(register, actor, unit):
            raise ProblemError(403)
        body, errors = self.begun(request, sent)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, self.begin, body, errors, key, self.labels, "story")

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.say(Wish(self.kind, actor.id, unit, self.begin, body, key))

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(
                f"{self.path}/{made.receipt.subject}", notice_of(made.verdict, gettext)
            )
        form = Form(self.labels, {**sent.values, "form_key": made.key}, made.errors)
        return await self.form(request, actor, form, made.status)

    async def read(self, request: Request, actor: Actor, stream: str) -> Shown:
        """One as this reader may see it, the reading being on record before. Raises ProblemError."""
        register, now = await self._desk.register(), self._desk.now()
        item = await self._helpings.find(stream) if stream.startswith(f"{self.kind}_") else None
        if item is None:
            raise ProblemError(404, REASONS[self.nothing])
        if not any(register.holds(actor.id, role, item.unit, now) for role in READERS):
            raise ProblemError(403, REASONS["other_unit"])
        happenings = await self._helpings.happenings(stream)
        entitled = any(register.holds(actor.id, role, item.unit, now) for role in OPENERS)
        recorded = entitled and await self._helpings.read(actor.id, item.unit, stream)
        formats, gettext = self._pages.formats(request), self._pages.gettext(request)
        teller = Teller(self._helpings, register, self._name_of, formats, gettext, may_open=recorded)
        teller.take(item.unit, happenings)
        if teller.state is None:
            raise ProblemError(404, REASONS[self.nothing])
        return Shown(item, stream, teller, teller.state, register, entitled and not recorded)

    async def show(
        self,
        request: Request,
        actor: Actor,
        stream: str,
        failed: tuple[str, Form] | None = None,
        status: int = 200,
    ) -> Response:
        """The page of one, with the forms of what may be said of it now."""
        shown = await self.read(request, actor, stream)
        unit = shown.register.unit(shown.item.unit)
        return await self._pages.render(
            request,
            self.one_page,
            status=status,
            item=shown.item,
            stream=stream,
            path=self.path,
            unit_name=unit.name if unit else shown.item.unit,
            teller=shown.teller,
            state=shown.state,
            unrecorded=shown.unrecorded,
            words=words,
            now=self._desk.now(),
            due_from=self._desk.now() + DAY_MS,
            offers=self._offers(actor, shown, failed),
            choices=self.choices(shown.state, shown.teller),
        )

    def _offers(self, actor: Actor, shown: Shown, failed: tuple[str, Form] | None) -> list[Offer]:
        """What this person may do now, by role and by what makes sense."""
        found = []
        for name, definition in self.forms.items():
            is_failed = failed is not None and failed[0] == name
            if shown.state.ended or not may(
                shown.register, actor.id, shown.item.unit, name, self._desk.now()
            ):
                continue
            if not is_failed and not self.fits(name, shown.state):
                continue
            values = self.filled_in(name, shown.state)
            form = failed[1] if failed and is_failed else Form(_labels(definition), values, prefix=name)
            found.append(Offer(name, definition, form, str(form.value("form_key")) or new_form_key()))
        return found

    async def say(self, request: Request, actor: Actor, stream: str, command: str) -> Response:
        """Give a command as its form was filled in."""
        definition = self.forms.get(command)
        item = await self._helpings.find(stream) if stream.startswith(f"{self.kind}_") else None
        if definition is None or item is None:
            raise ProblemError(404, REASONS[self.nothing])
        sent, gettext = await read_form(request), self._pages.gettext(request)
        read = read_fields(definition.fields, sent, self._pages.formats(request), gettext)
        body = {
            name: numbered(value) if name in ("plan", "offer") else value for name, value in read.body.items()
        }
        fields = _labels(definition)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, command, body, read.errors, key, fields, next(reversed(fields), ""))

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.say(Wish(self.kind, actor.id, item.unit, command, body, key, stream))

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(f"{self.path}/{stream}", notice_of(made.verdict, gettext))
        form = Form(fields, {**sent.values, "form_key": made.key}, made.errors, prefix=command)
        return await self.show(request, actor, stream, (command, form), made.status)


def plain(sent: Submitted, names: Sequence[str]) -> dict[str, Any]:
    """The fields of these names that were filled in, as they were typed."""
    return {name: sent.filled[name] for name in names if name in sent.filled}


def _labels(definition: CommandForm) -> dict[str, str]:
    return {field.name: field.label for field in definition.fields}
