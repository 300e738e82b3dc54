"""What a case's row keeps of its terms and of what came after the reply, whatever event changed it. Pure."""

from __future__ import annotations

from typing import Any, Literal

from contracts.figures import HIDDEN, SET_ASIDE
from services.projections.rows import CaseRow

Unsettled = Literal["no_answer", "not_satisfied", "unrated"]


def kept(before: CaseRow, after: CaseRow, at: int, *, live: bool) -> dict[str, Any]:
    """The columns that follow from a step at this time (milliseconds); `live`: not inside an import.

    A term is met when the case leaves the status that it runs in, by whatever event.
    """
    changes: dict[str, Any] = {"unsettled": unsettled(after)}
    if after.status in SET_ASIDE and before.status not in SET_ASIDE:
        return changes | _set_aside(before, at)
    if before.status in SET_ASIDE and after.status not in SET_ASIDE:
        return changes | _back(after)
    if after.status == "transferred" or before.status == "transferred":
        return changes | terms_of(after)
    if after.status == HIDDEN:
        return changes
    if before.status == "lodged" and after.status != "lodged":
        changes["accept_met"] = at
    left = before.status == "accepted" and after.status != "accepted"
    if left:
        changes["handle_met"] = at
        late = before.handle_due is not None and at > before.handle_due
        changes["handle_missed"] = before.handle_missed or late
    elif after.status == "accepted":
        changes["handle_met"] = None
        changes["handle_due"] = after.due_at if after.due_deadline == "handle" else None
    ended = after.status == "closed" and after.replied_at is not None
    if ended and live and before.concluded_at is None:
        changes["concluded_at"] = at
    return changes


def _set_aside(before: CaseRow, at: int) -> dict[str, Any]:
    """What a withdrawal or a merge leaves of the term that ran: one that had passed stays missed, another is no more."""
    term = {"lodged": "accept_due", "accepted": "handle_due"}.get(before.status)
    end = None if term is None else getattr(before, term)
    if term is None or end is None:
        return {}
    return {term: None} if at <= end else {"handle_missed": before.handle_missed or term == "handle_due"}


def _back(row: CaseRow) -> dict[str, Any]:
    """The term that runs on when such an ending is undone."""
    term = {"accept": "accept_due", "handle": "handle_due"}.get(row.due_deadline or "")
    return {} if term is None else {term: row.due_at}


def terms_of(row: CaseRow) -> dict[str, Any]:
    """The terms of a case that came by transfer, or came back; of one that left they run where it went."""
    here = row.status != "transferred"
    accepting = here and row.due_deadline == "accept"
    handling = here and row.due_deadline == "handle"
    kept_accept = row.accept_due if row.accept_met is not None else None
    return {
        "accept_due": row.due_at if accepting else kept_accept,
        "handle_due": row.due_at if handling else None,
    }


def unsettled(row: CaseRow) -> Unsettled | None:
    """Why a closed case needs to be looked at again; None where it does not, or is not closed.

    What an import brought is not called unrated: nobody was asked.
    """
    if row.status != "closed":
        return None
    if row.replied_at is None and row.resolved_at is None:
        return "no_answer"
    if row.satisfaction == "not_satisfied":
        return "not_satisfied"
    return "unrated" if row.rated_reply < row.replies and row.batch is None else None
