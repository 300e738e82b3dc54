"""Asking witnesses to cosign checkpoints. Source: c2sp.org/tlog-witness, add-checkpoint."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from ledger.log import TopicPartition
from ledger.notes import COSIGNATURE, NoteError, Verifier, hash_lines, open_note, parse_size, parse_vkey
from ledger.tree_reader import SignedTree
from ledger.tree_store import TreeStore

_TIMEOUT_SECONDS = 10.0
_MAX_ANSWER_BYTES = 64 * 1024
_OK, _CONFLICT = 200, 409
_REST_ROUNDS = 30
"""A witness that failed, or said no, is left alone for so many rounds."""

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

    def __init__(
        self,
        store: TreeStore,
        witnesses: Sequence[Witness],
        post: Callable[[str, bytes], tuple[int, str]] | None = None,
    ) -> None:
        """`post` sends a body to an address and gives status and answer; raises OSError."""
        self._store = store
        self._post = post or posted
        self._witnesses = witnesses
        self._resting: dict[tuple[str, TopicPartition | None], int] = {}

    async def ask_all(self) -> None:
        """Ask for what is lacking. A witness that does not answer, or says no, is logged and asked later."""
        self._resting = {what: rounds - 1 for what, rounds in self._resting.items() if rounds > 1}
        for witness in self._witnesses:
            if (witness.verifier.vkey, None) not in self._resting:
                await asyncio.to_thread(self._ask, witness)

    def _ask(self, witness: Witness) -> None:
        vkey = witness.verifier.vkey
        for at in self._store.trees():
            latest = self._store.latest(at)
            is_done = latest is None or not latest.size or vkey in self._store.cosignatures(at, latest.size)
            if latest is None or is_done or (vkey, at) in self._resting:
                continue
            try:
                self._cosign(witness, at, latest)
            except (ValueError, http.client.HTTPException) as error:
                self._rest(witness, at, error)
            except OSError as error:
                self._rest(witness, None, error)
                return

    def _rest(self, witness: Witness, at: TopicPartition | None, error: Exception) -> None:
        self._resting[witness.verifier.vkey, at] = _REST_ROUNDS
        tree = None if at is None else f"{at.topic}/{at.partition}"
        reason = str(error)[:200]
        _log.warning("notary.witness_did_not_cosign", witness=witness.verifier.name, tree=tree, reason=reason)

    def _cosign(self, witness: Witness, at: TopicPartition, latest: SignedTree) -> None:
        """Ask for one tree. Raises OSError where the witness is away, ValueError where it says no."""
        vkey = witness.verifier.vkey
        status, answer = self._asked(witness, at, latest, self._store.last_cosigned(at, vkey))
        if status == _CONFLICT:
            status, answer = self._asked(witness, at, latest, parse_size(answer.strip()))
        if status != _OK:
            raise NoteError(f"it answered {status}")
        note = open_note(latest.note + answer, [witness.verifier])
        self._store.add_cosignature(at, latest.size, vkey, note.signatures[0].line())

    def _asked(self, witness: Witness, at: TopicPartition, latest: SignedTree, old: int) -> tuple[int, str]:
        if old > latest.size:
            _log.error("notary.witness_saw_a_larger_tree", topic=at.topic, partition=at.partition, size=old)
            raise NoteError(f"it has seen {old} records: was the notary rolled back?")
        proof = self._store.consistency(at, old, latest.size).path if old else []
        body = f"old {old}\n{hash_lines(proof)}\n{latest.note}"
        return self._post(f"{witness.url}/add-checkpoint", body.encode())


def posted(url: str, body: bytes) -> tuple[int, str]:
    """POST; return status and body. Raises OSError. The address is the operator's, http or https."""
    request = urllib.request.Request(url, body, {"Content-Type": "text/plain"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            return response.status, response.read(_MAX_ANSWER_BYTES).decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(_MAX_ANSWER_BYTES).decode(errors="replace")
