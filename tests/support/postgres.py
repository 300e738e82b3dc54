"""A real PostgreSQL for tests: DATABASE_URL, or a container engine, or Debian's server binaries."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.support.containers import Container, engine
from tests.support.servers import (
    LOOPBACK,
    Announce,
    Servers,
    UnavailableError,
    first_that_works,
    free_port,
    not_run,
)

IMAGE = "postgres:17.6"
INNER_PORT = 5432
START_SECONDS = 120
DRIVER = "postgresql+psycopg"
ROLE = "barograph"
DEBIAN_BINARIES = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")
# Test data need not survive a power cut; a killed server still finds what it had written.
SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
}


@pytest.fixture(scope="session")
def postgres_server(servers: Servers) -> URL:
    """The administrator's address of the PostgreSQL server that all tests share."""
    given = os.environ.get("DATABASE_URL")
    try:
        return reachable(given) if given else make_url(servers.once("postgres", start_shared))
    except UnavailableError as error:
        not_run("PostgreSQL", error)


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The "postgresql+psycopg://…" address of a fresh, empty database for this test alone."""
    name = f"test_{uuid.uuid4().hex}"
    administer(postgres_server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield postgres_server.set(database=name).render_as_string(hide_password=False)
    administer(postgres_server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def administer(server: URL, statement: sql.Composed) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(conninfo(server), autocommit=True) as connection:
        connection.execute(statement)


def conninfo(server: URL) -> str:
    """The address as libpq reads it."""
    return server.set(drivername="postgresql").render_as_string(hide_password=False)


def reachable(given: str) -> URL:
    """Return the server given in DATABASE_URL if it answers."""
    url = make_url(given.replace("postgres://", "postgresql://", 1)).set(drivername=DRIVER)
    try:
        psycopg.connect(conninfo(url), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise UnavailableError(f"DATABASE_URL is given, but there is no answer: {error}") from error
    return url


def start_shared(folder: Path, announce: Announce) -> str:
    """Start the session's server in the first way that works here."""
    return first_that_works([partial(way, folder, announce) for way in (start_container, start_debian)])


def start_container(folder: Path, announce: Announce) -> str:
    """Start a server in a container; raise UnavailableError where no engine answers."""
    engine()
    url = new_address()
    environment = {"POSTGRES_USER": ROLE, "POSTGRES_PASSWORD": str(url.password), "POSTGRES_DB": "postgres"}
    name = f"barograph-{folder.name}-{url.port}"
    container = Container(name, IMAGE, INNER_PORT, int(url.port or 0), environment)
    announce(container.remove_command())
    container.start()
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if time.monotonic() > deadline:
            raise UnavailableError(f"{IMAGE} did not answer within {START_SECONDS} s")
        time.sleep(0.1)
    return url.render_as_string(hide_password=False)


def start_debian(folder: Path, announce: Announce) -> str:
    """Start Debian's server with its data in `folder`, as a user without privileges."""
    binaries = newest_binaries()
    user = unprivileged_prefix()
    url = new_address()
    folder.mkdir()
    password_file = folder / "password"
    password_file.write_text(str(url.password))
    own(folder, password_file)
    data, log = str(folder / "data"), str(folder / "postgres.log")
    secret = ["--auth=scram-sha-256", f"--pwfile={password_file}"]
    charset = ["-E", "UTF8", "--locale=C.UTF-8"]
    run([*user, str(binaries / "initdb"), "-D", data, "-U", ROLE, *secret, *charset, "--no-sync"], folder)
    control = [*user, str(binaries / "pg_ctl"), "-D", data, "-w"]
    settings = " ".join(f"-c {name}='{value}'" for name, value in SERVER_SETTINGS.items())
    waiting = ["-t", str(START_SECONDS), "-l", log, "-o", f"-p {url.port} {settings}"]
    announce([*control, "-m", "immediate", "stop"])
    run([*control, *waiting, "start"], folder)
    return url.render_as_string(hide_password=False)


def new_address() -> URL:
    """An address on a free port, with a password of its own."""
    return URL.create(DRIVER, ROLE, secrets.token_urlsafe(16), LOOPBACK, free_port(), "postgres")


def answers(server: URL) -> bool:
    """Whether one can sign in there."""
    try:
        psycopg.connect(conninfo(server), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def newest_binaries() -> Path:
    """The folder of the newest server binaries; raise UnavailableError if there are none."""
    found = [folder for folder in DEBIAN_BINARIES.glob("*/bin") if (folder / "initdb").is_file()]
    if not found:
        raise UnavailableError("no server binaries (on Debian: apt install postgresql)")
    return max(found, key=lambda folder: float(folder.parent.name))


def unprivileged_user() -> pwd.struct_passwd | None:
    """The user to run the server as, since it refuses to run as root; None: as oneself."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in users:
            return users[name]
    raise UnavailableError(
        f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}"
    )


def unprivileged_prefix() -> list[str]:
    """What to put before a command so that it runs as that user."""
    user = unprivileged_user()
    if user is None:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise UnavailableError("PostgreSQL does not run as root, and there is no setpriv to leave root with")
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def own(*paths: Path) -> None:
    """Give the paths to that user."""
    user = unprivileged_user()
    for path in paths:
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(0o700)


def run(command: list[str], folder: Path) -> None:
    """Run a command in `folder`; raise UnavailableError with what it said if it fails."""
    output = folder / "output"
    with output.open("wb") as file:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        raise UnavailableError(f"PostgreSQL does not start: {output.read_text()[-500:]}")
