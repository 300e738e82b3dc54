"""A real Kafka broker for tests: KAFKA_BOOTSTRAP, or a container engine, or Java with Maven."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from deploy.kafka import broker as script
from tests.support.containers import Container, engine
from tests.support.servers import (
    LOOPBACK,
    Announce,
    Servers,
    UnavailableError,
    first_that_works,
    free_port,
    not_run,
    run_stop,
)

IMAGE = "apache/kafka:4.1.2"
INNER_PORT = 9092
START_SECONDS = 120


class Broker(Protocol):
    """A broker that a test may stop, kill and start again; its data and its address stay."""

    @property
    def bootstrap(self) -> str:
        """Its "host:port", whether it runs or not."""

    def start(self) -> None:
        """Start it and return when it serves; raise UnavailableError if it does not."""

    def stop(self) -> None:
        """Stop it politely; return when it has ended."""

    def kill(self) -> None:
        """End it at once, as a power cut would (what the kernel holds is kept)."""

    def remove_command(self) -> list[str]:
        """The command that ends it for good."""


@dataclass(frozen=True, slots=True)
class JavaBroker:
    """A broker in a process of its own, by deploy/kafka/broker.py; its data are in `folder`."""

    folder: Path
    port: int

    @property
    def bootstrap(self) -> str:
        """See Broker."""
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """See Broker."""
        self._run("start", str(self.folder), str(self.port))

    def stop(self) -> None:
        """See Broker."""
        self._run("stop", str(self.folder))

    def kill(self) -> None:
        """See Broker."""
        pid = script.running_pid(self.folder)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            script.gone_within(self.folder, script.STOP_SECONDS)

    def remove_command(self) -> list[str]:
        """See Broker."""
        return [sys.executable, script.__file__, "stop", str(self.folder)]

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, script.__file__, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise UnavailableError(done.stderr.strip())


@dataclass(frozen=True, slots=True)
class ContainerBroker:
    """A broker in a container of the apache/kafka image, with the settings of deploy/kafka."""

    container: Container

    @property
    def bootstrap(self) -> str:
        """See Broker."""
        return f"{LOOPBACK}:{self.container.port}"

    def start(self) -> None:
        """See Broker."""
        self.container.start()
        deadline = time.monotonic() + START_SECONDS
        while not script.serves(self.container.port):
            if time.monotonic() > deadline:
                raise UnavailableError(f"{IMAGE} did not answer within {START_SECONDS} s")
            time.sleep(0.1)

    def stop(self) -> None:
        """See Broker."""
        self.container.stop()

    def kill(self) -> None:
        """See Broker."""
        self.container.kill()

    def remove_command(self) -> list[str]:
        """See Broker."""
        return self.container.remove_command()


@pytest.fixture(scope="session")
def kafka_bootstrap(servers: Servers) -> str:
    """The "host:port" of the broker that all tests share: name topics so that they do not meet."""
    given = os.environ.get("KAFKA_BOOTSTRAP")
    try:
        return reachable(given) if given else servers.once("kafka", start_shared)
    except UnavailableError as error:
        not_run("Kafka broker", error)


@pytest.fixture
def private_broker(servers: Servers, tmp_path: Path) -> Iterator[Callable[[], Broker]]:
    """A factory of brokers, running and empty, each for this test alone to stop, kill and start."""
    commands: list[list[str]] = []

    def announce(stop: list[str]) -> None:
        servers.announce(stop)
        commands.append(stop)

    def make() -> Broker:
        try:
            return start_new(tmp_path / f"kafka-{uuid.uuid4().hex}", announce)
        except UnavailableError as error:
            not_run("Kafka broker that a test may stop", error)

    yield make
    for command in commands:
        run_stop(command)


def start_shared(folder: Path, announce: Announce) -> str:
    """Start the session's broker with its data in `folder`; raise UnavailableError if none can be."""
    return start_new(folder, announce).bootstrap


def start_new(folder: Path, announce: Announce) -> Broker:
    """Start an empty broker in the first way that works here."""

    def started(make: Callable[[Path], Broker]) -> Broker:
        broker = make(folder)
        announce(broker.remove_command())
        broker.start()
        return broker

    return first_that_works([partial(started, in_container), partial(started, in_java)])


def in_container(folder: Path) -> Broker:
    """A broker for a container engine; raise UnavailableError where none answers."""
    engine()
    port = free_port()
    name = f"barograph-{folder.name}-{port}"
    return ContainerBroker(Container(name, IMAGE, INNER_PORT, port, container_environment(port)))


def in_java(folder: Path) -> Broker:
    """A broker for this machine's Java."""
    return JavaBroker(folder, free_port())


def container_environment(port: int) -> dict[str, str]:
    """The settings of deploy/kafka, as the apache/kafka image reads them."""
    text = script.TEMPLATE.read_text().format(
        host="localhost", port=port, controller_port=9093, data="/var/lib/kafka/data"
    )
    lines = (line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    settings = {
        **dict(lines),
        "listeners": f"PLAINTEXT://:{INNER_PORT},CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}


def reachable(bootstrap: str) -> str:
    """Return the address given in KAFKA_BOOTSTRAP if a broker answers there."""
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    if not port.isdigit() or not script.serves(int(port), host):
        raise UnavailableError(f"KAFKA_BOOTSTRAP is {bootstrap}, but no broker answers there")
    return bootstrap
