"""The test application, and somebody who visits it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.app import Parts, make
from tests.web.visitor import Visitor, visiting


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """The pieces of the test application."""
    return make(tmp_path)


@pytest.fixture
async def visitor(parts: Parts) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in yet."""
    async with visiting(parts.app) as somebody:
        yield somebody
