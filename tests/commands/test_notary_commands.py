"""The notary's command line: checkpoints to hold, a notary that refuses, a witness."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.notes import open_checkpoint, parse_vkey, split_notes
from ledger.tree_file import trees_path
from ledger.tree_store import only_notary
from tests.support.servers import free_port

ANY_PORT = {**os.environ, "BAROGRAPH_PORT": "0"}


def command(home: Path, *words: str) -> list[str]:
    """The command on this home."""
    return [sys.executable, "-m", "barograph", "--home", str(home), *words]


def barograph(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command on this home."""
    return subprocess.run(
        command(home, *words), capture_output=True, text=True, check=False, timeout=120, env=ANY_PORT
    )


@contextlib.contextmanager
def running(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a command that goes on, and give it with its first line."""
    with subprocess.Popen(command(home, *words), stdout=subprocess.PIPE, text=True, env=ANY_PORT) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a new ledger with community `demo`, signed."""
    home = tmp_path_factory.mktemp("pattern") / "home"
    assert barograph(home, "init").returncode == 0
    signed = barograph(home, "checkpoint", "--all", "--sign")
    assert signed.returncode == 0, signed.stderr
    return home


@pytest.fixture
def home(pattern: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return shutil.copytree(pattern, tmp_path / "home")


def change_a_record(home: Path) -> None:
    """Change the first record of the register behind everybody's back."""
    with contextlib.closing(sqlite3.connect(home / "log.sqlite")) as file:
        of_register = "partition_id = (SELECT id FROM partitions WHERE topic = 'register.submissions')"
        file.execute(f"UPDATE records SET key = x'00' WHERE offset = 0 AND {of_register}")  # noqa: S608
        file.commit()


def test_checkpoints_can_be_kept_in_a_file(home: Path, tmp_path: Path) -> None:
    """One for each partition of each topic; each opens with its key."""
    held = tmp_path / "held"
    assert barograph(home, "checkpoint", "--all", "--output", str(held)).returncode == 0
    keys = [
        parse_vkey(line) for line in barograph(home, "checkpoint", "--all", "--vkeys").stdout.splitlines()
    ]
    found = [open_checkpoint(note, keys) for note in split_notes(held.read_bytes())]
    ends = json.loads(barograph(home, "topics", "--json").stdout)
    assert {tuple(checkpoint.origin.split("/")[2:]): checkpoint.size for checkpoint in found} == {
        (topic, partition): end for topic, ends in ends.items() for partition, end in ends.items()
    }
    assert barograph(home, "checkpoint", "ledger/0").stdout in held.read_text()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["checkpoint"], 2),
        (["checkpoint", "ledger/0", "--all"], 2),
        (["checkpoint", "ledger/1"], 2),
        (["checkpoint", "--all", "--output", "/no/such/folder/file"], 3),
        (["witness", "--state", "w", "--logs", "/none", "--name", "w"], 2),
        (["witness", "--state", "w", "--logs", "/none", "--name", "w", "--listen", "8090"], 2),
    ],
)
def test_wrong_use_is_said_in_a_sentence(home: Path, words: list[str], code: int) -> None:
    """With its exit code, and without a traceback."""
    found = barograph(home, *words)
    assert (found.returncode, "Traceback" in found.stderr) == (code, False)


def test_nothing_signed_yet_is_said_in_a_sentence(tmp_path: Path) -> None:
    """And what to do."""
    found = barograph(tmp_path / "home", "checkpoint", "--all")
    assert found.returncode == 3
    assert "serve notary" in found.stderr


def test_a_notary_whose_log_changed_ends_loudly(home: Path) -> None:
    """Exit code 1, and a sentence that names the tree and the record."""
    change_a_record(home)
    for words in (["serve", "notary"], ["checkpoint", "--all", "--sign"]):
        found = barograph(home, *words)
        assert found.returncode == 1, found.stderr
        assert "record 0 is not the one that was signed" in found.stderr
        assert "Traceback" not in found.stderr


def test_a_second_notary_ends_at_once(home: Path) -> None:
    """Exit code 3: another one works there. A whole installation goes on, and stands by."""
    with only_notary(trees_path(home)):
        found = barograph(home, "serve", "notary")
        with running(home, "up") as (_, greeting):
            assert "answers at" in greeting
    assert found.returncode == 3
    assert "another notary" in found.stderr


def test_a_service_without_the_notarys_key_runs(home: Path) -> None:
    """The web-facing process cannot sign checkpoints, and does not need to."""
    (home / "keys" / "notary.key").unlink()
    with running(home, "serve", "intake") as (process, greeting):
        assert "answers at" in greeting
        assert process.poll() is None
    assert barograph(home, "serve", "notary").returncode == 3


def test_health_says_that_the_notary_refuses(home: Path) -> None:
    """The rest of the installation goes on."""
    change_a_record(home)
    with running(home, "up") as (_, greeting):
        address = next(word for word in greeting.split() if word.startswith("http"))
        told: dict[str, object] = {}
        while "refused" not in told:
            with urllib.request.urlopen(f"{address}/health", timeout=30) as answer:  # noqa: S310 - loopback
                told = json.load(answer)
        assert told["status"] == "degraded"
        assert "record 0 is not the one" in str(told["refused"])


def test_a_witness_cosigns_what_the_notary_signs(home: Path, tmp_path: Path) -> None:
    """Two processes that meet over HTTP; the published checkpoint holds both signatures."""
    logs, address = tmp_path / "logs", f"127.0.0.1:{free_port()}"
    logs.write_text(barograph(home, "checkpoint", "--all", "--vkeys").stdout)
    options = ["--state", str(tmp_path / "w"), "--logs", str(logs), "--name", "witness.example/w1"]
    with running(home, "witness", *options, "--listen", address) as (_, vkey):
        witness = parse_vkey(vkey.strip())
        (home / "witnesses").write_text(f"{vkey.strip()} http://{address}\n")
        with running(home, "serve", "notary"):
            published = ""
            while "\u2014 witness.example/w1 " not in published:
                published = barograph(home, "checkpoint", "register.events/0").stdout
    assert open_checkpoint(published, [witness]).size > 0
