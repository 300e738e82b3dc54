"""Containers for tests, where a container engine answers.

Uses Docker's own client rather than testcontainers: a shared server has to outlive the worker that
started it, and testcontainers' reaper removes it with that worker; `servers` stops ours instead.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import DockerException, NotFound

from tests.support.servers import LOOPBACK, UnavailableError

ANSWER_SECONDS = 5
STOP_SECONDS = 30
REMOVE = "import sys; from tests.support.containers import remove; remove(sys.argv[1])"


@dataclass(frozen=True, slots=True)
class Container:
    """One container that publishes one port on the loopback address."""

    name: str
    image: str
    inner_port: int
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start it, or start it again with its data; raise UnavailableError if the engine cannot."""
        containers = engine().containers
        try:
            containers.get(self.name).start()
        except NotFound:
            self._create(containers)

    def _create(self, containers: Any) -> None:
        published = {f"{self.inner_port}/tcp": (LOOPBACK, self.port)}
        try:
            containers.run(
                self.image, name=self.name, ports=published, environment=self.environment, detach=True
            )
        except DockerException as error:
            raise UnavailableError(f"{self.image} does not start in a container: {error}") from error

    def stop(self) -> None:
        """Stop it politely."""
        engine().containers.get(self.name).stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once."""
        engine().containers.get(self.name).kill()

    def remove_command(self) -> list[str]:
        """The command that ends and removes it."""
        return [sys.executable, "-c", REMOVE, self.name]


def engine() -> Any:
    """The client of a container engine that answers; raise UnavailableError if none does."""
    try:
        client = docker.from_env(timeout=ANSWER_SECONDS)
        client.ping()
    except (DockerException, OSError) as error:
        raise UnavailableError("no container engine answers") from error
    return client


def remove(name: str) -> None:
    """End and remove the container with its data; none of that name is fine."""
    with contextlib.suppress(UnavailableError, NotFound):
        engine().containers.get(name).remove(force=True, v=True)
