"""Arbitrary histories of a submissions partition, for Hypothesis: sense, nonsense, retries and races."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from contracts import casework as w
from contracts import control as c
from contracts import doors as d
from contracts import grievance as g
from contracts import joint as j
from contracts import pausing as z
from contracts.base import DAY_MS, HOUR_MS, LAST_MS, Message
from contracts.workflow import stream_id
from ledger.log import Record
from tests.support.given import (
    ADMINISTRATOR,
    BEGINNING,
    CLERK,
    CLOCK,
    HANDLER,
    NEIGHBOUR,
    SEALED,
    SUPERVISOR,
    Who,
    lodge,
    open_import,
)
from tests.support.partitions import WHOLE, Extras, altered, case_of, intent, numbered, say

CASES = ("a", "b", "c")
OF_MANY: Mapping[str, Mapping[str, Any]] = {"c": {"petitioners": 40, "representatives": 4}}
"""Which of the cases is a joint petition."""
BATCHES = ("i", "j")
IMPORT = stream_id("imp", intent("i"))


class Intended(NamedTuple):
    """What somebody may want to say, and who."""

    body: Message
    by: Who


INTENDED: tuple[Intended, ...] = (
    Intended(g.AcceptV1(), HANDLER),
    Intended(g.AcceptV1(), CLERK),
    Intended(g.NotAcceptV1(reason="not_specific", remedy=SEALED), HANDLER),
    Intended(w.TriageV1(kind="request", severity="urgent"), CLERK),
    Intended(w.AskExtensionV1(note=SEALED), HANDLER),
    Intended(w.DecideExtensionV1(verdict="approve", note=SEALED), SUPERVISOR),
    Intended(z.PauseV1(reason="court", days=9, note=SEALED), SUPERVISOR),
    Intended(z.ResumeV1(note=SEALED), SUPERVISOR),
    Intended(j.StartJointHandlingV1(units=("demo", "next"), lead="demo", note=SEALED), HANDLER),
    Intended(j.RecordJointPartV1(unit="demo", note=SEALED), HANDLER),
    Intended(j.EndJointHandlingV1(note=SEALED), HANDLER),
    Intended(w.ReturnV1(note=SEALED), HANDLER),
    Intended(w.UrgeV1(note=SEALED), SUPERVISOR),
    Intended(w.EscalateV1(note=SEALED), HANDLER),
    Intended(d.NameRepresentativesV1(representatives=3), CLERK),
    Intended(g.AssignV1(handler=HANDLER.actor), HANDLER),
    Intended(g.ReferV1(zone="z2", note=SEALED), HANDLER),
    Intended(g.ReplyV1(reply=SEALED), CLERK),
    Intended(g.ReplyV1(reply=SEALED, closes=True), CLERK),
    Intended(g.ResolveV1(note=SEALED), HANDLER),
    Intended(g.CloseV1(outcome="answered"), HANDLER),
    Intended(g.ReopenV1(note=SEALED), HANDLER),
    Intended(g.RecordOccurrenceV1(kind="mass_incident", note=SEALED), CLERK),
    Intended(g.DeadlineDueV1(deadline="accept", due_at=BEGINNING + 15 * DAY_MS), CLOCK),
)


@st.composite
def case_records(draw: st.DrawFn) -> Record:
    """A lodging or a command about one of a few cases; few keys, so that some come twice or in conflict."""
    name = draw(st.sampled_from(CASES))
    at = BEGINNING + draw(st.integers(0, 20)) * DAY_MS
    batch = draw(st.sampled_from([None, None, None, *BATCHES]))
    told = at - draw(st.sampled_from([0, 0, 400 * DAY_MS]))
    basis = draw(st.sampled_from([WHOLE, WHOLE, WHOLE, 0]))
    tag = draw(st.sampled_from(["tag", "tag", "tag", "other"]))
    extras: Extras = {"told": told, "basis": basis, "bodytag": tag}
    if batch is not None:
        extras["batch"] = stream_id("imp", intent(batch))
    if draw(st.integers(0, 7)) == 0:
        return say(name, lodge(**OF_MANY.get(name, {})), at, **extras)
    chosen = draw(st.integers(0, len(INTENDED) - 1))
    body, extras["by"] = INTENDED[chosen]
    extras["subject"] = case_of(name)
    return say(f"{name} {chosen} {draw(st.integers(0, 1))}", body, at, **extras)


@st.composite
def control_records(draw: st.DrawFn) -> Record:
    """A heartbeat, the opening or closing of an import, or rules."""
    at = BEGINNING + draw(st.integers(0, 20)) * DAY_MS
    kind = draw(st.sampled_from(["heartbeat", "open", "close", "rules"]))
    batch = draw(st.sampled_from(BATCHES))
    match kind:
        case "heartbeat":
            hour = at // HOUR_MS - draw(st.integers(-1, 2))
            return say(f"beat {hour}", c.HeartbeatV1(hour=hour), at, by=CLOCK, subject="clock", unit="-")
        case "open":
            return say(batch, open_import(), at, subject=stream_id("imp", intent(batch)))
        case "close":
            closing = c.CloseImportV1(rows=1, bad_rows=0)
            return say(f"close {batch}", closing, at, subject=stream_id("imp", intent(batch)))
        case _:
            rules = c.ActivateRulesV1(rules=draw(st.sampled_from(["grievance-1", "grievance-9"])))
            return say(f"rules {rules.rules}", rules, at, by=ADMINISTRATOR, subject="rules", unit="-")


@st.composite
def strange_records(draw: st.DrawFn) -> Record:
    """Something that is no good submission."""
    record = draw(case_records())
    garbage = draw(st.binary(max_size=20))
    return draw(
        st.sampled_from(
            [
                record._replace(value=None),
                record._replace(value=garbage),
                record._replace(key=b"other"),
                record._replace(timestamp=-1),
                record._replace(timestamp=LAST_MS),
                altered(record, data={"channel": "pigeon"}),
                altered(record, type="grievance.shout.v1"),
                altered(record, unit=NEIGHBOUR)._replace(key=NEIGHBOUR.encode()),
                altered(record, time="once"),
            ]
        )
    )


PROLOGUE = (
    say("i", open_import(), subject=IMPORT),
    say("a", lodge(), told=BEGINNING - 500 * DAY_MS, batch=IMPORT),
    say("b", lodge()),
    say("c", lodge(**OF_MANY["c"])),
    say("b 0 0", g.AcceptV1(), by=HANDLER, subject=case_of("b")),
)
"""A good beginning: an open import with a case in it, and two live cases, one of them accepted."""


def histories(max_size: int = 30) -> st.SearchStrategy[list[Record]]:
    """A submissions partition: numbered records from offset 0 on, many of them after a good beginning."""
    records = st.one_of(case_records(), case_records(), case_records(), control_records(), strange_records())
    later = st.integers(0, max_size).flatmap(lambda n: st.lists(records, min_size=n, max_size=n))
    beginnings = st.integers(0, len(PROLOGUE)).map(lambda n: list(PROLOGUE[:n]))
    return st.builds(lambda first, rest: numbered([*first, *rest]), beginnings, later)
