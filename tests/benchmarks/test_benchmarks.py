"""What `make bench` runs, prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.__main__ import main
from benchmarks.measure import Benchmark, Result
from benchmarks.registry import BENCHMARKS
from benchmarks.report import Outcome, show, write_json

TINY = ["--scale", "0.01", "--rounds", "1"]


def _never(_bench: object) -> Result:
    raise AssertionError


def test_a_named_benchmark_is_measured_printed_and_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`intake_sqlite` alone, on a few posts: its figures are in the table and in the JSON."""
    latest = tmp_path / "latest.json"
    assert main([*TINY, "intake_sqlite"], latest) == 0
    written = json.loads(latest.read_text())
    assert list(written) == ["intake_sqlite"]
    entry = written["intake_sqlite"]
    assert list(entry) == ["value", "unit", "yardstick", "ratio", "goal", "note"]
    assert (entry["unit"], entry["goal"]) == ("submissions/s", 0.4)
    assert entry["ratio"] == pytest.approx(entry["value"] / entry["yardstick"], abs=0.001)
    assert "intake_sqlite" in capfd.readouterr().out


def test_the_registry_has_the_named_benchmarks() -> None:
    """Each has a name of its own, and goals are those of the plan."""
    goals = {known.name: known.goal for known in BENCHMARKS}
    assert len(goals) == len(BENCHMARKS)
    assert (
        goals.items()
        >= {
            "intake_sqlite": 0.4,
            "intake_kafka": 0.5,
            "audit_full": 2.0,
            "rebuild_postgresql": 0.3,
            "import_bulk": 0.15,
            "worklist_scale": 0.67,
            "freshness": None,
        }.items()
    )


def test_an_unknown_name_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """The names that there are are told, and nothing is measured."""
    with pytest.raises(SystemExit) as stopped:
        main(["intake_mysql"])
    assert stopped.value.code == 2
    assert "intake_sqlite" in capsys.readouterr().err


def test_without_a_broker_the_table_says_so_loudly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be measured is named with its reason, is not in the JSON, and fails the run."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    latest = tmp_path / "latest.json"
    assert main([*TINY, "audit_full"], latest) == 1
    assert json.loads(latest.read_text()) == {}
    assert "audit_full: NOT MEASURED: KAFKA_BOOTSTRAP is 127.0.0.1:1" in capsys.readouterr().out


def test_a_ratio_below_its_goal_is_marked(tmp_path: Path) -> None:
    """Short of the goal, at it, and without one."""
    results = [(2.0, Result(1, "rows/s", 1)), (0.5, Result(1, "rows/s", 2)), (None, Result(9, "ms", 2))]
    outcomes = [Outcome(Benchmark(f"b{goal}", goal, _never), result) for goal, result in results]
    console = Console(width=120, record=True, file=(tmp_path / "table").open("w"))
    show(outcomes, console)
    lines = console.export_text().splitlines()
    assert [("short" in line) for line in lines[1:4]] == [True, False, False]
    write_json(outcomes, tmp_path / "latest.json")
    assert json.loads((tmp_path / "latest.json").read_text())["bNone"] == {
        "value": 9,
        "unit": "ms",
        "yardstick": 2,
        "ratio": 4.5,
        "goal": None,
    }
