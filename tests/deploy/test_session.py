"""The machinery of the shared servers: started once, stopped in every case, missed loudly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import command_line

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60
OWN_VARIABLES = ("PYTEST_", "KAFKA_", "DATABASE_")
PLUGINS = 'pytest_plugins = ["tests.support.servers", "tests.support.broker", "tests.support.postgres"]'
SLEEPER = """
import subprocess, sys, time
from pathlib import Path
import pytest

def start(folder, announce):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    announce(["kill", "-9", str(process.pid)])
    with Path("started").open("a") as file:
        file.write(f"{process.pid}\\n")
    return "here"

@pytest.mark.parametrize("turn", range(8))
def test_it(servers, turn):
    assert servers.once("sleeper", start) == "here"
"""
STAYING = """
    Path("ready").touch()
    time.sleep(600)
"""


def session(folder: Path, test: str, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start a pytest session of its own on one test file in `folder`."""
    (folder / "conftest.py").write_text(PLUGINS)
    (folder / "test_it.py").write_text(test)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    plugins = ["-p", "no:cacheprovider", "-p", "xdist"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *plugins, "--rootdir=.", *options, "test_it.py"],
        cwd=folder,
        env={
            **inherited,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "CI": "",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return when the condition holds; fail after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {DEADLINE_SECONDS} s"
        time.sleep(0.05)


def started_pids(folder: Path) -> list[int]:
    """The pids of the servers that the session has started."""
    return [int(line) for line in (folder / "started").read_text().split()]


def test_workers_share_one_server_that_ends_with_them(tmp_path: Path) -> None:
    """Two workers get one server, and it is gone when the session is."""
    running = session(tmp_path, SLEEPER, "-n2")
    output, _ = running.communicate(timeout=DEADLINE_SECONDS)
    assert running.returncode == 0, output
    (pid,) = started_pids(tmp_path)
    assert command_line(pid) == ""


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGINT, []),
        (signal.SIGTERM, []),
        (signal.SIGKILL, []),
        (signal.SIGINT, ["-n2"]),
        (signal.SIGKILL, ["-n2"]),
    ],
)
def test_servers_end_with_a_broken_off_session(
    tmp_path: Path, number: signal.Signals, options: list[str]
) -> None:
    """Ctrl-C, a time limit's SIGTERM or a kill in mid-test leaves no server behind."""
    running = session(tmp_path, SLEEPER + STAYING, *options)
    try:
        wait_until((tmp_path / "ready").exists, "the first test")
        (pid,) = started_pids(tmp_path)
        assert command_line(pid) != ""
        running.send_signal(number)
        wait_until(lambda: command_line(pid) == "", "the end of the server")
        running.communicate(timeout=DEADLINE_SECONDS)
    finally:
        running.kill()
        running.communicate(timeout=DEADLINE_SECONDS)


@pytest.mark.parametrize("fixture", ["kafka_bootstrap", "private_broker", "postgres_url"])
@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_server_is_told_loudly(tmp_path: Path, fixture: str, ci: str, code: int) -> None:
    """Without any way to get a server the test is skipped with a section of its own; in CI it fails."""
    test = f"def test_it({fixture}):\n    {'private_broker()' if 'private' in fixture else 'pass'}\n"
    variables = {"PATH": "", "JAVA_HOME": "", "DOCKER_HOST": "unix:///none", "CI": ci}
    if fixture == "postgres_url":
        variables["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    running = session(tmp_path, test, **variables)
    output, _ = running.communicate(timeout=DEADLINE_SECONDS)
    assert running.returncode == code, output
    assert re.search(r"^!+ NOT RUN !+$", output, re.MULTILINE)
    assert re.search(r"^NOT RUN: no (Kafka broker|PostgreSQL).*: .+ \[1 tests\]$", output, re.MULTILINE)
