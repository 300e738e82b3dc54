"""The register for pages that must be shown while the log is away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ledger.log import LogUnavailableError
from runtime.last_seen import last_seen
from tests.projections.pages_house import UNIT, House


async def away(*_told: Any) -> None:
    """What a log does that cannot be reached."""
    raise LogUnavailableError("the log is away")


async def silent(*_told: Any) -> None:
    """What a log does that never answers."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("read", [away, silent])
async def test_a_page_has_the_register_as_last_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, read: Any
) -> None:
    """While the log is away or silent, the register is what was folded before, and can be caught up later."""
    with monkeypatch.context() as patch:
        patch.setattr(house.station.log, "read", read)
        seen = await last_seen(house.station.register, patience=0)
    assert seen.unit(UNIT) is not None
    assert (await last_seen(house.station.register)).basis == seen.basis
