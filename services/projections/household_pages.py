"""Pages of households: by zone, by telephone, and one with who lives in it. Each showing is on record first."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from contracts.households import household_code
from contracts.lineage import standing_zones
from contracts.people import ReadingPurpose, telephone_handle
from contracts.reasons import REASONS
from contracts.register import UnitDefinedV1, ZoneDefinedV1
from ledger.log import LogError
from ledger.subject_keys import VaultError
from services.projections import people_queries as people
from services.projections import place_queries as places
from services.projections.access import GUARDS, knows_reporter
from services.projections.aids import of_household
from services.projections.helpings import pairs_of, seekers_of
from services.projections.mediations import open_of
from services.projections.people_pages import Offer, offers_about
from services.projections.place_rows import HouseholdRow, ResidentRow
from services.projections.reading import CASEWORK, Opener, Reader, Words
from services.projections.rows import CaseRow
from services.projections.sources import ReaderPages, Sources
from web.actor import Actor
from web.case_forms import helping_words
from web.case_forms.request_words import STATES
from web.forms import MESSAGES, Form, FormErrors, new_form_key, read_form
from web.i18n import N_
from web.paging import Page, read_cursor, steps
from web.place_forms import KEEPERS, PLACE_FORMS, PlaceForm
from web.problems import ProblemError

MEDIATION_READERS = frozenset({"clerk", "supervisor"})
"""Roles that may know who the parties of every mediation of their community are."""

AID_READERS = frozenset({"clerk", "aid_officer", "aid_approver", "supervisor"})
"""Roles that may know who asked for aid in their community."""

HELP_READERS = frozenset({"clerk", "grid_worker", "aid_officer", "supervisor"})
"""Roles that may know who is helped in a pair, or looks for work, in their community."""

PAGE_SIZE = 50
_HOUSEHOLD_ID = re.compile(r"hsh_[0-9a-f]{32}")
_FIND = {"telephone": N_("Telephone")}
_NOBODY = N_("Nobody with this telephone lives in your zones, or they have been erased.")


class PlaceOffer(NamedTuple):
    """A form that is offered: its name, what it asks for, its address, key and hidden fields."""

    name: str
    definition: PlaceForm
    form: Form
    action: str
    form_key: str
    kept: dict[str, str]


class Line(NamedTuple):
    """A household in a list."""

    row: HouseholdRow
    code: str
    zone: str
    address: Words | None


class Person(NamedTuple):
    """A resident as a page shows them; `there`: where they went, as a household's number."""

    row: ResidentRow
    name: Words | None
    telephone: Words | None
    birth_year: Words | None
    there: str | None
    offers: tuple[PlaceOffer, ...] = ()
    about: tuple[Offer, ...] = ()


class _Asked(NamedTuple):
    """What a list is asked for: a community, its zones that the reader may see, the chosen one, and from where on."""

    unit: UnitDefinedV1
    zones: list[ZoneDefinedV1]
    zone: str
    page: Page

    @property
    def chosen(self) -> list[str]:
        return [self.zone] if self.zone else [zone.zone for zone in self.zones]


