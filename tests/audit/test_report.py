"""The report of an audit, as JSON and at a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from services.audit.report import AuditReport
from tests.audit.house import EVENTS, PLACE, File, audit_file, make_file


@pytest.fixture
async def file(tmp_path: Path) -> File:
    """A small ledger's file."""
    return await make_file(tmp_path / "log.sqlite")


def printed(report: AuditReport) -> str:
    """What a terminal shows."""
    console = Console(file=io.StringIO(), width=200)
    report.show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_the_json_object_has_what_is_promised(file: File) -> None:
    """The object names the result, the records, each check, and how long it took."""
    told = json.loads(json.dumps((await audit_file(file)).as_json()))
    assert {"ok", "records", "checks", "seconds", "records_per_second", "as_of"} <= told.keys()
    assert all({"ok", "checked", "first_difference"} <= check.keys() for check in told["checks"].values())


async def test_a_difference_in_json_has_its_place(file: File) -> None:
    """A first difference is an object with topic, partition, offset, and both values."""
    file.change(EVENTS, 2, lambda value: value.replace(b'"basis":', b'"basis":1'))
    found = (await audit_file(file)).as_json()["checks"]["determinism"]["first_difference"]
    assert (found["topic"], found["partition"], found["offset"], found["what"]) == (
        EVENTS,
        PLACE,
        2,
        "data.basis",
    )
    assert found["found"] == int(f"1{found['expected']}")


async def test_a_clean_audit_is_printed_so(file: File) -> None:
    """The terminal says that no difference was found."""
    assert "no difference found" in printed(await audit_file(file))


async def test_a_difference_is_printed_with_its_place(file: File) -> None:
    """The terminal names the first difference as topic/partition/offset."""
    file.change(EVENTS, 2, lambda value: value.replace(b'"basis":', b'"basis":1'))
    text = printed(await audit_file(file))
    assert "differences found" in text
    assert f"{EVENTS}/{PLACE}/2" in text
