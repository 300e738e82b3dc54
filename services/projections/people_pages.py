"""Pages about personal data for those who look after them: of one case, and of a community."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.people import PeoplePolicy
from contracts.reasons import REASONS
from contracts.reference import Register
from services.projections import mediations, queries
from services.projections import people_queries as people
from services.projections.access import GUARDS
from services.projections.case_page import Staff
from services.projections.queries import CaseView
from services.projections.reading import Reader
from services.projections.rows import CaseEventRow
from services.projections.sources import ReaderPages
from web import people_commands as forms
from web.actor import Actor
from web.case_forms import mediation_words
from web.case_forms.kit import CommandForm
from web.forms import Form, new_form_key
from web.i18n import N_
from web.problems import ProblemError

_CASE_ID = re.compile(r"grv_[0-9a-f]{32}")
_READINGS_SHOWN = 200
_ENTRIES_SHOWN = 200
LOOKERS = (*sorted(GUARDS), "auditor")

REPORTER, TEXTS = N_("Who lodged it"), N_("What was said and written")


class Offer(NamedTuple):
    """A command that is offered: its name, form, where it is sent, and what its form carries on."""

    name: str
    definition: CommandForm
    form: Form
    action: str
    form_key: str
    kept: Mapping[str, str]


class Subject(NamedTuple):
    """A data subject in a case: what of it is theirs (a message id), how many texts, and its state."""

    subject: str
    whose: str
    texts: int
    has_keys: bool
    state: people.SubjectState
    offers: tuple[Offer, ...]


class PersonalPages(ReaderPages):
    """`/cases/{case}/people`, `/mediations/{mediation}/people` and `/personal-data`."""

    def add_to(self, router: APIRouter) -> None:
        """Answer the pages' paths."""
        guards, lookers = self._pages.require(*GUARDS), self._pages.require(*LOOKERS)

        @router.get("/cases/{case_id}/people")
        async def of_case(
            request: Request, actor: Annotated[Actor, Depends(guards)], case_id: str
        ) -> Response:
            return await self._of_case(request, await self._reader(actor), case_id)

        @router.get("/mediations/{mediation}/people")
        async def of_mediation(
            request: Request, actor: Annotated[Actor, Depends(guards)], mediation: str
        ) -> Response:
            return await self._of_mediation(request, await self._reader(actor), mediation)

        @router.get("/personal-data")
        async def overview(request: Request, actor: Annotated[Actor, Depends(lookers)]) -> Response:
            return await self._overview(request, await self._reader(actor))

    async def _of_case(self, request: Request, reader: Reader, case_id: str) -> Response:
        model = self._sources.model
        view = None
        if _CASE_ID.fullmatch(case_id):
            view = await asyncio.to_thread(queries.shown_case, model, case_id)
        if view is None:
            raise ProblemError(404, REASONS["not_found"])
        unit = view.case.unit
        if not reader.holds_any(GUARDS, unit):
            raise ProblemError(403, REASONS["other_unit"])
        found = subjects_in(view)
        states, readings, disclosures = await asyncio.gather(
            asyncio.to_thread(people.subject_states, model, list(found)),
            asyncio.to_thread(people.readings_of, model, [case_id, *found], _READINGS_SHOWN),
            asyncio.to_thread(people.disclosures_about, model, case_id),
        )
        back = f"/cases/{case_id}/people"
        subjects = []
        for subject, (whose, texts) in found.items():
            state = states.get(subject) or people.SubjectState(subject, unit)
            has_keys = self._sources.vault.holds(subject)
            offers = tuple(_offers(reader, state, unit, back, case_id))
            subjects.append(Subject(subject, whose, texts, has_keys, state, offers))
        return await self._render(
            request,
            reader,
            "projections/people.html",
            unit,
            home=f"/cases/{case_id}",
            is_mediation=False,
            subjects=subjects,
            readings=readings,
            disclosures=self._with_offers(reader, disclosures, back),
        )

    async def _of_mediation(self, request: Request, reader: Reader, mediation: str) -> Response:
        model = self._sources.model
        row = await asyncio.to_thread(mediations.by_id, model, mediation)
        if row is None:
            raise ProblemError(404, REASONS["no_such_mediation"])
        if not reader.holds_any(GUARDS, row.unit):
            raise ProblemError(403, REASONS["other_unit"])
        found = takers_of(await asyncio.to_thread(mediations.events_of, model, mediation))
        states, readings = await asyncio.gather(
            asyncio.to_thread(people.subject_states, model, list(found)),
            asyncio.to_thread(people.readings_of, model, [mediation, *found], _READINGS_SHOWN),
        )
        home = f"/mediations/{mediation}"
        subjects = []
        for subject, (whose, texts) in found.items():
            state = states.get(subject) or people.SubjectState(subject, row.unit)
            has_keys = self._sources.vault.holds(subject)
            offers = offers_about(reader, state, row.unit, f"{home}/people")
            subjects.append(Subject(subject, whose, texts, has_keys, state, offers))
        return await self._render(
            request,
            reader,
            "projections/people.html",
            row.unit,
            home=home,
            is_mediation=True,
            subjects=subjects,
            readings=readings,
            disclosures=(),
        )

    async def _overview(self, request: Request, reader: Reader) -> Response:
        model = self._sources.model
        units = [unit.unit for unit in reader.communities(frozenset(LOOKERS))]
        guarded = [unit.unit for unit in reader.communities(GUARDS)]
        disclosures, runs, subjects = await asyncio.gather(
            asyncio.to_thread(people.disclosures_of, model, units),
            asyncio.to_thread(people.runs_of, model, guarded),
            asyncio.to_thread(people.subjects_of_units, model, guarded),
        )
        newest = sorted(subjects.values(), key=lambda one: -(one.erased_at or 0))
        return await self._render(
            request,
            reader,
            "projections/personal-data.html",
            units[0] if units else "",
            disclosures=self._with_offers(reader, disclosures[:_ENTRIES_SHOWN], "/personal-data"),
            runs=[(run, _confirm(reader, run)) for run in runs[:_ENTRIES_SHOWN]],
            held=[one for one in newest if one.holds][:_ENTRIES_SHOWN],
            erased=[one for one in newest if one.erased_at is not None][:_ENTRIES_SHOWN],
            guards=bool(guarded),
        )

    async def _render(
        self, request: Request, reader: Reader, template: str, unit: str, **context: Any
    ) -> Response:
        staff = Staff(reader.register, self._sources.name_of, reader.knows_staff(unit))
        found = reader.register.unit(unit)
        return await self._pages.render(
            request,
            template,
            staff=staff,
            unit_name=found.name if found else unit,
            now=self._sources.clock(),
            erasure_reasons=dict(forms.ERASURE_REASONS),
            hold_reasons=dict(forms.HOLD_REASONS),
            purposes=dict(forms.DISCLOSURE_PURPOSES),
            reading_purposes=dict(forms.READING_PURPOSES),
            **context,
        )

    def _with_offers(
        self, reader: Reader, disclosures: Sequence[people.DisclosureState], back: str
    ) -> list[tuple[people.DisclosureState, tuple[Offer, ...]]]:
        now = self._sources.clock()
        return [(one, tuple(_decisions(reader, one, back, now))) for one in disclosures]


