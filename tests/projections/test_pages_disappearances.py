"""The ledger of disappearances: what stands on it, for whom, and as a file."""

from __future__ import annotations

import pytest

from contracts.disappearances import Ledger
from contracts.figures import Scope
from services.projections.disappearances import ledger
from services.projections.queries import case_by_id
from services.projections.schema import KEYS
from tests.projections.pages_house import NEIGHBOUR, NOTE, STAFF, UNIT, House, open_case

PATH = "/reports/disappearances"


def on_ledger(house: House) -> list[tuple[str, str]]:
    """What stands on the ledger, the oldest first, and of which case."""
    found = ledger(house.model, Scope(unit=UNIT))
    assert sum(found.counts.values()) == len(found.lines)
    return [(line.what, line.case) for line in reversed(found.lines)]


async def merged_and_back(house: House) -> tuple[str, str]:
    """A case that was merged into another and unmerged."""
    case, other = await open_case(house), await house.lodge(story="虚构：同一件事")
    await house.command(case, "merge", target=other, note=NOTE)
    await house.command(case, "unmerge", note=NOTE)
    return case, other


async def test_a_merge_and_its_undoing_both_stand(house: House) -> None:
    """The case stands as it stood, and the ledger still tells that it was merged, by whom and into which."""
    case, other = await merged_and_back(house)
    assert on_ledger(house) == [("merged", case), ("unmerged", case)]
    page = await house.visit("supervisor", PATH)
    assert page.status_code == 200
    assert STAFF["handler"][2] in page.text
    assert f"/cases/{other}" in page.text
    view = case_by_id(house.model, case)
    assert view is not None
    assert view.case.status == "lodged"


async def test_a_downgrade_tells_what_the_case_had_been(house: House) -> None:
    """A reclassification by a second person shows kind and severity before and after; a refused one is no line."""
    case = await open_case(house)
    await house.command(case, "triage", by="clerk", kind="request", severity="serious")
    for verdict in ("refuse", "approve"):
        await house.command(
            case, "propose_reclassification", kind="suggestion", severity="ordinary", note=NOTE
        )
        await house.command(case, "decide_reclassification", by="supervisor", verdict=verdict, note=NOTE)
    (line,) = ledger(house.model, Scope(unit=UNIT)).lines
    assert (line.what, line.was, line.became) == (
        "reclassified",
        ("request", "serious"),
        ("suggestion", "ordinary"),
    )


async def test_what_was_not_accepted_is_on_it(house: House) -> None:
    """With the reason, so that an auditor sees what was turned away and why."""
    case = await open_case(house)
    await house.command(case, "not_accept", reason="outside_remit", remedy=NOTE)
    (line,) = ledger(house.model, Scope(unit=UNIT)).lines
    assert (line.what, line.case, line.reason) == ("not_accepted", case, "outside_remit")


async def test_a_case_that_left_is_on_the_senders_ledger(house: House) -> None:
    """Of a transfer the sender's ledger tells where it went."""
    case = await open_case(house)
    await house.command(case, "transfer", to=NEIGHBOUR, note=NOTE)
    (line,) = ledger(house.model, Scope(unit=UNIT)).lines
    assert (line.what, line.case, line.goes_on) == ("transferred_out", case, NEIGHBOUR)


async def test_an_undone_wish_to_withdraw_had_taken_nothing_away(house: House) -> None:
    """What was only asked for is no disappearance, and neither is its taking back."""
    case = await open_case(house)
    await house.command(case, "ask_withdrawal", note=NOTE)
    assert on_ledger(house) == []


async def test_the_file_has_the_same_lines(house: House) -> None:
    """It reads as what it was written from, with the position of the log that it is of."""
    await merged_and_back(house)
    answer = await house.visit("auditor", f"{PATH}.json")
    found = Ledger.model_validate_json(answer.content)
    assert [line.what for line in found.lines] == ["unmerged", "merged"]
    assert found.counts["merged"] == 1
    assert found.as_of


async def test_an_auditor_reads_ids_for_names(house: House) -> None:
    """Names of staff are not on an auditor's page."""
    await merged_and_back(house)
    page = await house.visit("auditor", PATH)
    assert page.status_code == 200
    assert house.people["handler"] in page.text
    assert STAFF["handler"][2] not in page.text


@pytest.mark.parametrize(("who", "status"), [("clerk", 403), ("handler", 403), ("supervisor", 200)])
async def test_who_reads_it(house: House, who: str, status: int) -> None:
    """It is for who supervises and who audits."""
    assert (await house.visit(who, PATH)).status_code == status


async def test_a_month_that_is_none_is_said_at_the_field(house: House) -> None:
    """The form comes back with a sentence; the file is not found."""
    assert (await house.visit("supervisor", f"{PATH}?month=July")).status_code == 422
    assert (await house.visit("supervisor", f"{PATH}.json?month=July")).status_code == 404


def test_every_row_has_its_place() -> None:
    """A line of the ledger is named by the event that it is."""
    assert KEYS["disappearances"] == KEYS["case_events"]
