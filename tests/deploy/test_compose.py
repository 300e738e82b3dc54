"""docker-compose.yml, as far as it can be judged without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kafka import broker
from runtime.settings import Settings
from services.projections.letter_pages import NO_PDF

ROOT = Path(__file__).parents[2]
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"] == "no"}
SERVED = {
    "intake",
    "register",
    "grievance",
    "people",
    "accusation",
    "aid",
    "mediation",
    "projections",
    "audit",
    "clock",
    "notary",
}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_what_stays_up_has_a_health_check(name: str) -> None:
    """Each service that stays up says when it is well, within a bounded time."""
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_versions(name: str) -> None:
    """No image is "latest": what was tried is what runs."""
    assert re.fullmatch(r"[a-z/]+:\d[\w.-]*", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_dependencies_wait_for_a_condition(name: str) -> None:
    """What a service needs is healthy, or has ended well, before it starts."""
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        ended = "service_completed_successfully"
        assert how["condition"] == (ended if needed in ONE_SHOT else "service_healthy")


def test_only_the_gateway_is_published_on_the_loopback_address() -> None:
    """No other machine reaches a service, and this one reaches only the gateway."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:8080:8080"]}


def test_each_service_runs_in_a_container_of_its_own() -> None:
    """One container for each service, all from the same image with the same settings."""
    commands = {name: SERVICES[name]["command"] for name in SERVED}
    assert commands == {name: ["serve", name] for name in SERVED}
    assert {SERVICES[name]["image"] for name in SERVED} == {SERVICES["init"]["image"]}
    assert all(SERVICES[name]["environment"] == SERVICES["init"]["environment"] for name in SERVED)


def test_every_variable_is_a_setting() -> None:
    """No service is told what it does not read."""
    told = {name.removeprefix("BAROGRAPH_").lower() for name in SERVICES["init"]["environment"]}
    assert told <= Settings.model_fields.keys()


def test_named_volumes_are_declared() -> None:
    """What must outlive a container is in a named volume; the rest mounted is read-only."""
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    named = {volume.split(":")[0] for volume in mounted if not volume.startswith("./")}
    assert named == COMPOSE["volumes"].keys()
    assert all(volume.endswith(":ro") for volume in mounted if volume.startswith("./"))


def test_no_password_is_written_down() -> None:
    """The database's password comes from the environment."""
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert ":${POSTGRES_PASSWORD}@" in SERVICES["intake"]["environment"]["BAROGRAPH_READ_MODEL"]


def test_kafka_keeps_records_as_the_plain_broker_does() -> None:
    """Every setting of deploy/kafka that is about keeping records holds in the container too."""
    lines = (line.split("=") for line in broker.TEMPLATE.read_text().splitlines() if not line.startswith("#"))
    expected = {
        f"KAFKA_{name.upper().replace('.', '_')}": value
        for name, value in lines
        if name.startswith(("log.", "auto.", "unclean.")) and name != "log.dirs"
    }
    assert expected.items() <= SERVICES["kafka"]["environment"].items()


def test_the_gateway_names_services_that_exist() -> None:
    """Each address that the gateway hands on to is a service here, at the port it is told."""
    targets = set(re.findall(r"reverse_proxy (\w+):(\d+)", CADDYFILE))
    assert targets
    assert {name for name, _ in targets} <= SERVED
    assert {port for _, port in targets} == {SERVICES["intake"]["environment"]["BAROGRAPH_PORT"]}


def test_the_image_runs_without_privileges() -> None:
    """The image's user is not root, and its packages are checked against their hashes."""
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["barograph"]
    assert "--require-hashes -r /requirements.lock" in dockerfile


def test_the_image_holds_every_package() -> None:
    """What pyproject.toml calls a package of this project is copied into the image and sent to it."""
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text()
    for package in ("barograph", "contracts", "ledger", "runtime", "services", "web"):
        assert f"COPY {package} {package}\n" in dockerfile
        assert f"!{package}\n" in ignored


def test_the_image_can_draw_letters() -> None:
    """The packages that the page asks for where a PDF cannot be made are installed in the image."""
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    wanted = re.findall(r"(?:lib|fonts-)[a-z0-9.-]+[a-z0-9]", NO_PDF)
    assert len(wanted) == 2
    assert all(f" {package} " in dockerfile for package in wanted)
