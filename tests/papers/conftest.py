"""One running installation for the tests of a module."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.papers.desk import Running
from tests.projections.pages_house import make_home

STARTS_WITHIN = 60


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`barograph up` over a home with a register and staff."""
    folder = tmp_path_factory.mktemp("papers")
    home, output = make_home(folder), folder / "output.txt"
    command = [sys.executable, "-m", "barograph", "--home", str(home), "up", "--port", "0"]
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, cwd=Path(__file__).parents[2])
        try:
            running = Running(_address(output, process), home, output, process)
            yield running
            for client in running.clients:
                client.close()
        finally:
            process.terminate()
            process.wait(30)


def _address(output: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://[\d.]+:\d+", output.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(output.read_text())
