"""A small witness: it cosigns a checkpoint only where the tree has grown from the last one that it cosigned.

Sources: c2sp.org/tlog-witness (add-checkpoint, monitor retrieval), c2sp.org/tlog-cosignature (v1).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from ledger.merkle import EMPTY_ROOT, ProofError, verify_consistency
from ledger.notes import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteError,
    Verifier,
    cosign,
    open_note,
    parse_checkpoint,
    parse_hash,
    parse_note,
    parse_size,
    parse_vkey,
    signer_of,
    verifier_of,
)
from ledger.tree_file import connect, transaction

MAX_PROOF_LINES = 63
MAX_BODY_BYTES = MAX_NOTE_BYTES + 4096
_KEY_BYTES = 32
_SHAPE = "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, hash TEXT, size INTEGER, root BLOB, note TEXT) STRICT"
OK, BAD, FORBIDDEN, UNKNOWN, CONFLICT, INCONSISTENT = 200, 400, 403, 404, 409, 422


class WitnessError(Exception):
    """The witness's folder or its list of logs cannot be used; the sentence says what to do."""


class Answer(NamedTuple):
    """What a request is answered with."""

    status: int
    text: str
    media_type: str = "text/plain"


class _Asked(NamedTuple):
    """A request to cosign: the size it says was cosigned last, the proof from there, the note."""

    old: int
    proof: list[bytes]
    note: str


class Witness:
    """Cosigns the trees of known logs. What it cosigned last of each is durable before it answers."""

    def __init__(
        self, state: Path, name: str, logs: Mapping[str, Sequence[Verifier]], clock: Callable[[], int]
    ) -> None:
        """`logs`: origin → keys; `clock`: seconds since the epoch. Raises WitnessError."""
        self.name = name
        self._logs = logs
        self._clock = clock
        self._key = _key_of(state)
        try:
            self._seen = connect(state / "witness.sqlite")
            self._seen.execute("PRAGMA journal_mode = WAL")
            self._seen.execute(_SHAPE)
        except sqlite3.Error as error:
            raise WitnessError(f"the witness's folder {state} cannot be used: {error}") from error
        try:
            self.vkey = verifier_of(name, self._key, COSIGNATURE).vkey
        except NoteError as error:
            raise WitnessError(f"the witness cannot have this name: {error}") from error

    def close(self) -> None:
        """Let go of the folder."""
        self._seen.close()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a checkpoint, or say why not."""
        try:
            asked = _parsed(body)
            checkpoint = parse_checkpoint(parse_note(asked.note).text)
        except NoteError as error:
            return _no(BAD, error)
        if checkpoint.origin not in self._logs:
            return _no(UNKNOWN, "this log is not known here")
        try:
            note = open_note(asked.note, self._logs[checkpoint.origin])
        except NoteError as error:
            return _no(FORBIDDEN, error)
        if asked.old > checkpoint.size:
            return _no(BAD, "the old size is larger than the checkpoint's")
        # The size is compared and the new one kept in one transaction: of two requests one is answered 409.
        with transaction(self._seen):
            size, root = self._last(checkpoint.origin)
            if asked.old != size:
                return Answer(CONFLICT, f"{size}\n", "text/x.tlog.size")
            try:
                _check_growth(asked, checkpoint, root)
            except ProofError as error:
                return _no(INCONSISTENT, error)
            line = cosign(note.text, self.name, self._key, self._clock()).line()
            self._keep(checkpoint, note.encode() + line)
        return Answer(OK, line)

    def checkpoint(self, origin_hash: str) -> Answer:
        """The last checkpoint cosigned of the log whose origin has this SHA-256, in hexadecimal."""
        rows = self._seen.execute("SELECT note FROM seen WHERE hash = ?", (origin_hash,)).fetchall()
        return Answer(OK, rows[0][0]) if rows else _no(UNKNOWN, "nothing was cosigned of this log")

    def _last(self, origin: str) -> tuple[int, bytes]:
        rows = self._seen.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchall()
        return rows[0] if rows else (0, EMPTY_ROOT)

    def _keep(self, checkpoint: Checkpoint, note: str) -> None:
        origin_hash = hashlib.sha256(checkpoint.origin.encode()).hexdigest()
        row = (checkpoint.origin, origin_hash, checkpoint.size, checkpoint.root, note)
        self._seen.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", row)


def witness_app(witness: Witness) -> FastAPI:
    """The witness over HTTP, at both prefixes `/`."""
    router = APIRouter()

    @router.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                return _response(_no(BAD, "the request is too long"))
        return _response(witness.add_checkpoint(body))

    @router.get("/{origin_hash}/checkpoint")
    async def checkpoint(origin_hash: str) -> Response:
        return _response(witness.checkpoint(origin_hash))

    app = FastAPI(title="Barograph witness", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)
    return app


def read_logs(file: Path) -> dict[str, list[Verifier]]:
    """Read the logs to witness: one verifier key on each line, its name being the origin. Raises WitnessError."""
    logs: dict[str, list[Verifier]] = {}
    try:
        for line in filter(None, file.read_text("utf-8").splitlines()):
            verifier = parse_vkey(line)
            logs.setdefault(verifier.name, []).append(verifier)
    except (OSError, ValueError) as error:
        raise WitnessError(f"the list of logs {file} cannot be read: {error}") from error
    return logs


def _parsed(body: bytes) -> _Asked:
    head, empty, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        text = note.decode()
    except UnicodeDecodeError:
        raise NoteError("the request is not text") from None
    if not empty or not first.startswith("old ") or len(lines) > MAX_PROOF_LINES:
        raise NoteError("the request is not an old size, up to 63 hashes, an empty line and a checkpoint")
    return _Asked(parse_size(first.removeprefix("old ")), [parse_hash(line) for line in lines], text)


def _check_growth(asked: _Asked, checkpoint: Checkpoint, root: bytes) -> None:
    """Raise ProofError where the checkpoint is not grown from what was cosigned last."""
    if asked.old:
        verify_consistency(asked.old, checkpoint.size, asked.proof, root, checkpoint.root)
    elif asked.proof:
        raise ProofError("there is no proof from an empty tree")
    elif not checkpoint.size and checkpoint.root != EMPTY_ROOT:
        raise ProofError("an empty tree has another root")


def _key_of(folder: Path) -> Ed25519PrivateKey:
    path = folder / "witness.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (
            contextlib.suppress(FileExistsError),
            os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            file.write(os.urandom(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        seed = path.read_bytes()
    except OSError as error:
        raise WitnessError(f"the witness's folder {folder} cannot be used: {error}") from error
    if len(seed) != _KEY_BYTES:
        raise WitnessError(f"{path} is damaged: restore it from a copy")
    return signer_of(seed)


def _no(status: int, why: object) -> Answer:
    return Answer(status, f"{why}\n")


def _response(answer: Answer) -> Response:
    if answer.media_type == "text/plain":
        return PlainTextResponse(answer.text, answer.status)
    # Starlette would add a charset to a text type.
    return Response(answer.text, answer.status, {"Content-Type": answer.media_type})
