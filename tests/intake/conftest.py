"""A house whose log can be taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.log import LogUnavailableError
from tests.projections.pages_house import House

TakeLog = Callable[[], None]


@pytest.fixture
def take_log(house: House, monkeypatch: pytest.MonkeyPatch) -> TakeLog:
    """Takes the house's log away: from then on nothing can be read from it or appended to it."""

    async def away(*_told: object) -> None:
        raise LogUnavailableError("the log is away")

    def take() -> None:
        for name in ("append", "read", "end_offset", "end_offsets"):
            monkeypatch.setattr(house.station.log, name, away)

    return take
