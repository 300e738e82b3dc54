#!/usr/bin/env python3
"""Run one Apache Kafka broker without a container engine: Java 17 and Maven are enough.

    python3 deploy/kafka/broker.py start [DIR] [PORT]    prints host:port when the broker answers
    python3 deploy/kafka/broker.py stop [DIR]

One KRaft process, broker and controller in one, on 127.0.0.1 only. DIR holds its settings, data,
log and pid file; starting again on the same DIR goes on with the same data. Needs only the
standard library, so that it runs before anything of this project is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
LIBS = HERE / "libs"
TEMPLATE = HERE / "server.properties"
HOST = "127.0.0.1"
DEFAULT_DIR = Path(".barograph/kafka")
DEFAULT_PORT = 9092
OLDEST_JAVA = 17
FETCH_SECONDS = 1200
START_SECONDS = 120
STOP_SECONDS = 30
METADATA_KEY, METADATA_VERSION = 3, 1


class BrokerError(Exception):
    """The broker cannot be started or stopped; the sentence says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return 0, 3 after a sentence on stderr, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description="Run one Apache Kafka broker on 127.0.0.1.")
    commands = parser.add_subparsers(dest="command", required=True)
    start_command = commands.add_parser("start", help="start, wait until it answers, print host:port")
    start_command.add_argument("dir", nargs="?", type=Path, default=DEFAULT_DIR)
    start_command.add_argument("port", nargs="?", type=int, default=DEFAULT_PORT)
    stop_command = commands.add_parser("stop", help="stop the broker of this folder; fine if none runs")
    stop_command.add_argument("dir", nargs="?", type=Path, default=DEFAULT_DIR)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "start":
            print(start(chosen.dir.resolve(), chosen.port))
        else:
            stop(chosen.dir.resolve())
    except BrokerError as error:
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


def start(folder: Path, port: int) -> str:
    """Start the broker of `folder` on `port`, wait until it serves, return "host:port".

    A broker that already runs there stays as it is. Raises BrokerError.
    """
    java = find_java()
    fetch_jars()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        address = f"{HOST}:{port}"
        pid = running_pid(folder)
        if pid is None:
            require_free(port)
            settings = write_settings(folder, port)
            format_storage(java, folder, settings)
            pid = launch(java, folder, settings)
            with ended_on_interrupt(pid):
                wait_until_served(folder, pid, port)
        elif f"PLAINTEXT://{address}," not in (folder / "server.properties").read_text():
            raise BrokerError(f"The broker of {folder} already runs on another port; stop it first.")
        else:
            wait_until_served(folder, pid, port)
        return address


def stop(folder: Path) -> None:
    """Stop the broker of `folder`: politely first, then by force. Nothing to stop is fine."""
    if not folder.is_dir():
        return
    with locked(folder / "lock"):
        pid = running_pid(folder)
        if pid is not None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if gone_within(folder, STOP_SECONDS):
                    break
            else:
                raise BrokerError(f"Process {pid} does not end; look at {folder / 'broker.log'}.")
        (folder / "broker.pid").unlink(missing_ok=True)


def find_java() -> str:
    """Return the path of a Java of OLDEST_JAVA or later; raise BrokerError if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    wanted = f"Java {OLDEST_JAVA} or later is needed (on Debian: apt install openjdk-17-jre-headless)"
    if java is None:
        raise BrokerError(f"{wanted}; no `java` was found.")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise BrokerError(f"{wanted}; {java} says: {told.splitlines()[0] if told else 'nothing'}")
    return java


def fetch_jars() -> None:
    """Have Maven copy Kafka's jars into LIBS, unless those of this pom.xml are there.

    Processes that race wait for the first one's lock and find the work done.
    """
    LIBS.mkdir(exist_ok=True)
    pom = HERE / "pom.xml"
    wanted = hashlib.sha256(pom.read_bytes()).hexdigest()
    stamp = LIBS / "complete"
    with locked(LIBS / "lock"):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        maven = shutil.which("mvn")
        if maven is None:
            raise BrokerError(
                "Maven is needed to fetch Kafka (on Debian: apt install maven); no `mvn` was found."
            )
        print("Fetching Apache Kafka with Maven (about 54 MB, once) ...", file=sys.stderr)
        for old in (stamp, *LIBS.glob("*.jar")):
            old.unlink(missing_ok=True)
        run_maven([maven, "-q", "-B", "-ntp", "-Dstyle.color=never", "-f", str(pom), "package"])
        stamp.write_text(wanted)


def run_maven(command: list[str]) -> None:
    """Run Maven; raise BrokerError with the first errors that it told if it does not succeed."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"Maven did not finish within {FETCH_SECONDS} s; try again.") from error
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise BrokerError("\n".join(["Maven could not fetch Kafka:", *errors[:2]]))


