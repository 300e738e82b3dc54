"""What every response carries: headers for safety and for caches; and the static files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.app import make
from tests.web.visitor import PROGRAM, Visitor, visiting
from web.assets import STATIC_DIR, Assets
from web.links import local_path
from web.security import HEADERS


@pytest.mark.parametrize("path", ["/", "/fails/404", "/crash", "/static/style.css", "/static/none.css"])
async def test_every_response_has_the_safety_headers(visitor: Visitor, path: str) -> None:
    """Pages, errors, crashes and static files all carry the safety headers."""
    headers = (await visitor.get(path)).headers
    assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS)


async def test_no_page_needs_inline_script_or_style(visitor: Visitor) -> None:
    """Pages have no script or style of their own in them, which the policy would not run."""
    page = (await visitor.get("/style-guide")).text
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)


async def test_everything_comes_from_our_own_address(visitor: Visitor) -> None:
    """No page asks another server for anything."""
    page = (await visitor.get("/style-guide")).text
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


@pytest.mark.parametrize(("base", "told"), [("https://kit.test", True), ("https://127.0.0.1:8443", False)])
async def test_https_is_demanded_except_on_loopback(tmp_path: Path, base: str, told: bool) -> None:
    """Where cookies are secure, browsers are told to keep to HTTPS, but not under a loopback name."""
    async with visiting(make(tmp_path, secure=True).app, base=base) as visitor:
        assert ("strict-transport-security" in (await visitor.get("/")).headers) is told


async def test_plain_http_demands_no_https(visitor: Visitor) -> None:
    """Without secure cookies HTTPS is not demanded."""
    assert "strict-transport-security" not in (await visitor.get("/")).headers


async def test_pages_are_not_kept(visitor: Visitor) -> None:
    """Browsers keep no copy of a page, nor of a problem."""
    assert (await visitor.get("/")).headers["cache-control"] == "no-store"
    assert (await visitor.get("/fails/404", headers=PROGRAM)).headers["cache-control"] == "no-store"


async def test_static_file_with_its_hash_is_kept_for_ever(visitor: Visitor) -> None:
    """A static file asked for by its current hash may be kept for a year."""
    found = re.search(r'href="(/static/style\.css\?v=[0-9a-f]{16})"', (await visitor.get("/")).text)
    assert found is not None
    response = await visitor.get(found[1])
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000"])
async def test_static_file_without_its_hash_is_asked_for_again(visitor: Visitor, query: str) -> None:
    """A static file asked for without its current hash is not kept unasked."""
    assert (await visitor.get(f"/static/style.css{query}")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static/", "/static/%00"]
)
async def test_nothing_but_static_files_is_served(visitor: Visitor, path: str) -> None:
    """What lies outside the static folders is not served."""
    assert (await visitor.get(path)).status_code == 404


def test_services_bring_their_own_static_files(tmp_path: Path) -> None:
    """Files of a further folder are served with their own hashes, the earlier folder's first."""
    (tmp_path / "chart.js").write_text("1", "utf-8")
    (tmp_path / "style.css").write_text("", "utf-8")
    assets = Assets(STATIC_DIR, tmp_path)
    assert assets.url("chart.js") == "/static/chart.js?v=6b86b273ff34fce1"
    assert assets.url("style.css") == Assets(STATIC_DIR).url("style.css")


def test_misspelt_static_file_is_a_mistake() -> None:
    """A page that names a static file that there is not cannot be rendered."""
    with pytest.raises(KeyError):
        Assets(STATIC_DIR).url("stile.css")


@pytest.mark.parametrize("target", ["/", "/a?b=c#d", "/a//b", "/中文"])
def test_local_paths_are_followed(target: str) -> None:
    """A path of this site is where it leads."""
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [None, "", "a", "//x", "http://x", "/\\x", "/\nx", "/\t/x", "\\/x", "/a\x7f", "javascript:x", "//[x"],
)
def test_foreign_targets_are_not_followed(target: str | None) -> None:
    """Anything that a browser might read as another site leads to the default."""
    assert local_path(target, "/home") == "/home"
