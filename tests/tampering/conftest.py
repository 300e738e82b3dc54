"""One installation for every forger of this process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tampering.house import Installation, build


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that nobody has touched: copy it before you do."""
    return asyncio.run(build(tmp_path_factory.mktemp("original") / "home"))


@pytest.fixture
def forged(original: Installation, tmp_path: Path) -> Installation:
    """A copy to forge."""
    return original.copy(tmp_path / "home")