def write_settings(folder: Path, port: int) -> Path:
    """Fill in the template for this port, with a free port for the controller."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        controller_port = probe.getsockname()[1]
    settings = folder / "server.properties"
    values = {"host": HOST, "port": port, "controller_port": controller_port, "data": folder / "data"}
    settings.write_text(TEMPLATE.read_text().format_map(values))
    return settings


def format_storage(java: str, folder: Path, settings: Path) -> None:
    """Give an empty data folder its cluster id; leave a formatted one alone."""
    if (folder / "data" / "meta.properties").is_file():
        return
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    tool = ["kafka.tools.StorageTool", "format", "-c", str(settings), f"--cluster-id={cluster}"]
    done = subprocess.run([*jvm(java), *tool], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BrokerError(f"Kafka could not format {folder / 'data'}:\n{tail(done.stdout + done.stderr)}")


def launch(java: str, folder: Path, settings: Path) -> int:
    """Start the broker in a session of its own, so that Ctrl-C here does not end it; return its pid."""
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen(
            [*jvm(java), "kafka.Kafka", str(settings)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / "broker.pid").write_text(f"{process.pid}\n")
    return process.pid


def jvm(java: str) -> list[str]:
    """The command that starts a Java program of Kafka."""
    logging = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
    return [java, "-Xmx512m", "-XX:+ExitOnOutOfMemoryError", *logging, "-cp", f"{LIBS}/*"]


def wait_until_served(folder: Path, pid: int, port: int) -> None:
    """Return when the broker lists itself; raise BrokerError if it ends or the deadline passes."""
    deadline = time.monotonic() + START_SECONDS
    while not serves(port):
        if not alive(pid):
            (folder / "broker.pid").unlink(missing_ok=True)
            raise BrokerError(
                f"The broker ended while starting:\n{tail((folder / 'broker.log').read_text())}"
            )
        if time.monotonic() > deadline:
            raise BrokerError(f"No answer within {START_SECONDS} s; look at {folder / 'broker.log'}.")
        time.sleep(0.1)


@contextlib.contextmanager
def ended_on_interrupt(pid: int) -> Iterator[None]:
    """Let Ctrl-C while waiting end the broker as well: who gives up wants none."""
    try:
        yield
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)
        raise


def serves(port: int, host: str = HOST) -> bool:
    """Whether a broker there answers a metadata request and names at least one unfenced broker."""
    no_topics = struct.pack(">hhihi", METADATA_KEY, METADATA_VERSION, 1, -1, 0)
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(struct.pack(">i", len(no_topics)) + no_topics)
            head = connection.makefile("rb").read(12)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[2] > 0  # noqa: PLR2004 - length, id, brokers


def require_free(port: int) -> None:
    """Raise BrokerError if something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise BrokerError(f"Port {port} of {HOST} cannot be used ({error}); name another one.") from error


def running_pid(folder: Path) -> int | None:
    """The pid of the broker of this folder, or None; a pid that another program got since is not it."""
    try:
        pid = int((folder / "broker.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if str(folder / "server.properties") in command_line(pid) else None


def command_line(pid: int) -> str:
    """The command line of a process; empty where it has ended (a zombie has none)."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    ps = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout


def alive(pid: int) -> bool:
    """Whether the process runs; a child of ours that has ended is reaped and counts as gone."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone_within(folder: Path, seconds: float) -> bool:
    """Whether the broker of this folder ends before `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while running_pid(folder) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's lock; the kernel lets go of it even when the process is killed."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def tail(text: str, lines: int = 20) -> str:
    """The last lines of a program's output."""
    return "\n".join(text.splitlines()[-lines:])


if __name__ == "__main__":
    sys.exit(main())
