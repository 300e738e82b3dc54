"""A whole mediation on a real broker: the same pages, rules and dossier as on one file (invariant 19)."""

from __future__ import annotations

import uuid
from pathlib import Path

from runtime.settings import Settings
from tests.mediation.conftest import add_mediators, mediating_in
from tests.mediation.test_dossier import bundle_of
from tests.mediation.test_files import CONTENT, NAME, attach
from tests.projections.pages_house import fill_home, opened_house


async def test_a_mediation_is_seen_through_on_kafka(kafka_bootstrap: str, tmp_path: Path) -> None:
    """From the application over signatures, performance and visit to the close, with a dossier whose places are the broker's."""
    made, log = tmp_path / "made", f"kafka://{kafka_bootstrap}/test-{uuid.uuid4().hex}"
    await fill_home(Settings(home=made, log=log))
    await add_mediators(Settings(home=made, log=log))
    async with opened_house(made, tmp_path / "opened", log) as house:
        mediating = mediating_in(house)
        at = await mediating.start()
        assert (await attach(mediating, "clerk", at)).status_code == 303
        await mediating.sign(at, await mediating.draw_up(at))
        assert (await mediating.row(at)).status == "agreed"
        told = {"obligation": "1", "amount": "3000", "note": "付清。（虚构）"}
        await mediating.say("clerk", at, "record_performance", **told)
        await mediating.say(
            "clerk", at, "record_performance", obligation="2", whole="yes", note="修好。（虚构）"
        )
        await mediating.say("clerk", at, "record_visit", met="yes", note="都好。（虚构）")
        assert "Closed" in await mediating.say("mediator", at, "close")
        row = await mediating.row(at)
        assert (row.status, row.paid, row.settled) == ("closed", 300_000, 2)
        files, manifest = await bundle_of(mediating, at)
        assert files[f"files/3-identity/01-{NAME}"] == CONTENT
        events = [event for paper in manifest["papers"] for event in paper["events"]]
        assert len(events) > 15
        for event in events:
            (record,) = await house.station.log.read(
                manifest["topic"], event["partition"], event["offset"], 1
            )
            assert event["type"].encode() in (record.value or b"")
