"""Servers that one pytest session shares between its xdist workers, and stops at its end.

The controller process (or the only one) makes a folder and holds its lock. Whichever worker first
needs a server starts it there, under a lock, and notes how to stop it; the controller stops all of
them at its end. Should it be killed, the lock falls free and a waiting guard process does it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO, TypeVar

import pytest

ALIVE = "alive"
STOP_SECONDS = 90
FOLDER_KEY = "barograph_servers_folder"
LOOPBACK = "127.0.0.1"
SERVER_PORTS = range(20000, 30000)
NOT_RUN = "NOT RUN: "
STOP_SUFFIX = ".stop"

Found = TypeVar("Found")
Announce = Callable[[list[str]], object]
"""Tells the session the command that will stop a server."""


class UnavailableError(Exception):
    """This way to get a server does not work on this machine; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Servers:
    """The shared servers of this session; `folder` is the same in every worker."""

    folder: Path

    def once(self, name: str, start: Callable[[Path, Announce], str]) -> str:
        """Return the address of the server `name`, starting it if no worker has.

        `start` gets a folder for its data and announces how to stop the server before it starts
        it. Raises UnavailableError, to every worker, if it did.
        """
        note = self.folder / f"{name}.address"
        with locked(self.folder / f"{name}.lock"):
            if not note.exists():
                note.write_text(json.dumps(self._try(name, start)))
            told = json.loads(note.read_text())
        if "missing" in told:
            raise UnavailableError(told["missing"])
        return str(told["address"])

    def _try(self, name: str, start: Callable[[Path, Announce], str]) -> dict[str, str]:
        try:
            return {"address": start(self.folder / name, self.announce)}
        except UnavailableError as error:
            return {"missing": str(error)}

    def announce(self, stop: list[str]) -> Path:
        """Have the command `stop` run when the session ends, however it ends; return the note of it."""
        note = self.folder / f"{uuid.uuid4().hex}{STOP_SUFFIX}"
        note.write_text(json.dumps(stop))
        self.guard()
        return note

    def guard(self) -> None:
        """See that a process waits to stop the servers in case that this session is killed."""
        with contextlib.suppress(FileExistsError):
            (self.folder / "guarded").touch(exist_ok=False)
            guard = [sys.executable, "-P", __file__, str(self.folder)]
            subprocess.run(
                guard,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    """The servers that this session's workers share."""
    return Servers(folder_of(pytestconfig))


def pytest_configure(config: pytest.Config) -> None:
    """In the controller: make the shared folder and hold its lock until the end."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="barograph-tests-"))
    folder.chmod(0o711)  # a database server under another user reaches its own folder through it
    handle = (folder / ALIVE).open("w")
    fcntl.flock(handle, fcntl.LOCK_EX)
    config.stash[_FOLDER] = (folder, handle)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker the folder."""
    node.workerinput[FOLDER_KEY] = str(folder_of(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the controller: stop the servers; this runs after Ctrl-C as well."""
    if _FOLDER in config.stash:
        folder, handle = config.stash[_FOLDER]
        with handle:
            stop_all(folder)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which tests did not run for want of a server."""
    reports = [
        report for kind in ("skipped", "error", "failed") for report in terminalreporter.getreports(kind)
    ]
    counts = Counter(reason for reason in map(not_run_reason, reports) if reason)
    if counts:
        terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
    for reason, count in counts.items():
        terminalreporter.line(f"{reason} [{count} tests]", red=True)


def not_run_reason(report: Any) -> str | None:
    """The sentence of `not_run` in a test's report, if that is why it did not run."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    found = re.search(re.escape(NOT_RUN) + ".*", told)
    return found[0] if found else None


def folder_of(config: pytest.Config) -> Path:
    """The shared folder, seen from the controller or from a worker."""
    told = getattr(config, "workerinput", None)
    return Path(told[FOLDER_KEY]) if told else config.stash[_FOLDER][0]


def not_run(what: str, why: object) -> NoReturn:
    """Skip the test, loudly; where CI is true, fail it, since there nothing may be missing."""
    sentence = f"{NOT_RUN}no {what}: {' '.join(str(why).split())}"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def first_that_works(ways: list[Callable[[], Found]]) -> Found:
    """Return what the first working way gives; raise UnavailableError with every reason."""
    reasons = []
    for way in ways:
        try:
            return way()
        except UnavailableError as error:
            reasons.append(str(error))
    raise UnavailableError("; ".join(reasons))


def free_port() -> int:
    """A free port outside the range from which the kernel takes ports for outgoing connections.

    So it is still free when a server is stopped and started again on it.
    """
    for port in random.sample(SERVER_PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise UnavailableError("no free port was found")


def stop_all(folder: Path) -> None:
    """Run every noted stop command, then remove the folder."""
    for note in folder.glob(f"*{STOP_SUFFIX}"):
        run_stop(json.loads(note.read_text()))
    shutil.rmtree(folder, ignore_errors=True)


def run_stop(command: list[str]) -> None:
    """Run a stop command; a server that has ended already is fine."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=STOP_SECONDS, check=False
        )


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's lock; the kernel lets go of it even when the process is killed."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


_FOLDER = pytest.StashKey[tuple[Path, TextIO]]()


def wait_as_guard(folder: Path) -> None:
    """Leave the process that called; when the controller lets go of its lock, stop what is left."""
    if os.fork():
        return
    os.setsid()
    with contextlib.suppress(FileNotFoundError), locked(folder / ALIVE):
        stop_all(folder)


if __name__ == "__main__":
    wait_as_guard(Path(sys.argv[1]))
