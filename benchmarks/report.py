"""What a run found: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.measure import Benchmark, Result


class Outcome(NamedTuple):
    """What came of one benchmark: its result, or why there is none."""

    benchmark: Benchmark
    result: Result | None
    why_not: str = ""


def write_json(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write what was measured: name → value, unit, yardstick, ratio, goal, and a note where there is one."""
    found = {known.name: result.as_json(known.goal) for known, result, _ in outcomes if result is not None}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table, and below it what each figure means."""
    table = Table("benchmark", "value", "yardstick", "unit", "ratio", "goal", box=None, pad_edge=False)
    for benchmark, result, _ in outcomes:
        goal = "-" if benchmark.goal is None else f"{benchmark.goal:g}"
        if result is None:
            table.add_row(benchmark.name, "[bold red]NOT MEASURED[/]", "", "", "", goal)
        else:
            figures = (_figure(result.value), _figure(result.yardstick), result.unit)
            table.add_row(benchmark.name, *figures, _ratio(result, benchmark.goal), goal)
    console.print(table)
    for benchmark, result, why_not in outcomes:
        if result is None:
            told = f"[bold red]{benchmark.name}: NOT MEASURED: {escape(why_not)}[/]"
        else:
            told = f"{benchmark.name}: {escape(result.note)}"
        console.print(told, highlight=False, soft_wrap=True)


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000 else f"{number:,.1f}"


def _ratio(result: Result, goal: float | None) -> str:
    ratio = f"{result.ratio:.2f}"
    if goal is None:
        return ratio
    return f"[green]{ratio}[/]" if result.ratio >= goal else f"[yellow]{ratio} (short)[/]"
