"""Every forgery of the catalogue is found, by the check that says so in docs/explanation/threat-model.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.log import UnknownTopicError
from services.audit.evidence import NOTHING, Brought
from tests.tampering.forgeries import FORGERIES, append, promise, signed_by
from tests.tampering.house import (
    EVENTS,
    SUBMISSIONS,
    Finding,
    Installation,
    audit,
    build,
    findings,
    grow,
    rewrite_history,
    rotate,
)


async def test_nothing_is_found_where_nothing_was_done(forged: Installation) -> None:
    """The untouched installation passes, with every checkpoint and receipt that was handed out."""
    report = await audit(forged)
    assert findings(report) == []
    assert report.checks["checkpoints"].checked == len(forged.brought.checkpoints) > 0
    assert report.checks["receipts"].checked == len(forged.brought.receipts) > 0


@pytest.mark.parametrize("name", FORGERIES)
async def test_it_is_found(name: str, forged: Installation) -> None:
    """The audit fails with the finding that the catalogue names."""
    forge, expected = FORGERIES[name]
    forge(forged)
    report = await audit(forged)
    assert not report.ok
    assert expected in findings(report)


async def test_a_topic_taken_away_is_named(forged: Installation) -> None:
    """A topic that is gone ends the audit with its name."""
    with forged.log() as log:
        log.execute("UPDATE partitions SET topic = 'elsewhere' WHERE topic = ?", [EVENTS])
    with pytest.raises(UnknownTopicError, match=re.escape(EVENTS)):
        await audit(forged)


async def test_history_rewritten_with_every_key(forged: Installation) -> None:
    """Whoever has stolen every key can sign another history; a checkpoint handed out before tells."""
    await rewrite_history(forged)
    assert Finding("checkpoints", "other_history") in findings(await audit(forged))
    forged.brought = NOTHING
    assert findings(await audit(forged)) == []


async def test_a_roll_back_to_an_older_copy(tmp_path: Path) -> None:
    """An older copy of the whole home ends before a checkpoint that was handed out, and breaks promises."""
    older = await build(tmp_path / "older", halves=1)
    younger = older.copy(tmp_path / "younger")
    await grow(younger)
    older.brought, older.later = younger.brought, younger.later
    found = findings(await audit(older))
    assert Finding("checkpoints", "rolled_back") in found
    assert Finding("receipts", "broken_promise") in found


async def test_a_submission_under_a_retired_key(forged: Installation) -> None:
    """A key that was stolen, rotated out and retired signs nothing any more."""
    stolen = forged.key("intake")
    await rotate(forged)
    forge = append(SUBMISSIONS, signed_by(lambda _: stolen))
    forge(forged)
    found = findings(await audit(forged))
    assert Finding("signatures", "retired") in found


async def test_a_receipt_under_a_retired_key(forged: Installation) -> None:
    """A receipt that a retired key signed for a place after its end proves nothing."""
    stolen = forged.key("intake")
    await rotate(forged)
    late = promise(forged, forged.receipts[0], stolen, offset=100_000)
    forged.brought = Brought(receipts=(late, forged.receipts[1]))
    assert Finding("receipts", "retired_key") in findings(await audit(forged))
