"""The intake service in a process of its own, and in the same application a POST that stores nothing.

`python -m benchmarks.intake_server HOME LOG` prints its address once it answers; BAROGRAPH_PORT is its port.
"""

# ruff: noqa: ARG001 - the yardstick asks for what intake asks for, and uses none of it

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

from fastapi import APIRouter, Body, Depends, FastAPI
from fastapi.responses import JSONResponse
from starlette.requests import Request

from barograph import logs, running
from barograph.station import Station
from barograph.web_app import make_app
from runtime.settings import Settings
from services.intake.api import Key, Prefer, Unit
from web.actor import Actor
from web.pages import Pages

STORING = "/api/v1/communities/demo/grievances"
IDLE = f"/yardstick{STORING}"

_ANSWER = {
    "submission_id": "00000000-0000-8000-8000-000000000000",
    "case_id": f"grv_{'0' * 32}",
    "tracking_number": "0000-0000-0000-0000-0000",
    "topic": "grievance.submissions",
    "partition": 0,
    "offset": 0,
    "recorded_at": "2026-01-01T00:00:00.000Z",
    "sha256": "0" * 64,
}
"""As large as a receipt."""


def idle_api(pages: Pages) -> APIRouter:
    """The yardstick: what `POST …/grievances` declares and depends on, with a handler that returns at once."""
    router = APIRouter(prefix="/yardstick/api/v1", dependencies=[Depends(pages.check_csrf)])
    signed_in = pages.require()

    @router.post("/communities/{unit}/grievances", status_code=202)
    async def lodge(
        request: Request,
        unit: Unit,
        key: Key,
        body: Annotated[dict[str, Any], Body()],
        actor: Annotated[Actor, Depends(signed_in)],
        prefer: Prefer = None,
    ) -> JSONResponse:
        """Answer as if it were stored."""
        return JSONResponse(_ANSWER, 202)

    return router


async def serve(settings: Settings) -> None:
    """Answer as `barograph serve intake` does, and at IDLE, until told to stop."""

    def with_yardstick(station: Station, pages: Pages, routers: Sequence[APIRouter]) -> FastAPI:
        return make_app(station, pages, [*routers, idle_api(pages)])

    with patch.object(running, "make_app", with_yardstick):
        async with running.opened_reading(settings) as reading:
            await running.run_services(reading, ("intake",), partial(print, flush=True))


if __name__ == "__main__":
    logs.configure()
    asyncio.run(serve(Settings(home=Path(sys.argv[1]), log=sys.argv[2])))
