"""The intake service in a process of its own, and in the same application a POST that stores nothing.

`python -m benchmarks.intake_server HOME LOG` prints its address once it answers.
"""

# ruff: noqa: ARG001 - the yardstick asks for what intake asks for, and uses none of it

import asyncio
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from barograph import logs, staff
from barograph.read_side import ReadVerdicts
from barograph.running import Reading, opened_reading
from barograph.station import wall_clock
from barograph.web_app import make_app, make_pages
from runtime.settings import Settings
from services.intake.api import Key, Prefer, ReceiptOut, Unit, intake_api
from services.intake.desk import Desk
from services.intake.pages import IntakePages
from web.actor import Actor
from web.pages import Pages

STORING = "/api/v1/communities/demo/grievances"
IDLE = f"/yardstick{STORING}"

_RECEIPT = ReceiptOut(
    submission_id="00000000-0000-8000-8000-000000000000",
    case_id=f"grv_{'0' * 32}",
    tracking_number="0000-0000-0000-0000-0000",
    topic="grievance.submissions",
    partition=0,
    offset=0,
    recorded_at="2026-01-01T00:00:00.000Z",
    sha256="0" * 64,
)


def idle_api(pages: Pages) -> APIRouter:
    """The yardstick: what `POST …/grievances` declares and depends on, with a handler that returns at once."""
    router = APIRouter(prefix="/yardstick/api/v1", dependencies=[Depends(pages.check_csrf)])
    signed_in = pages.require()

    @router.post("/communities/{unit}/grievances", status_code=202, response_model=ReceiptOut)
    async def lodge(
        request: Request,
        unit: Unit,
        key: Key,
        body: Annotated[dict[str, Any], Body()],
        actor: Annotated[Actor, Depends(signed_in)],
        prefer: Prefer = None,
    ) -> JSONResponse:
        """Answer as if it were stored."""
        return JSONResponse(_RECEIPT.model_dump(exclude_none=True), 202)

    return router


async def serve(settings: Settings) -> None:
    """Answer as `barograph serve intake` does, and at IDLE, until told to stop."""
    async with opened_reading(settings) as reading:
        stop = asyncio.Event()
        following = asyncio.create_task(reading.projector.run(stop))
        with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # else asyncio sets no TCP_NODELAY
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            config = uvicorn.Config(_app(reading), log_level="warning", access_log=False)
            print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
            await uvicorn.Server(config).serve(sockets=[listening])
        stop.set()
        await following


def _app(reading: Reading) -> Any:
    station = reading.station
    pages = make_pages(station)
    verdicts = ReadVerdicts(reading.model, reading.projector)
    desk = Desk(station.submitter, station.register, verdicts, wall_clock)
    name_of = partial(staff.display_name, station)
    intake_pages = IntakePages(pages, desk, station.log, name_of)
    return make_app(station, pages, [intake_pages.router(), intake_api(desk, pages), idle_api(pages)])


if __name__ == "__main__":
    logs.configure()
    asyncio.run(serve(Settings(home=Path(sys.argv[1]), log=sys.argv[2])))
