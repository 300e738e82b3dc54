"""`python -m benchmarks [--scale X] [--rounds N] [NAME…]` measures those named, or all.

Writes benchmarks/latest.json. Exit codes: 0 all were measured, 1 some were not, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import servers
from benchmarks.measure import ROUNDS, Bench, Benchmark
from benchmarks.registry import BENCHMARKS
from benchmarks.report import Outcome, show, write_json
from tests.support.servers import Servers, UnavailableError

LATEST = Path(__file__).parent / "latest.json"


def main(arguments: Sequence[str] | None = None, latest: Path = LATEST) -> int:
    """Measure, print and write; return the exit code."""
    chosen = _read(arguments)
    wanted = [known for known in BENCHMARKS if not chosen.names or known.name in chosen.names]
    progress = Console(stderr=True)
    with servers.opened_servers() as running:
        outcomes = [_measure(known, running, chosen, progress) for known in wanted]
    write_json(outcomes, latest)
    show(outcomes, Console())
    return int(any(outcome.result is None for outcome in outcomes))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [known.name for known in BENCHMARKS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against yardsticks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(names)}; all if none")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the workloads; 1 is the usual one")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each side is measured")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in names]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    if chosen.scale <= 0 or chosen.rounds < 1:
        parser.error("--scale must be above 0, --rounds at least 1")
    return chosen


def _measure(
    benchmark: Benchmark, running: Servers, chosen: argparse.Namespace, progress: Console
) -> Outcome:
    progress.print(f"measuring {benchmark.name} …", highlight=False)
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as folder, ExitStack() as stack:
        kafka, postgresql = partial(servers.kafka, running), partial(servers.postgresql, running, stack)
        bench = Bench(Path(folder), kafka, postgresql, chosen.scale, chosen.rounds)
        try:
            return Outcome(benchmark, benchmark.measure(bench))
        except UnavailableError as error:
            return Outcome(benchmark, None, " ".join(str(error).split()))
        except Exception as error:  # noqa: BLE001 - one that fails must not take the others' figures with it
            traceback.print_exc()
            return Outcome(benchmark, None, f"it failed ({type(error).__name__}), see above")


if __name__ == "__main__":
    sys.exit(main())
