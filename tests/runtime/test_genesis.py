"""A ledger that this version cannot serve is refused at the start, with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.genesis import encode_genesis
from contracts.topics import LEDGER_TOPIC
from ledger.log import Draft, ForeignLogError
from ledger.sqlite import SqliteLog
from runtime.genesis import open_ledger
from tests.support.ledger import DemoLedger


async def test_a_ledger_without_a_family_is_refused(tmp_path: Path) -> None:
    """A genesis that names no rules for a family of this version is told so, by the family's name."""
    demo = DemoLedger()
    rules = {family: version for family, version in demo.genesis.rules.items() if family != "people"}
    older = demo.genesis.model_copy(update={"rules": rules})
    async with SqliteLog(tmp_path / "log.sqlite") as log:
        await log.create_topics(older.topics)
        await log.append(LEDGER_TOPIC, 0, [Draft(0, None, encode_genesis(older))])
        with pytest.raises(ForeignLogError, match="people"):
            await open_ledger(log)
