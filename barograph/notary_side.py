"""The notary as a part of an installation: running it, and what it has published."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from fastapi import APIRouter

from barograph.station import Station, opened_log, wall_clock
from ledger.log import TopicPartition
from ledger.merkle import ProofError
from ledger.notes import join_notes
from ledger.tree_file import TreeStoreError, trees_path
from ledger.tree_reader import TreeReader
from runtime.genesis import open_ledger
from runtime.home import Home, HomeError
from runtime.settings import Settings
from services.intake.receipts import Proof
from services.notary.api import tlog_api
from services.notary.following import RefusesToSignError, follow, opened_notary, refusal_sentence
from services.notary.witnessing import Witness, WitnessesError, parse_witnesses

_STANDBY_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class UnknownTreeError(Exception):
    """There is no such tree, or none was signed yet; the sentence says what to do."""


def trees_of(home: Home) -> TreeReader:
    """What the notary of a home has published."""
    return TreeReader(trees_path(home.path))


class TreeProofs:
    """Inclusion proofs for receipts (services.intake.receipts.Proofs), out of the published tiles."""

    def __init__(self, trees: TreeReader) -> None:
        self._trees = trees

    async def find(self, topic: str, partition: int, offset: int) -> Proof | None:
        """See services.intake.receipts.Proofs. Without a proof where the notary's file cannot be used."""
        return await asyncio.to_thread(self._find, TopicPartition(topic, partition), offset)

    def _find(self, at: TopicPartition, offset: int) -> Proof | None:
        try:
            found = self._trees.inclusion(at, offset)
        except (ProofError, TreeStoreError):
            return None
        return Proof(found.tree.note, tuple(hash_.hex() for hash_ in found.path))


def notary_router(station: Station) -> APIRouter:
    """The public routes below `/tlog`."""
    return tlog_api(trees_of(station.home))


async def notarise(station: Station, stop: asyncio.Event, *, alone: bool) -> None:
    """Run the notary until `stop`.

    `alone`, as a service of its own, it raises RefusesToSignError where the log changed, and TreeStoreError where
    another notary is at work. Beside other services it leaves them running, and stands by for the other notary.
    """
    witnesses = configured_witnesses(station.settings, station.home)
    ledger, standing_by = station.ledger.genesis.ledger, False
    while not stop.is_set():
        try:
            with opened_notary(station.home, station.log, ledger, wall_clock) as notary:
                await follow(notary, station.log, witnesses, stop, give_up=alone)
        except TreeStoreError as error:
            if alone:
                raise
            if not standing_by:
                _log.error("notary.does_not_sign", reason=str(error))
            standing_by = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _STANDBY_SECONDS)


def configured_witnesses(settings: Settings, home: Home) -> list[Witness]:
    """The witnesses of the settings and of the file `witnesses` in the home. Raises HomeError."""
    file = home.path / "witnesses"
    try:
        listed = file.read_text("utf-8") if file.is_file() else ""
        return parse_witnesses(f"{settings.witnesses}\n{listed}")
    except (OSError, UnicodeDecodeError, WitnessesError) as error:
        raise HomeError(f"the witnesses in BAROGRAPH_WITNESSES or {file} cannot be read: {error}") from error


async def sign_now(settings: Settings) -> None:
    """Sign every tree up to the log's end, once. Raises RefusesToSignError, TreeStoreError, LogError."""
    home = Home(settings.home)
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        with opened_notary(home, log, ledger.genesis.ledger, wall_clock) as notary:
            await notary.catch_up()
            if notary.refused:
                raise RefusesToSignError(refusal_sentence(notary))


def published(settings: Settings, name: str | None, *, vkeys: bool) -> str:
    """The checkpoint of one tree, or of all; or their verifier keys. Raises UnknownTreeError, TreeStoreError."""
    with contextlib.closing(trees_of(Home(settings.home))) as trees:
        chosen = [at for at in trees.trees() if name in (None, f"{at.topic}/{at.partition}")]
        if not chosen:
            raise UnknownTreeError(_none_of(name, trees.trees()))
        if vkeys:
            return "".join(f"{verifier.vkey}\n" for at in chosen for verifier in trees.verifiers(at))
        return join_notes(note for at in chosen if (note := trees.checkpoint(at)) is not None)


def refusals(trees: TreeReader) -> dict[str, str]:
    """`topic/partition` → why the notary signs it no further."""
    return {f"{at.topic}/{at.partition}": reason for at, reason in trees.refusals().items()}


def _none_of(name: str | None, trees: list[TopicPartition]) -> str:
    if not trees:
        return "nothing was signed yet: run 'barograph up' or 'barograph serve notary', or give --sign"
    return f"there is no tree {name}; 'barograph topics' lists the topics"
