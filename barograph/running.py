"""Long-running commands: the whole system in one process, or one service of several."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import uvicorn
from fastapi import APIRouter

from barograph import staff
from barograph.accusation_side import ReadAccusations
from barograph.aid_side import aid_routers
from barograph.audit_side import audit
from barograph.families import family_rules
from barograph.funding import Funding
from barograph.growing import Growing
from barograph.handover_side import HandledCases
from barograph.helping_side import helping_routers
from barograph.init import CLOCK
from barograph.mediation_side import mediation_routers
from barograph.notary_side import TreeProofs, notarise, notary_router, trees_of
from barograph.people_side import Aftermath
from barograph.places_side import ReadPlaces
from barograph.reactions import Reaction, keep_reacting
from barograph.read_side import ReadTexts, ReadTracking, ReadVerdicts, ReadWatch
from barograph.relating import Relating
from barograph.shredding import shred
from barograph.station import Station, opened_station, wall_clock
from barograph.transfers import Transfers
from barograph.web_app import make_app, make_pages
from contracts.reference import Register
from ledger.blobs import BlobFolder
from runtime import embedded
from runtime.clock import Clock
from runtime.settings import Settings
from services.accusation.desk import AccusationDesk
from services.accusation.handing import HandingPages
from services.accusation.pages import EntryPages
from services.accusation.queue import QueuePages
from services.audit.pages import AuditPages
from services.audit.runner import AuditRunner, in_thread
from services.intake.api import intake_api
from services.intake.attachments import AttachmentPages, Attachments
from services.intake.desk import Desk
from services.intake.pages import IntakePages
from services.intake.promises import Issuer, ReceiptPages
from services.intake.public import PublicForm
from services.intake.redaction import RedactionPages
from services.intake.tracking import TrackPages
from services.people.desk import PeopleDesk
from services.people.household_lists import HouseholdLists
from services.people.list_pages import ListPages
from services.people.pages import PeoplePages
from services.people.place_desk import PlaceDesk
from services.people.place_pages import PlacePages
from services.projections.attachments import attachment_router
from services.projections.pages import ProjectionPages
from services.projections.projector import Projector
from services.projections.public_pages import PublicPages
from services.projections.similar import SimilarCases
from services.projections.similar_index import SimilarIndex
from services.projections.sources import Sources
from services.projections.store import ReadModel
from services.register.handovers import HandoverPages
from services.register.office import Office
from services.register.pages import RegisterPages
from web.notices import Decisions
from web.pages import Pages

Service = Literal[
    "intake",
    "register",
    "grievance",
    "people",
    "accusation",
    "mediation",
    "aid",
    "projections",
    "audit",
    "clock",
    "notary",
]
EVERY: tuple[Service, ...] = get_args(Service)
WORKERS = ("register", "grievance", "people", "accusation", "mediation", "aid")
_DECIDED_BY = {"aid": ("aid", "fund")}
"""Service → the families that it decides, where they are not the one of its name."""
SUBMITTING = frozenset({"intake", "people", "accusation", "mediation", "aid", "projections", "clock"})


@dataclass(frozen=True, slots=True)
class Reading:
    """An open station together with its read model."""

    station: Station
    model: ReadModel
    projector: Projector


@dataclass(slots=True)
class _Parts:
    """What the chosen services bring: pages, tasks, and what to do when the process is told to stop."""

    routers: list[APIRouter] = field(default_factory=list)
    tasks: list[Coroutine[Any, Any, None]] = field(default_factory=list)
    on_stop: list[Callable[[], None]] = field(default_factory=list)


@asynccontextmanager
async def opened_reading(settings: Settings) -> AsyncIterator[Reading]:
    """The station and its read model, open. Raises as opened_station, and ReadModelError."""
    async with opened_station(settings) as station:
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, station.ledger)
        try:
            yield Reading(station, model, Projector(station.log, station.ledger, model))
        finally:
            model.close()


async def run_services(reading: Reading, services: tuple[Service, ...], greet: Callable[[str], None]) -> None:
    """Run these services until the process is told to stop; `greet` is given the address once it answers."""
    if not SUBMITTING.isdisjoint(services):
        reading.station.check_signer()
    stop = asyncio.Event()
    pages = make_pages(reading.station)
    parts = _parts(reading, services, pages, stop)
    settings = reading.station.settings
    app = make_app(reading.station, pages, parts.routers)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False
    )
    server = _Server(config, [stop.set, *parts.on_stop], greet)
    failures: list[Exception] = []

    async def until_it_fails(task: Coroutine[Any, Any, None]) -> None:
        try:
            await task
        except Exception as error:  # noqa: BLE001 - it is raised once the server has ended in good order
            failures.append(error)
            server.end()

    async with asyncio.TaskGroup() as group:
        for task in parts.tasks:
            group.create_task(until_it_fails(task))
        await server.serve()
        stop.set()
    if failures:
        # One reason is reported as itself: the command line has a sentence and an exit code for it.
        raise failures[0] if len(failures) == 1 else ExceptionGroup("several services failed", failures)


def _places(reading: Reading, people: PeopleDesk, verdicts: Decisions, pages: Pages) -> list[APIRouter]:
    station = reading.station
    desk = PlaceDesk(station.submitter, station.register, ReadPlaces(reading.model, station.vault))
    lists = ListPages(pages, HouseholdLists(desk, people, wall_clock), desk, verdicts, wall_clock)
    forms = PlacePages(pages, desk, verdicts, wall_clock, partial(staff.display_name, station))
    return [lists.router(), forms.router()]


def _parts(reading: Reading, services: tuple[Service, ...], pages: Pages, stop: asyncio.Event) -> _Parts:
    station, parts = reading.station, _Parts()
    people = PeopleDesk(station.submitter, station.register)
    verdicts = ReadVerdicts(reading.model, reading.projector)
    sources = _sources(reading, people)
    read = ProjectionPages(pages, sources)
    # Whoever waits for verdicts needs the projector's news; several projectors do no harm (invariant 15).
    parts.tasks.append(reading.projector.run(stop))
    parts.tasks.append(station.eraser.run(stop))
    for service in WORKERS:
        if service in services:
            parts.tasks += [_decide(station, family, stop) for family in _DECIDED_BY.get(service, (service,))]
    if "clock" in services:
        watch = ReadWatch(reading.model)
        clock = Clock(station.submitter, station.ledger, station.register, watch, CLOCK, wall_clock)
        parts.tasks.append(clock.run(stop))
        parts.tasks += [keep_reacting(one, reading.projector, stop) for one in _reactions(reading)]
    if "intake" in services:
        desk = Desk(station.submitter, station.register, verdicts, wall_clock)
        files = Attachments(desk, BlobFolder(station.home.blobs))
        texts = ReadTexts(reading.model, station.vault, people)
        proofs = TreeProofs(trees_of(station.home))
        issuer = Issuer(station.log, station.keys, station.submitter, proofs)
        name_of = partial(staff.display_name, station)
        tracking = TrackPages(
            pages, desk, issuer, ReadTracking(reading.model, station.vault, people), name_of=name_of
        )
        work = HandledCases(station.submitter, station.register, reading.model)
        office = Office(station.submitter, station.register, verdicts, wall_clock)
        parts.routers += [
            AttachmentPages(pages, desk, files).router(),
            RedactionPages(pages, desk, texts).router(),
            IntakePages(pages, desk, read.show_unsent, files).router(),
            intake_api(desk, pages),
            ReceiptPages(pages, desk, issuer).router(),
            tracking.router(),
            PublicForm(pages, desk, issuer).router(),
            RegisterPages(pages, office, name_of).router(),
            HandoverPages(pages, office, work, name_of).router(),
        ]
        parts.tasks.append(shred(reading.model, reading.projector, station.vault, stop))
    if "people" in services:
        aftermath = Aftermath(station, reading.model, people)
        parts.routers.append(PeoplePages(pages, people, verdicts, wall_clock, aftermath).router())
        parts.routers += _places(reading, people, verdicts, pages)
    if "accusation" in services:
        parts.routers += [one.router() for one in _accusations(reading, pages)]
    casework = (("mediation", mediation_routers), ("aid", aid_routers), ("aid", helping_routers))
    for service, routers in casework:
        if service in services:
            parts.routers += routers(station, reading.model, verdicts, people, pages)
    if "projections" in services:
        _project(station, parts, (pages, sources, read), stop)
    if "notary" in services:
        parts.routers.append(notary_router(station))
        parts.tasks.append(notarise(station, stop, alone=services == ("notary",)))
    if "audit" in services:
        runner = AuditRunner(in_thread(partial(audit, station.settings)), station.home.derived / "audit.json")
        audits = AuditPages(pages, runner, station.log, _accusations(reading, pages)[-1].may_see)
        parts.routers.append(audits.router())
        parts.on_stop.append(audits.close)
    return parts


def _project(
    station: Station, parts: _Parts, shown: tuple[Pages, Sources, ProjectionPages], stop: asyncio.Event
) -> None:
    """The pages of the read side, and the index of similar cases."""
    pages, sources, read = shown
    if (similar := sources.similar) is not None:
        parts.tasks.append(similar.run(stop))
    blobs = BlobFolder(station.home.blobs)
    public = PublicPages(pages, sources)
    parts.routers += [read.router(), attachment_router(pages, sources, blobs), public.router()]
    parts.on_stop.append(read.close)


def _reactions(reading: Reading) -> list[Reaction]:
    """What follows upon the decisions of one stream in another (invariant 8)."""
    station = reading.station
    said = (station.submitter, station.register, reading.model)
    return [
        Transfers(*said, CLOCK),
        Growing(*said, station.vault, CLOCK),
        Funding(*said, CLOCK),
        Relating(*said, CLOCK),
    ]


def _accusations(reading: Reading, pages: Pages) -> tuple[EntryPages, HandingPages, QueuePages]:
    """The doors by which accusations come in, and the queue of those to whom they are entrusted."""
    station = reading.station
    name_of = partial(staff.display_name, station)
    desk = AccusationDesk(station.submitter, station.register, name_of, wall_clock)
    source = ReadAccusations(reading.model, station.vault)
    verdicts = ReadVerdicts(reading.model, reading.projector)
    queue = QueuePages(pages, desk, source, verdicts, name_of)
    return EntryPages(pages, desk, source), HandingPages(pages, desk, source), queue


async def _decide(station: Station, family: str, stop: asyncio.Event) -> None:
    rules = family_rules()[family]
    address = station.settings.log_address
    if address.startswith("kafka://") and family != "register":
        from runtime.faust_host import run_faust

        servers, _, prefix = address.removeprefix("kafka://").partition("/")
        workdir = station.home.derived / f"faust-{family}"
        await run_faust(servers, prefix, station.ledger, station.log, rules, workdir, stop)
        return
    workers = embedded.make_workers(
        station.log, station.ledger, rules, wall_clock, index_folder=station.home.derived
    )
    await embedded.run(station.log, workers, stop)


def _sources(reading: Reading, people: PeopleDesk) -> Sources:
    """What the pages of the read side read from; intake shows one of them, too."""

    def name_of(register: Register, actor: str) -> str:
        return staff.display_name(reading.station, register, actor)

    station = reading.station
    index = SimilarIndex(station.home.derived / "similar.sqlite", station.ledger.hash)
    similar = SimilarCases(reading.model, station.vault, index)
    return Sources(
        reading.model,
        reading.projector,
        station.register,
        station.vault,
        name_of,
        wall_clock,
        people,
        similar,
    )


class _Server(uvicorn.Server):
    """Says where it answers, and ends open streams before it waits for connections to close."""

    def __init__(
        self, config: uvicorn.Config, on_stop: list[Callable[[], None]], greet: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._on_stop = on_stop
        self._greet = greet

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._greet(f"http://{host}:{port}")

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._end_streams()
        super().handle_exit(sig, frame)

    def end(self) -> None:
        """End as if the process had been told to stop."""
        self._end_streams()
        self.should_exit = True

    def _end_streams(self) -> None:
        for end in self._on_stop:
            end()
