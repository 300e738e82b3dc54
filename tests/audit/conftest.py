"""Bundles that many tests look at, made once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.audit.bundle import BundleScope
from tests.audit.bundles import Files, exported, files_of


@pytest.fixture(scope="session")
def whole_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of all of the rich ledger."""
    return asyncio.run(exported(tmp_path_factory.mktemp("whole")))


@pytest.fixture(scope="session")
def part_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of its community `demo`."""
    return asyncio.run(exported(tmp_path_factory.mktemp("part"), BundleScope(units=("demo",))))


@pytest.fixture(scope="session")
def whole(whole_bundle: Path) -> Files:
    """The files of the whole bundle; a test does not change them."""
    return files_of(whole_bundle)


@pytest.fixture(scope="session")
def part(part_bundle: Path) -> Files:
    """The files of the partial bundle; a test does not change them."""
    return files_of(part_bundle)
