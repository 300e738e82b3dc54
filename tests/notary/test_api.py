"""What the notary publishes: c2sp.org/tlog-tiles over HTTP, to be read by anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from ledger.entry import ENTRY_BYTES
from ledger.merkle import root
from ledger.notes import open_checkpoint, parse_vkey
from ledger.tiles import entries_of, hashes_of
from services.notary.api import tlog_api
from tests.notary.house import LEDGER, TREE, drafts, notary_over, opened_log, reading


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Visits the trees of a log with 600 records in t/1."""
    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(600))
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
    app = FastAPI()
    with reading(tmp_path) as trees:
        app.include_router(tlog_api(trees))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test/tlog/"
        ) as client:
            yield client


async def test_a_stranger_can_follow_the_index_to_the_entries(visitor: httpx.AsyncClient) -> None:
    """Key, checkpoint, tiles and entries lead to one another."""
    index = (await visitor.get("")).json()
    assert index["ledger"] == LEDGER
    tree = next(tree for tree in index["trees"] if (tree["topic"], tree["partition"]) == TREE)
    (vkey,) = tree["vkeys"]
    assert vkey in (await visitor.get("vkeys")).text.splitlines()
    answer = await visitor.get("t/1/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "no-cache" in answer.headers["cache-control"]
    checkpoint = open_checkpoint(answer.content, [parse_vkey(vkey)])
    assert (checkpoint.origin, checkpoint.size) == (tree["origin"], tree["size"])
    leaves = []
    for path in ("000", "001", "002.p/88"):
        answer = await visitor.get(f"t/1/tile/0/{path}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
        leaves += hashes_of(answer.content)
        entries = entries_of((await visitor.get(f"t/1/tile/entries/{path}")).content)
        assert {len(entry) for entry in entries} == {ENTRY_BYTES}
    assert root(leaves) == checkpoint.root


async def test_a_narrower_tile_is_there_still(visitor: httpx.AsyncClient) -> None:
    """That of an earlier checkpoint, though the tile has grown."""
    full = (await visitor.get("t/1/tile/0/000")).content
    assert (await visitor.get("t/1/tile/0/000.p/3")).content == full[:96]
    assert len((await visitor.get("t/1/tile/entries/001.p/7")).content) == 7 * 83


@pytest.mark.parametrize(
    "path",
    [
        "t/1/tile/0/002",
        "t/1/tile/0/002.p/89",
        "t/1/tile/0/003",
        "t/1/tile/1/000",
        "t/1/tile/1/000.p/3",
        "t/1/tile/2/000.p/1",
        "t/1/tile/entries/002",
        "t/1/tile/0/0",
        "t/1/tile/0/x999/x999/x999/x999/x999/x999/999",
        "t/1/tile/data/000",
        "t/1/tile/",
        "t/3/checkpoint",
        "t/01/checkpoint",
        "t/-1/checkpoint",
        "t/99999999999999999999999/checkpoint",
        "u/1/checkpoint",
        "t/1/other",
    ],
)
async def test_what_is_not_there_is_not_found(visitor: httpx.AsyncClient, path: str) -> None:
    """Whatever the reason; it must not be kept by a cache."""
    answer = await visitor.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("path", ["", "t/1/checkpoint", "t/1/tile/0/000"])
async def test_nothing_can_be_sent(visitor: httpx.AsyncClient, path: str) -> None:
    """GET only."""
    for method in ("POST", "PUT", "DELETE"):
        assert (await visitor.request(method, path)).status_code == 405
