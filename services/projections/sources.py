"""What the pages of the read side read from, and who reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.vault import Vault
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from services.projections.access import AccessLog
from services.projections.projector import Projector
from services.projections.reading import NameOf, Reader, reader_of
from services.projections.similar import SimilarCases
from services.projections.store import ReadModel
from web.actor import Actor
from web.pages import Pages


@dataclass(frozen=True, slots=True)
class Sources:
    """What the pages read from, and where readings go on record.

    `clock`: milliseconds since the epoch; `name_of`: names of staff; `similar`: where cases that may be the
    same are found, None where nobody looks for them.
    """

    model: ReadModel
    projector: Projector
    register: RegisterReader
    vault: Vault
    name_of: NameOf
    clock: Callable[[], int]
    access: AccessLog
    similar: SimilarCases | None = None


class ReaderPages:
    """Pages whose contents depend on who reads them."""

    def __init__(self, pages: Pages, sources: Sources) -> None:
        self._pages = pages
        self._sources = sources

    async def _reader(self, actor: Actor) -> Reader:
        """Who reads, by the register as last seen."""
        return reader_of(await last_seen(self._sources.register), actor, self._sources.clock())
