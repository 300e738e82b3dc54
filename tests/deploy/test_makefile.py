"""The Makefile, as far as it can be tried without making another .venv."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make in `folder` with this project's Makefile."""
    shutil.copy(MAKEFILE, folder)
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True, check=False)


def test_help_names_every_target(tmp_path: Path) -> None:
    """`make` alone lists all targets that one can ask for."""
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE.read_text(), re.MULTILINE)
    assert phony
    named = re.findall(r"^  make (\w+)\t", make(tmp_path).stdout, re.MULTILINE)
    assert sorted(named) == sorted(phony[1].split())


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "Python 3.11 or later is needed"),
        ("exit 1", "is older than 3.11; name a newer one, such as: make up PYTHON=python3.12"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt install python3-venv"),
    ],
    ids=["no python", "old python", "no venv"],
)
def test_a_python_that_will_not_do_is_a_sentence(tmp_path: Path, script: str | None, sentence: str) -> None:
    """Where Python is missing, too old or without venv, make says what to do and makes nothing."""
    (tmp_path / "requirements.lock").touch()
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    made = make(tmp_path, "up", f"PYTHON={python}")
    assert made.returncode == 2
    assert sentence in made.stdout
    assert not (tmp_path / ".venv").exists()


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    """While the lock is older than the environment, nothing is installed again."""
    installed = tmp_path / ".venv" / "installed"
    installed.parent.mkdir()
    (tmp_path / "requirements.lock").touch()
    installed.touch()
    assert "pip install" not in make(tmp_path, "-n", "lint").stdout
    installed.unlink()
    assert "pip install" in make(tmp_path, "-n", "lint").stdout