def subjects_in(view: CaseView) -> dict[str, tuple[str, int]]:
    """The data subjects in a case: subject → what of it is theirs (a message id), and how many texts."""
    found: dict[str, tuple[str, int]] = {}
    for event in view.events:
        for name, value in orjson.loads(event.data).items():
            if isinstance(value, dict) and isinstance(subject := value.get("subject"), str):
                whose, texts = found.get(subject, (_WHOSE.get(name, TEXTS), 0))
                found[subject] = (whose, texts + 1)
    return dict(sorted(found.items(), key=lambda one: one[1][0] != REPORTER))


_WHOSE = {
    "reporter_name": REPORTER,
    "telephone": REPORTER,
    "address": REPORTER,
    "representative_names": N_("Who speaks for the petitioners"),
    "person_concerned": N_("The person whom it concerns"),
}


_SIDES = dict(mediation_words.SIDES)
_TAKERS = {
    "mediation.representative_named.v1": N_("Who speaks for a party"),
    "mediation.interpreter_named.v1": N_("Interpreter"),
}
"""Event → whose name it brings, for those who are no party (message ids)."""


def takers_of(events: Sequence[CaseEventRow]) -> dict[str, tuple[str, int]]:
    """Whose names a mediation holds: subject → as what they first came (a message id), and how many texts are theirs."""
    found: dict[str, tuple[str, int]] = {}
    for row in events:
        data: dict[str, Any] = orjson.loads(row.data)
        named = {"name_a": "a", "name_b": "b", "name": data.get("side")}
        for field, side in named.items():
            whose = _TAKERS.get(row.type) or _SIDES.get(side or "")
            if whose is not None and isinstance(data.get(field), dict):
                found.setdefault(data[field]["subject"], (whose, 0))
        for value in data.values():
            subject = value.get("subject") if isinstance(value, dict) else None
            if subject in found:
                found[subject] = (found[subject][0], found[subject][1] + 1)
    return found


