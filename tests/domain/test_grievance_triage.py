"""Triage: what kind of matter a case is, said once, before it is accepted or not."""

from __future__ import annotations

from contracts import casework as w
from contracts import grievance as g
from tests.support.given import CATEGORY, CLERK, SEALED, accepted, given, lodged, policy

TRIAGE = w.TriageV1(kind="suggestion", severity="urgent", category=CATEGORY)
TRIAGED = w.TriagedV1(kind="suggestion", severity="urgent", category=CATEGORY)


def test_triage_says_kind_severity_and_category() -> None:
    """A lodged case is triaged: the event holds what was said."""
    given(lodged()).when(TRIAGE, by=CLERK).then(TRIAGED)


def test_triage_is_said_once() -> None:
    """A second triage is refused: what was said is changed only by reclassification."""
    given(lodged(), TRIAGED).when(TRIAGE).refused("triaged_already")


def test_triage_comes_before_acceptance() -> None:
    """A case that was accepted is no longer triaged."""
    given(lodged(), accepted()).when(TRIAGE).refused("not_lodged_state")


def test_triage_names_a_category_of_the_tree() -> None:
    """A category that is not in the tree in force is refused at its field."""
    unknown = w.TriageV1(kind="request", severity="ordinary", category="rivers")
    given(lodged()).when(unknown).refused("unknown_category", field="category")


def test_a_triaged_case_is_accepted_or_not_as_before() -> None:
    """Triage decides nothing about whose business it is: the other remedy is named by not accepting."""
    given(lodged(), TRIAGED).when(g.AcceptV1()).accepted()
    given(lodged(), TRIAGED).when(g.NotAcceptV1(reason="outside_remit", remedy=SEALED)).accepted()


def test_a_policy_of_before_is_read() -> None:
    """A policy entered before there was triage can be read, and entitles nobody to it."""
    terms = policy().terms
    old = {name: terms[name] for name in ("accept_days", "handle_days")}
    old["permissions"] = {name: roles for name, roles in terms["permissions"].items() if name != "triage"}
    held = policy().model_copy(update={"terms": old})
    given(held, lodged()).when(TRIAGE).refused("not_entitled")
    given(held, lodged()).when(g.AcceptV1()).accepted()
