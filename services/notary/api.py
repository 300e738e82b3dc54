"""What the notary publishes, to be read by anybody: `/tlog/`. Source: c2sp.org/tlog-tiles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from ledger.log import TopicPartition
from ledger.tiles import TileError, parse_tile_path
from ledger.tree_file import origin_of
from ledger.tree_reader import TreeReader

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_KEPT = {"Cache-Control": "no-cache"}
_TILE = "application/octet-stream"
_MAX_PARTITION = 2**31


def tlog_api(trees: TreeReader) -> APIRouter:
    """Checkpoints, tiles and entry bundles of every tree, and an index of them. GET only, no sign-in."""
    router = APIRouter(prefix="/tlog", tags=["tlog"])

    @router.get("/")
    def index() -> JSONResponse:
        """Every tree: origin, verifier keys (the one in force last), size, and whether it is refused."""
        return JSONResponse({"ledger": trees.ledger(), "trees": _index(trees)}, headers=_NOT_KEPT)

    @router.get("/vkeys")
    def vkeys() -> PlainTextResponse:
        """The verifier keys of every tree, one on each line."""
        lines = (f"{verifier.vkey}\n" for at in trees.trees() for verifier in trees.verifiers(at))
        return PlainTextResponse("".join(lines), headers=_NOT_KEPT)

    @router.get("/{topic}/{partition}/checkpoint")
    def checkpoint(topic: str, partition: str) -> PlainTextResponse:
        """The last checkpoint with its cosignatures."""
        at = _place(topic, partition)
        note = None if at is None else trees.checkpoint(at)
        return _absent() if note is None else PlainTextResponse(note, headers=_NOT_KEPT)

    @router.get("/{topic}/{partition}/tile/{path:path}")
    def tile(topic: str, partition: str, path: str) -> Response:
        """A tile, or an entry bundle."""
        at = _place(topic, partition)
        try:
            content = None if at is None else trees.tile(at, parse_tile_path(path))
        except TileError:
            return _absent()
        return _absent() if content is None else Response(content, media_type=_TILE, headers=_FOR_EVER)

    return router


def _index(trees: TreeReader) -> list[dict[str, Any]]:
    ledger, refused = trees.ledger() or "", trees.refusals()
    found = []
    for at in trees.trees():
        latest = trees.latest(at)
        found.append(
            {
                "topic": at.topic,
                "partition": at.partition,
                "origin": origin_of(ledger, at),
                "vkeys": [verifier.vkey for verifier in trees.verifiers(at)],
                "size": latest.size if latest else 0,
                "refused": refused.get(at),
            }
        )
    return found


def _place(topic: str, partition: str) -> TopicPartition | None:
    """The partition that a path names; each has one path."""
    if not (partition.isascii() and partition.isdigit() and len(partition) < len(str(_MAX_PARTITION))):
        return None
    return TopicPartition(topic, int(partition)) if str(int(partition)) == partition else None


def _absent() -> PlainTextResponse:
    return PlainTextResponse("not found\n", status_code=404, headers=_NOT_KEPT)