def _offers(
    reader: Reader, state: people.SubjectState, unit: str, back: str, case_id: str
) -> Iterator[Offer]:
    """What this reader may do about a subject."""
    if state.erased_at is not None:
        return
    path = f"/people/communities/{unit}/{state.subject}"
    for name in ("erase", "place_hold", "request_correction"):
        if not (name == "erase" and state.holds) and _may(reader, unit, name):
            yield _offer(name, path, {"back": back, "case": case_id}, state.subject)
    if _may(reader, unit, "lift_hold"):
        for hold in state.holds:
            yield _offer("lift_hold", path, {"back": back, "matter": hold.matter}, state.subject)


def offers_about(reader: Reader, state: people.SubjectState, unit: str, back: str) -> tuple[Offer, ...]:
    """What this reader may do about a person outside any case: erase, hold, or lift a hold."""
    found = _offers(reader, state, unit, back, "")
    return tuple(offer for offer in found if offer.name != "request_correction")


def _decisions(reader: Reader, disclosure: people.DisclosureState, back: str, now: int) -> Iterator[Offer]:
    """What this reader may do about a disclosure: the asker grants nothing."""
    over = disclosure.ended_at is not None or (disclosure.until is not None and disclosure.until <= now)
    path = f"/people/communities/{disclosure.unit}/{disclosure.disclosure}"
    if over or not _may(reader, disclosure.unit, "end_disclosure"):
        return
    if disclosure.until is None and disclosure.asked_by != reader.actor.id:
        yield _offer("grant_disclosure", path, {"back": back}, disclosure.disclosure)
    yield _offer("end_disclosure", path, {"back": back}, disclosure.disclosure)


def _confirm(reader: Reader, run: people.RunState) -> Offer | None:
    if run.confirmed_at is not None or run.proposed_by == reader.actor.id:
        return None
    if not _may(reader, run.unit, "confirm_retention"):
        return None
    path = f"/people/communities/{run.unit}/{run.run}"
    return _offer("confirm_retention", path, {"back": "/personal-data", "listed": run.listed}, run.run)


def _offer(name: str, path: str, kept: Mapping[str, str], about: str) -> Offer:
    definition = forms.PEOPLE_FORMS[name]
    if "matter" in kept:
        definition = definition._replace(fields=())
    known = {field.name: field.label for field in definition.fields}
    form = Form(known, prefix=f"{name}-{about}-{kept.get('matter', '')}")
    return Offer(name, definition, form, f"{path}/{name}", new_form_key(), kept)


def _may(reader: Reader, unit: str, command: str) -> bool:
    policy = reader.register.derived(_policy)[0]
    return policy is not None and reader.holds_any(policy.permissions.get(command, ()), unit)


def _policy(register: Register) -> tuple[PeoplePolicy | None]:
    entry = register.policy("people")
    return (PeoplePolicy.model_validate(entry.terms) if entry else None,)
