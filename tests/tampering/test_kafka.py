"""The same on a real broker: an untouched copy passes, and a rewritten topic is found."""

from __future__ import annotations

import uuid

import pytest

from barograph.station import opened_log
from ledger.log import Draft
from runtime.settings import Settings
from tests.tampering.forgeries import FORGERIES
from tests.tampering.house import Finding, Installation, audit, findings, rewrite_history

ON_THE_LOG = (
    "a bit of a submission",
    "a middle submission dropped",
    "two decisions swapped",
    "a submission backdated",
    "an actor forged",
    "the last decision dropped",
)


async def move_to_kafka(at: Installation, bootstrap: str) -> None:
    """Write every record of the installation's log, as it is, to topics of its own on the broker."""
    address = f"kafka://{bootstrap}/t{uuid.uuid4().hex[:12]}"
    async with opened_log(at.settings) as source, opened_log(Settings(home=at.home, log=address)) as target:
        topics = await source.topics()
        await target.create_topics(topics)
        for topic, count in topics.items():
            for partition in range(count):
                drafts = [Draft(*record[1:]) for record in at.records(topic, partition)]
                await target.append(topic, partition, drafts)
    at.settings = Settings(home=at.home, log=address)


async def test_an_untouched_copy_passes(forged: Installation, kafka_bootstrap: str) -> None:
    """Records keep their offset, key, value and time, and so their proofs, on another log."""
    await move_to_kafka(forged, kafka_bootstrap)
    report = await audit(forged)
    assert findings(report) == []
    assert report.checks["integrity"].checked == report.records > 0


@pytest.mark.parametrize("name", ON_THE_LOG)
async def test_a_rewritten_topic_is_found(name: str, forged: Installation, kafka_bootstrap: str) -> None:
    """A topic written anew with one thing changed fails the audit as the catalogue says."""
    forge, expected = FORGERIES[name]
    forge(forged)
    await move_to_kafka(forged, kafka_bootstrap)
    assert expected in findings(await audit(forged))


async def test_a_history_signed_anew_is_found(forged: Installation, kafka_bootstrap: str) -> None:
    """Topics written, decided and signed anew with stolen keys differ from a checkpoint that was held."""
    await rewrite_history(forged)
    await move_to_kafka(forged, kafka_bootstrap)
    assert Finding("checkpoints", "other_history") in findings(await audit(forged))
