"""Asking witnesses to cosign checkpoints. Source: c2sp.org/tlog-witness, add-checkpoint."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from ledger.log import TopicPartition
from ledger.merkle import ProofError
from ledger.notes import COSIGNATURE, NoteError, Verifier, hash_lines, open_note, parse_size, parse_vkey
from ledger.tree_reader import SignedTree
from ledger.tree_store import TreeStore

_TIMEOUT_SECONDS = 10.0
_MAX_ANSWER_BYTES = 64 * 1024
_OK, _CONFLICT = 200, 409
_REST_ROUNDS = 30
"""A witness that failed is left alone for so many rounds."""

_log = structlog.get_logger(__name__)


class WitnessesError(ValueError):
    """The list of witnesses cannot be read; the sentence says which line."""


class Witness(NamedTuple):
    """A witness that is trusted to cosign, and the submission prefix where it is asked."""

    verifier: Verifier
    url: str


def parse_witnesses(text: str) -> list[Witness]:
    """Read lines of `vkey URL`; empty ones and comments (#) are left out. Raises WitnessesError."""
    found = []
    for number, line in enumerate(text.replace(";", "\n").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            vkey, url = words
            verifier = parse_vkey(vkey)
        except ValueError as error:
            raise WitnessesError(f"witness {number} is not 'VKEY URL': {error}") from None
        if verifier.key_type != COSIGNATURE or not url.startswith(("http://", "https://")):
            raise WitnessesError(f"witness {number} has no cosignature key (type 4), or no http address")
        found.append(Witness(verifier, url.rstrip("/")))
    return found


class Witnessing:
    """Keeps the last checkpoint of each tree cosigned by each witness."""

    def __init__(self, store: TreeStore, witnesses: Sequence[Witness]) -> None:
        self._store = store
        self._witnesses = witnesses
        self._resting: dict[str, int] = {}

    async def ask_all(self) -> None:
        """Ask for what is lacking. A witness that does not answer, or says no, is logged and asked later."""
        for witness in self._witnesses:
            name = witness.verifier.name
            if self._resting.get(name, 0):
                self._resting[name] -= 1
                continue
            try:
                await asyncio.to_thread(self._ask, witness)
            except (OSError, ValueError, ProofError) as error:
                self._resting[name] = _REST_ROUNDS
                _log.warning("notary.witness_did_not_cosign", witness=name, reason=str(error)[:200])

    def _ask(self, witness: Witness) -> None:
        for at in self._store.trees():
            latest = self._store.latest(at)
            vkey = witness.verifier.vkey
            if latest is None or not latest.size or vkey in self._store.cosignatures(at, latest.size):
                continue
            old = self._store.last_cosigned(at, vkey)
            status, answer = self._post(witness, at, latest, old)
            if status == _CONFLICT:
                old = parse_size(answer.strip())
                status, answer = self._post(witness, at, latest, old)
            if status != _OK:
                raise NoteError(f"it answered {status} for {at.topic}/{at.partition}")
            note = open_note(latest.note + answer, [witness.verifier])
            self._store.add_cosignature(at, latest.size, vkey, note.signatures[0].line())

    def _post(self, witness: Witness, at: TopicPartition, latest: SignedTree, old: int) -> tuple[int, str]:
        if old > latest.size:
            _log.error("notary.witness_saw_a_larger_tree", topic=at.topic, partition=at.partition, size=old)
            raise NoteError(
                f"it has seen {old} records of {at.topic}/{at.partition}: was the notary rolled back?"
            )
        proof = self._store.consistency(at, old, latest.size).path if old else []
        body = f"old {old}\n{hash_lines(proof)}\n{latest.note}"
        return _posted(f"{witness.url}/add-checkpoint", body.encode())


def _posted(url: str, body: bytes) -> tuple[int, str]:
    """POST; return status and body. Raises OSError. The address is the operator's, http or https."""
    request = urllib.request.Request(url, body, {"Content-Type": "text/plain"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            return response.status, response.read(_MAX_ANSWER_BYTES).decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(_MAX_ANSWER_BYTES).decode(errors="replace")