class HouseholdPages(ReaderPages):
    """`/households…`."""

    def add_to(self, router: APIRouter) -> None:
        """Answer the pages' paths."""
        keepers, checked = self._pages.require(*KEEPERS), Depends(self._pages.check_csrf)

        @router.get("/households")
        async def listed(request: Request, actor: Annotated[Actor, Depends(keepers)]) -> Response:
            return await self._list(request, await self._reader(actor), Form(_FIND, prefix="find"), 200)

        @router.post("/households/find", dependencies=[checked])
        async def find(request: Request, actor: Annotated[Actor, Depends(keepers)]) -> Response:
            return await self._find(request, await self._reader(actor))

        @router.get("/households/{household}")
        async def one(
            request: Request, actor: Annotated[Actor, Depends(keepers)], household: str
        ) -> Response:
            return await self._one(request, await self._reader(actor), household)

    async def _list(self, request: Request, reader: Reader, find: Form, status: int) -> Response:
        asked, model = self._asked(request.query_params, reader), self._sources.model
        unit = asked.unit.unit
        found, moving = await asyncio.gather(
            asyncio.to_thread(places.households_of, model, unit, asked.chosen, asked.page),
            asyncio.to_thread(places.on_the_way, model, unit),
        )
        opener = await self._opener(reader, unit, [row.household_id for row in found.rows])
        names = {zone.zone: zone.name for zone in asked.zones}
        lines = [
            Line(
                row,
                household_code(row.household_id),
                names.get(row.zone, row.zone),
                opener.stored(row.address, "address"),
            )
            for row in found.rows
        ]
        return await self._pages.render(
            request,
            "projections/households.html",
            status=status,
            asked=asked,
            filter=Form(
                {"unit": N_("Community"), "zone": N_("Zone")},
                {"unit": unit, "zone": asked.zone},
                prefix="filter",
            ),
            units=[(one.unit, one.name) for one in reader.communities(KEEPERS)],
            zones=[(zone.zone, zone.name) for zone in asked.zones],
            lines=lines,
            found=found,
            moving=[household_code(one.going_to or "") for one in moving],
            steps=steps(
                found.before,
                found.after,
                lambda at: f"/households?{urlencode({'unit': unit, 'zone': asked.zone, 'at': at})}",
            ),
            find=find,
            unrecorded=not opener.may_open,
            imports=reader.holds_any(KEEPERS - {"data_protection_officer"}, unit),
            enter=self._offer("enter_household", unit, "new", values={"zone": asked.zone}),
            choices={"zone": [(zone.zone, zone.name) for zone in asked.zones]},
        )

    async def _find(self, request: Request, reader: Reader) -> Response:
        asked = self._asked(request.query_params, reader)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        telephone = sent.get("telephone")
        handle = telephone_handle(asked.unit.unit, telephone)
        subject = self._sources.vault.find(handle) if handle else None
        sentence = _NOBODY if handle else MESSAGES["missing"]
        if subject is not None:
            mine = {zone.zone for zone in asked.zones}
            for row in await asyncio.to_thread(places.residents_of, self._sources.model, subject):
                view = await asyncio.to_thread(places.household_by_id, self._sources.model, row.household)
                if row.state != "away" and view is not None and view.household.zone in mine:
                    await self._opener(reader, asked.unit.unit, [subject])
                    return self._pages.redirect(f"/households/{row.household}")
        errors = FormErrors({"telephone": (gettext(sentence),)})
        return await self._list(request, reader, Form(_FIND, sent.values, errors, prefix="find"), 422)

    async def _one(self, request: Request, reader: Reader, household: str) -> Response:
        model = self._sources.model
        is_id = _HOUSEHOLD_ID.fullmatch(household) is not None
        view = await asyncio.to_thread(places.household_by_id, model, household) if is_id else None
        if view is None:
            raise ProblemError(404, REASONS["no_such_household"])
        row = view.household
        if row.zone not in self._zones(reader, row.unit):
            raise ProblemError(403, REASONS["other_zone_of_yours"])
        subjects = sorted({one.subject for one in (*view.residents, *view.former)})
        opener = await self._opener(reader, row.unit, [household, *subjects])
        guards = reader.holds_any(GUARDS, row.unit)
        moving = await asyncio.to_thread(places.on_the_way, model, row.unit)
        arriving = [one for one in moving if one.going_to == household]
        states = await asyncio.to_thread(people.subject_states, model, subjects) if guards else {}
        readings = (
            await asyncio.to_thread(people.readings_of, model, [household, *subjects], 20) if guards else None
        )
        reads = reader.holds_any(MEDIATION_READERS, row.unit)
        mediated = await asyncio.to_thread(open_of, model, subjects) if reads else ()
        helped = reader.holds_any(AID_READERS, row.unit)
        requests = await asyncio.to_thread(of_household, model, household, subjects) if helped else ()
        unit, zone = reader.register.unit(row.unit), reader.register.zone(row.unit, row.zone)
        standing = row.ended_at is None

        def person(one: ResidentRow, *names: str) -> Person:
            offers = [self._offer(name, row.unit, household, one.resident_id) for name in names if standing]
            state = states.get(one.subject) or people.SubjectState(one.subject, row.unit)
            about = offers_about(reader, state, row.unit, f"/households/{household}") if guards else ()
            return _person(one, opener, tuple(offers), about)

        return await self._pages.render(
            request,
            "projections/household.html",
            household=row,
            code=household_code(household),
            unit_name=unit.name if unit else row.unit,
            zone_name=zone.name if zone else row.zone,
            address=opener.stored(row.address, "address"),
            residents=[
                person(one, "correct_resident", "move_resident", "move_away") for one in view.residents
            ],
            arriving=[person(one, "receive_resident") for one in arriving],
            former=[person(one) for one in view.former],
            cases=_open_to(reader, row.unit, view.cases),
            mediations=mediated,
            **await self._helped(reader, row, sorted({one.subject for one in view.residents})),
            requests=requests,
            aid_states=STATES,
            programmes={one.programme: one.name for one in reader.register.programmes()},
            readings=readings,
            unrecorded=not opener.may_open,
            offers=[self._offer(name, row.unit, household) for name in _OF_HOUSEHOLD if standing],
            choices={"zone": [(one.zone, one.name) for one in standing_zones(reader.register, row.unit)]},
        )

    async def _helped(self, reader: Reader, row: HouseholdRow, subjects: Sequence[str]) -> dict[str, Any]:
        """The standing pairs and open employment cases of a household, and whether more may be begun."""
        entitled = reader.holds_any(HELP_READERS, row.unit)
        asked = (self._sources.model, row.household_id, subjects)
        return {
            "may_help": entitled and row.ended_at is None,
            "helped_pairs": await asyncio.to_thread(pairs_of, *asked) if entitled else (),
            "seekers": await asyncio.to_thread(seekers_of, *asked) if entitled else (),
            "help_words": helping_words.WORDS,
        }

    def _asked(self, query: QueryParams, reader: Reader) -> _Asked:
        unit = reader.choose(query.get("unit", ""), KEEPERS)
        if unit is None:
            raise ProblemError(403)
        mine = self._zones(reader, unit.unit)
        zone = query.get("zone", "")
        if zone and zone not in mine:
            raise ProblemError(403 if reader.register.zone(unit.unit, zone) else 404)
        zones = [one for one in reader.register.zones(unit.unit) if one.zone in mine]
        return _Asked(unit, zones, zone, Page(read_cursor(query.get("at", ""), places.BY_ENTRY), PAGE_SIZE))

    def _zones(self, reader: Reader, unit: str) -> set[str]:
        """The zones of a community over which the reader holds one of the roles."""
        register, now = reader.register, self._sources.clock()
        return {
            zone.zone
            for zone in register.zones(unit)
            if any(register.holds(reader.actor.id, role, unit, now, zone.zone) for role in KEEPERS)
        }

    async def _opener(self, reader: Reader, unit: str, about: Sequence[str]) -> Opener:
        """Opens what is sealed, once it is on record that the reader is shown it; else it opens nothing."""
        return await opener_on_record(self._sources, reader, unit, about, "household")

    def _offer(
        self, name: str, unit: str, stream: str, resident: str = "", values: dict[str, str] | None = None
    ) -> PlaceOffer:
        definition = PLACE_FORMS[name]
        form = Form(definition.labels, values or {}, prefix=f"{name}-{resident}" if resident else name)
        kept = {"resident": resident} if resident else {}
        return PlaceOffer(name, definition, form, f"/places/{unit}/{stream}/{name}", new_form_key(), kept)


