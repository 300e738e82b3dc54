"""Long-running commands: the whole system in one process, or one service of several."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import uvicorn
from fastapi import APIRouter

from barograph import staff
from barograph.audit_side import audit
from barograph.families import family_rules
from barograph.init import CLOCK
from barograph.people_side import Aftermath
from barograph.read_side import ReadVerdicts, ReadWatch
from barograph.station import Station, opened_station, wall_clock
from barograph.web_app import make_app, make_pages
from contracts.reference import Register
from runtime import embedded
from runtime.clock import Clock
from runtime.settings import Settings
from services.audit.pages import AuditPages
from services.audit.runner import AuditRunner, in_thread
from services.intake.api import intake_api
from services.intake.desk import Desk
from services.intake.pages import IntakePages
from services.people.desk import PeopleDesk
from services.people.pages import PeoplePages
from services.projections.pages import ProjectionPages, Sources
from services.projections.projector import Projector
from services.projections.store import ReadModel
from web.pages import Pages

Service = Literal["intake", "register", "grievance", "people", "projections", "audit", "clock"]
EVERY: tuple[Service, ...] = (
    "intake",
    "register",
    "grievance",
    "people",
    "projections",
    "audit",
    "clock",
)
WORKERS = ("register", "grievance", "people")


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
    stop = asyncio.Event()
    pages = make_pages(reading.station)
    parts = _parts(reading, services, pages, stop)
    settings = reading.station.settings
    app = make_app(reading.station, pages, parts.routers)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False
    )
    server = _Server(config, [stop.set, *parts.on_stop], greet)
    async with asyncio.TaskGroup() as group:
        for task in parts.tasks:
            group.create_task(task)
        await server.serve()
        stop.set()


def _parts(reading: Reading, services: tuple[Service, ...], pages: Pages, stop: asyncio.Event) -> _Parts:
    station, parts = reading.station, _Parts()
    name_of = partial(_name_of, station)
    # Whoever waits for verdicts needs the projector's news; several projectors do no harm (invariant 15).
    parts.tasks.append(reading.projector.run(stop))
    parts.tasks.append(station.eraser.run(stop))
    people = PeopleDesk(station.submitter, station.register)
    for family in WORKERS:
        if family in services:
            parts.tasks.append(_decide(station, family, stop))
    if "clock" in services:
        watch = ReadWatch(reading.model)
        clock = Clock(station.submitter, station.ledger, station.register, watch, CLOCK, wall_clock)
        parts.tasks.append(clock.run(stop))
    if "intake" in services:
        verdicts = ReadVerdicts(reading.model, reading.projector)
        desk = Desk(station.submitter, station.register, verdicts, wall_clock)
        parts.routers += [IntakePages(pages, desk, station.log, name_of).router(), intake_api(desk, pages)]
    if "people" in services:
        verdicts = ReadVerdicts(reading.model, reading.projector)
        aftermath = Aftermath(station, reading.model, people)
        parts.routers.append(PeoplePages(pages, people, verdicts, wall_clock, aftermath).router())
    if "projections" in services:
        sources = Sources(
            reading.model, reading.projector, station.register, station.vault, name_of, wall_clock, people
        )
        read = ProjectionPages(pages, sources)
        parts.routers.append(read.router())
        parts.on_stop.append(read.close)
    if "audit" in services:
        runner = AuditRunner(in_thread(partial(audit, station.settings)), station.home.derived / "audit.json")
        audits = AuditPages(pages, runner, station.log)
        parts.routers.append(audits.router())
        parts.on_stop.append(audits.close)
    return parts


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


def _name_of(station: Station, register: Register, actor: str) -> str:
    return staff.display_name(station, register, actor)


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
        for end in self._on_stop:
            end()
        super().handle_exit(sig, frame)
