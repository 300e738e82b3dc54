"""An installed wheel has what pages are made of: templates, static files and translations.

Built for real: `pip wheel --no-deps -w OUT . && python -m zipfile -l OUT/*.whl` lists the same files.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
PACKAGES = sorted(path.parent for path in ROOT.glob("[!.]*/**/__init__.py"))


def packaged() -> list[Path]:
    """The packages that go into a wheel."""
    names = [pattern.removesuffix("*") for pattern in SETUPTOOLS["packages"]["find"]["include"]]
    return [path for path in PACKAGES if path.relative_to(ROOT).parts[0] in names]


def taken() -> set[Path]:
    """The files beside the modules that go into a wheel."""
    patterns = SETUPTOOLS["package-data"]["*"]
    return {file for path in packaged() for pattern in patterns for file in path.glob(pattern)}


def test_a_wheel_leaves_nothing_out() -> None:
    """Every file in the packages is a module or goes into the wheel with them."""
    files = {file for path in packaged() for file in path.rglob("*") if file.is_file()}
    others = {file for file in files if file.suffix not in {".py", ".pyc"}}
    assert sorted(others - taken()) == []


def test_a_wheel_has_every_kind_of_file() -> None:
    """The patterns find templates, catalogues, styles, scripts and drawings."""
    assert {file.suffix for file in taken()} >= {".html", ".po", ".css", ".js", ".svg"}


def test_every_module_is_in_a_package() -> None:
    """No folder with modules lacks its __init__.py, without which a wheel leaves it out."""
    folders = {
        path.parent
        for root in {one.relative_to(ROOT).parts[0] for one in packaged()}
        for path in (ROOT / root).rglob("*.py")
    }
    assert folders - set(packaged()) == set()
