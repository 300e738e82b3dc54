"""deploy/kafka/broker.py, run as a person runs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.kafka import broker
from tests.support.servers import LOOPBACK, free_port, not_run

SCRIPT = Path(broker.__file__)
SECONDS = 300


def run(*words: str | Path, script: Path = SCRIPT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script to its end."""
    with begin(*words, script=script, **variables) as process:
        output, errors = process.communicate(timeout=SECONDS)
    return subprocess.CompletedProcess(words, process.returncode, output, errors)


def begin(*words: str | Path, script: Path = SCRIPT, **variables: str) -> subprocess.Popen[str]:
    """Start the script."""
    return subprocess.Popen(
        [sys.executable, script, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="session")
def kafka_jars() -> None:
    """Skip, loudly, where the script has nothing to run, or to run it with."""
    try:
        broker.find_java()
        broker.fetch_jars()
    except broker.BrokerError as error:
        not_run("Kafka by Java and Maven", error)


@pytest.mark.usefixtures("kafka_jars")
def test_racing_starts_give_one_broker(tmp_path: Path) -> None:
    """Two starts at once on one folder print one address, of one broker, which stop ends."""
    port = free_port()
    try:
        both = [begin("start", tmp_path / "kafka", str(port)) for _ in range(2)]
        told = [process.communicate(timeout=SECONDS) for process in both]
        assert [output for output, _ in told] == [f"{LOOPBACK}:{port}\n"] * 2, told
        assert broker.serves(port)
    finally:
        stopped = run("stop", tmp_path / "kafka")
    assert (stopped.returncode, stopped.stderr) == (0, "")
    assert not broker.serves(port)


@pytest.mark.usefixtures("kafka_jars")
def test_racing_fetches_fetch_once(tmp_path: Path) -> None:
    """Of two processes without jars one has Maven fetch them and the other waits for it."""
    if shutil.which("mvn") is None:
        not_run("Maven", "no `mvn` was found (on Debian: apt install maven)")
    for name in ("broker.py", "pom.xml"):
        shutil.copy(SCRIPT.with_name(name), tmp_path)
    fetch = [sys.executable, "-c", "import broker; broker.fetch_jars()"]
    both = [subprocess.Popen(fetch, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=SECONDS)[1] for process in both]
    assert sorted("Fetching" in errors for errors in told) == [False, True], told
    assert list((tmp_path / "libs").glob("kafka-server-*.jar"))


def test_stopping_nothing_is_fine(tmp_path: Path) -> None:
    """Stop says nothing where no broker has ever run."""
    stopped = run("stop", tmp_path / "none")
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "", "")


@pytest.mark.usefixtures("kafka_jars")
@pytest.mark.parametrize("port", ["busy", "65536"])
def test_a_port_in_use_is_named(tmp_path: Path, port: str) -> None:
    """A port that cannot be had ends the start with a sentence that names it."""
    with socket.create_server((LOOPBACK, 0)) as busy:
        number = str(busy.getsockname()[1]) if port == "busy" else port
        started = run("start", tmp_path, number)
    assert started.returncode == 3
    assert f"Port {number}" in started.stderr
    assert "Traceback" not in started.stderr


def test_no_java_is_a_sentence(tmp_path: Path) -> None:
    """Without Java the start says what to install."""
    started = run("start", tmp_path, "1", PATH="", JAVA_HOME="")
    assert started.returncode == 3
    assert "apt install openjdk-17-jre-headless" in started.stderr


def test_an_old_java_is_a_sentence(tmp_path: Path) -> None:
    """A Java of before 17 is named together with what is needed."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019' >&2\n")
    java.chmod(0o755)
    started = run("start", tmp_path, "1", JAVA_HOME=str(tmp_path))
    assert started.returncode == 3
    assert "Java 17" in started.stderr
    assert "11.0.2" in started.stderr


def test_a_foreign_pid_is_not_taken_for_the_broker(tmp_path: Path) -> None:
    """A pid file that outlived its broker does not get another program stopped."""
    (tmp_path / "broker.pid").write_text(f"{os.getpid()}\n")
    assert broker.running_pid(tmp_path) is None
