"""Orders from outside: one case each, and a result that goes back."""

from __future__ import annotations

from contracts import grievance as g
from contracts import outside as o
from tests.support.given import CLERK, COMMUNITY, SEALED, accepted, given, lodge, lodged

ORDER = o.order_stream(COMMUNITY, "12345", "GD-2026-0001")
LODGE = lodge().model_copy(update={"source": "12345", "source_id": "GD-2026-0001"})
LODGED = lodged().model_copy(update={"source": "12345", "source_id": "GD-2026-0001"})
RETURN = o.RecordResultReturnedV1(manner="system", note=SEALED)
RETURNED = o.ResultReturnedV1(manner="system", note=SEALED)
REPLIED = g.RepliedV1(reply=SEALED)


def test_an_order_is_one_case_whoever_enters_it() -> None:
    """The case's id is of the community, the office and the number, so that a second entry meets the first."""
    given().when(LODGE, by=CLERK, subject=ORDER).accepted()
    given(LODGED).when(LODGE, by=CLERK, subject=ORDER).refused("already_exists", "source_id")


def test_an_order_cannot_be_lodged_as_another_case() -> None:
    """A lodging that names an order, under any other id, is refused."""
    given().when(LODGE, by=CLERK).refused("wrong_stream")
    given().when(lodge(), by=CLERK, subject=ORDER).refused("wrong_stream")


def test_how_a_number_is_written_makes_no_other_order() -> None:
    """Case, full width and spaces do not count; another number, office or community does."""
    assert o.order_stream(COMMUNITY, "12345", " gd-2026-0001 ") == ORDER
    assert o.order_stream(COMMUNITY, "12345", "ＧＤ-2026-0001") == ORDER
    others = {
        o.order_stream(COMMUNITY, "12345", "GD-2026-0002"),
        o.order_stream(COMMUNITY, "superior", "GD-2026-0001"),
        o.order_stream("next", "12345", "GD-2026-0001"),
    }
    assert len(others | {ORDER}) == 4


def test_an_order_has_a_number() -> None:
    """An outside office without a number is refused at the number's field."""
    bare = lodge().model_copy(update={"source": "12345"})
    given().when(bare, by=CLERK).refused("source_without_number", "source_id")


def test_a_result_goes_back_once() -> None:
    """It goes back when there is one, once, and again only after the case was opened again."""
    given(LODGED, accepted()).when(RETURN, by=CLERK).refused("no_result_yet")
    given(LODGED, accepted(), REPLIED).when(RETURN, by=CLERK).then(RETURNED)
    done = (LODGED, accepted(), REPLIED, g.ClosedV1(outcome="answered"), RETURNED)
    given(*done).when(RETURN, by=CLERK).refused("result_returned_already")
    reopened = g.ReopenedV1(note=SEALED, handle_due_at=accepted().handle_due_at)
    given(*done, reopened, REPLIED).when(RETURN, by=CLERK).then(RETURNED)


def test_a_case_that_came_in_here_owes_no_result() -> None:
    """Nothing goes back where no order came from."""
    given(lodged(), accepted(), REPLIED).when(RETURN, by=CLERK).refused("not_from_outside")
