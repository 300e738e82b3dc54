"""The installation of docker-compose.yml without containers: a process for each service behind the gateway."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import yaml

from tests.support.servers import LOOPBACK, free_port, not_run

ROOT = Path(__file__).parents[2]
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()
SERVED = [
    service["command"][1]
    for service in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    if service.get("command", [""])[0] == "serve"
]
WAIT_SECONDS = 90.0
NAME, PASSWORD = "casey", "a demo password 7"
ROLES = ("clerk", "handler", "supervisor", "auditor")
ENGLISH = {"Accept-Language": "en"}
T = TypeVar("T")


@pytest.fixture
def gateway(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a gateway to a new installation whose services are processes of their own."""
    caddy = shutil.which("caddy")
    if caddy is None:
        not_run("Caddy", "it was not found (on Debian: apt install caddy)")
    environment = {
        **os.environ,
        "BAROGRAPH_HOME": str(tmp_path / "home"),
        "BAROGRAPH_LOG": f"kafka://{kafka_bootstrap}/d{uuid.uuid4().hex[:12]}",
        "BAROGRAPH_READ_MODEL": postgres_url,
        "BAROGRAPH_PORT": "0",
    }
    barograph = [sys.executable, "-m", "barograph"]
    subprocess.run([*barograph, "init"], env=environment, check=True, cwd=ROOT)
    roles = [word for role in ROLES for word in ("--role", role)]
    person = ["--community", "demo", *roles, "--name", "Casey Fiction", "--password", PASSWORD]
    subprocess.run([*barograph, "staff", "add", NAME, *person], env=environment, check=True, cwd=ROOT)
    with ExitStack() as stack:
        started = {
            name: _start(stack, [*barograph, "serve", name], environment, tmp_path / f"{name}.log")
            for name in SERVED
        }
        addresses = {name: _address(tmp_path / f"{name}.log", process) for name, process in started.items()}
        port = free_port()
        config = tmp_path / "Caddyfile"
        config.write_text(_caddyfile(addresses, port))
        run = [caddy, "run", "--adapter", "caddyfile", "--config", str(config)]
        _start(stack, run, {**environment, "HOME": str(tmp_path)}, tmp_path / "caddy.log")
        address = f"http://{LOOPBACK}:{port}"
        _until(lambda: _answers(f"{address}/gateway/health"))
        yield address


def test_the_main_job_across_processes(gateway: str) -> None:
    """Lodged through one service, decided by a second, shown by a third, audited by a fourth."""
    with httpx.Client(base_url=gateway, follow_redirects=True, timeout=30, headers=ENGLISH) as visitor:
        _send(visitor, "/sign-in", "/sign-in", name=NAME, password=PASSWORD)
        form = {"unit": "demo", "channel": "counter", "story": "A lamp that is out. Fictional."}
        receipt = _send(visitor, "/intake/grievances/new", "/intake/grievances", **form)
        assert receipt.status_code == 200
        assert "/intake/receipts/" in str(receipt.url)
        case = _until(lambda: re.search(r"/cases/(grv_[0-9a-f]{32})", visitor.get("/cases?view=open").text))[
            1
        ]
        accept = f"/intake/communities/demo/grievances/{case}/accept"
        assert "Done. It is on record." in _send(visitor, accept, accept).text
        _send(visitor, "/audit", "/audit/run")
        page = _until(lambda: _finished(visitor.get("/audit").text))
        assert "No difference was found." in page


def _start(
    stack: ExitStack, command: list[str], environment: dict[str, str], output: Path
) -> subprocess.Popen[bytes]:
    file = stack.enter_context(output.open("wb"))
    process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT, cwd=ROOT)
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)
    return process


def _address(output: Path, process: subprocess.Popen[bytes]) -> str:
    """Where a service says that it answers."""

    def said() -> str | None:
        assert process.poll() is None, output.read_text()
        found = re.search(r"answers at http://([\d.:]+)", output.read_text())
        return found[1] if found else None

    return _until(said)


def _caddyfile(addresses: dict[str, str], port: int) -> str:
    """The gateway's own file, with the addresses of this installation."""
    text = CADDYFILE.replace(":8080 {", f"http://{LOOPBACK}:{port} {{")
    return re.sub(r"reverse_proxy (\w+):8000", lambda found: f"reverse_proxy {addresses[found[1]]}", text)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def _send(visitor: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page and send it, as a browser does."""
    text = visitor.get(page).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert "csrf" in hidden, text[:2000]
    return visitor.post(action, data={**hidden, **fields})


def _finished(page: str) -> str | None:
    return page if "The last audit" in page else None


def _until(look: Callable[[], T | None]) -> T:
    """What `look` gives once it gives something."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    pytest.fail(f"not within {WAIT_SECONDS:.0f} s")
