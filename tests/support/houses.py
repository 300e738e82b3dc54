"""A small ledger with its pages, as a fixture: see tests/projections/pages_house.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.projections.pages_house import House, make_home, opened_house


@pytest.fixture(scope="session")
def staffed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a register and staff, and no case: made once, and copied by each test."""
    return make_home(tmp_path_factory.mktemp("staffed"))


@pytest.fixture
async def house(staffed_home: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A copy of that home, with its pages."""
    async with opened_house(staffed_home, tmp_path) as opened:
        yield opened
