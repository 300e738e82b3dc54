"""The intake service in a process of its own, and in the same application a POST that stores nothing.

`python -m benchmarks.intake_server HOME LOG` prints its address once it answers; BAROGRAPH_PORT is its port.
With the word `plain` behind, nothing is encrypted and no subject gets keys: what sealing costs is the difference.
"""

# ruff: noqa: ARG001 - the yardstick asks for what intake asks for, and uses none of it

import asyncio
import base64
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import APIRouter, Body, Depends, FastAPI
from fastapi.responses import JSONResponse
from starlette.requests import Request

from barograph import logs, running
from barograph.station import Station
from barograph.web_app import make_app
from contracts.personal import Sealed
from ledger.subject_keys import SubjectKeys
from ledger.vault import Vault
from runtime.settings import Settings
from services.intake.api import Key, Prefer, Unit
from web.actor import Actor
from web.pages import Pages

STORING = "/api/v1/communities/demo/grievances"
IDLE = f"/yardstick{STORING}"
PLAIN = "plain"

_ANSWER = {
    "submission_id": "00000000-0000-8000-8000-000000000000",
    "case_id": f"grv_{'0' * 32}",
    "tracking": "0" * 64,
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


@contextmanager
def in_plain() -> Iterator[None]:
    """Texts as they are, in base64, under one subject without keys on disk."""
    keys = SubjectKeys("sub_plain0000", AESGCM(bytes(32)), bytes(32), {"": bytes(32)})

    async def subject(_vault: Vault, _handle: str, _unit: str = "") -> SubjectKeys:
        return keys

    def seal(_keys: SubjectKeys, plain: str, _field: str, text: str | None = None) -> Sealed:
        return Sealed(subject="sub_plain0000", text=text, sealed=base64.b64encode(plain.encode()).decode())

    with (
        patch.object(Vault, "subject", subject),
        patch.object(SubjectKeys, "seal", seal),
        patch.object(SubjectKeys, "seal_apart", seal),
    ):
        yield


if __name__ == "__main__":
    logs.configure()
    with in_plain() if sys.argv[3:] == [PLAIN] else nullcontext():
        asyncio.run(serve(Settings(home=Path(sys.argv[1]), log=sys.argv[2])))