async def opener_on_record(
    sources: Sources, reader: Reader, unit: str, about: Sequence[str], purpose: ReadingPurpose
) -> Opener:
    """Opens what is sealed, once it is on record that the reader is shown it; else it opens nothing."""
    try:
        await sources.access.record_reading(reader.actor.id, unit, purpose, subjects=about)
    except (LogError, VaultError) as error:
        structlog.get_logger("access").warning("reading not recorded", reason=type(error).__name__)
        return Opener(sources.vault, may_open=False)
    return Opener(sources.vault, may_open=True)


_OF_HOUSEHOLD = ("enter_resident", "correct_household", "end_household")


def _person(
    row: ResidentRow, opener: Opener, offers: tuple[PlaceOffer, ...], about: tuple[Offer, ...]
) -> Person:
    return Person(
        row,
        opener.stored(row.resident_name, "resident_name"),
        opener.stored(row.telephone, "telephone"),
        opener.stored(row.birth_year, "birth_year"),
        household_code(row.going_to) if row.going_to else None,
        offers,
        about,
    )


def _open_to(reader: Reader, unit: str, cases: Sequence[CaseRow]) -> Sequence[CaseRow]:
    if not reader.holds_any(CASEWORK, unit):
        return ()
    return [case for case in cases if knows_reporter(reader, case)]
