"""Read models on both databases, and ledgers on a log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from runtime.genesis import Ledger
from services.projections.store import ReadModel

OpenModel = Callable[..., ReadModel]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/read-model.sqlite"
    return cast("str", request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_model(address: str) -> Iterator[OpenModel]:
    """Opens read models in the test's database, and closes them at its end."""
    with contextlib.ExitStack() as stack:

        def open_one(ledger: Ledger, *, outdated: bool = False) -> ReadModel:
            model = ReadModel.open(address, ledger, outdated=outdated)
            stack.callback(model.close)
            return model

        yield open_one
