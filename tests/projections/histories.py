"""Arbitrary lives of a few cases, lived in order of time, live and by import, in two communities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from contracts import aftercare as a
from contracts import casework as w
from contracts import doors as d
from contracts import grievance as g
from contracts import joint as j
from contracts import pausing as z
from contracts import register as r
from contracts.base import DAY_MS, Message
from contracts.workflow import Reference
from services.grievance.case import Case, live_due
from services.grievance.policy import default_policy
from tests.support.community import RESIDENT
from tests.support.ledger import (
    ADMINISTRATOR,
    CLERK,
    HANDLER,
    NEIGHBOUR,
    OTHER_HANDLER,
    SEALED,
    SUPERVISOR,
    UNIT,
    ZONES,
    DemoLedger,
)

SATISFACTIONS: tuple[a.Satisfaction, ...] = ("satisfied", "fairly", "not_satisfied")
KINDS: tuple[g.OccurrenceKind, ...] = ("collective_petition", "mass_incident", "heinous_crime")


class Step(NamedTuple):
    """Something that happens `days` after what happened before: `what` to which `case`, in which way.

    `told` days earlier where it is a lodging or told by import.
    """

    what: str
    case: int
    days: float
    told: float
    way: int


WHAT = (
    *("go on",) * 12,
    "lodge",
    "lodge",
    "lodge by import",
    "lodge by import",
    "reply by import",
    "reply by import",
    "accept",
    "accept",
    "triage",
    "accept by import",
    "not accept",
    "assign",
    "refer",
    "reply",
    *("serve",) * 3,
    *("review",) * 2,
    *("answer review",) * 2,
    "triage",
    "propose class",
    "propose class",
    "decide class",
    "recuse",
    "ask extension",
    "ask extension",
    "decide extension",
    "decide extension",
    "refer",
    "return",
    "start joint",
    "joint part",
    "end joint",
    "urge",
    "pause",
    "pause",
    "resume",
    "deadline",
    "escalate",
    "escalate by rule",
    "escalate by rule",
    "resolve",
    "close",
    "close",
    "reopen",
    "occurrence",
    "deadline",
    "deadline",
    "heartbeat",
    "repeat",
    "junk",
    "close import",
    "policy",
    "inform",
    "represent",
    "represent",
    *("rate",) * 3,
    "follow up",
)

STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(WHAT),
        case=st.integers(0, 3),
        days=st.sampled_from([0, 0, 0.001, 1, 15, 16, 61]),
        told=st.sampled_from([0, 1, 15, 16, 60, 61, 400]),
        way=st.integers(0, 3),
    ),
    min_size=6,
    max_size=40,
)


def live(steps: Sequence[Step]) -> DemoLedger:
    """The ledger in which all this happened; what the rules refuse is on record as refused."""
    life = _Life(DemoLedger())
    for step in steps:
        life.take(step)
    return life.demo


class _Life:
    def __init__(self, demo: DemoLedger) -> None:
        self.demo = demo
        demo.submit(r.DefineUnitV1(unit="city", name="City", tier="city"))
        demo.submit(r.DefineUnitV1(unit="street", name="Street", tier="street", parent="city"))
        demo.submit(r.DefineUnitV1(unit=UNIT, name="Demo", tier="community", parent="street"))
        self.cases: list[tuple[str, str]] = []
        self.batches: dict[str, str] = {}

    def take(self, step: Step) -> None:
        self.demo.now += round(step.days * DAY_MS)
        told = self.demo.now - round(step.told * DAY_MS)
        unit = NEIGHBOUR if step.way == 0 else UNIT
        match step.what:
            case "lodge":
                self._lodge(step, unit, told=told)
            case "lodge by import":
                self._lodge(step, unit, told=told, batch=self._batch(unit))
            case "close import":
                if unit in self.batches:
                    self.demo.close_import(self.batches.pop(unit), rows=step.way, unit=unit)
            case "heartbeat":
                self.demo.heartbeat(unit)
            case "junk":
                self.demo.put("grievance.submissions", self.demo.place_of("grievance", unit), b"junk")
                self.demo.decide("grievance", self.demo.place_of("grievance", unit))
            case "policy":
                self._change_terms(step)
            case _ if self.cases:
                self._about_a_case(step, told)

    def _about_a_case(self, step: Step, told: int) -> None:
        case, unit = self.cases[step.case % len(self.cases)]
        match step.what:
            case "reply by import" | "accept by import":
                reply = step.what.startswith("reply")
                said: Message = g.ReplyV1(reply=SEALED, closes=True) if reply else g.AcceptV1()
                batch = self._batch(unit)
                self.demo.submit(said, subject=case, unit=unit, by=CLERK, told=told, batch=batch)
            case "go on":
                self.demo.submit(self._next(case, unit), subject=case, unit=unit)
            case "deadline":
                due = self._due(case, unit)
                if due is not None:
                    body = g.DeadlineDueV1(deadline=due[0], due_at=due[1])
                    self.demo.submit(body, subject=case, unit=unit)
            case "escalate by rule":
                state = case_state(self.demo, case, unit)
                if state is not None and state.life.escalate_at is not None:
                    tick = g.DeadlineDueV1(deadline="escalate", due_at=state.life.escalate_at)
                    self.demo.submit(tick, subject=case, unit=unit)
            case "inform":
                self.demo.submit(a.AddInformationV1(note=SEALED), subject=case, unit=unit, by=RESIDENT)
            case "rate":
                rating = a.RateV1(satisfaction=SATISFACTIONS[step.way % 3])
                self.demo.submit(rating, subject=case, unit=unit, by=RESIDENT)
            case "follow up":
                asked = a.RecordFollowUpV1(reached="reached", note=SEALED)
                self.demo.submit(asked, subject=case, unit=unit, by=CLERK)
            case "repeat":
                again = self.demo.submit(g.AcceptV1(), subject=case, unit=unit).submission
                self.demo.submit(g.AcceptV1(), subject=case, unit=unit, id=again.id)
            case supervised if supervised in _SUPERVISED:
                said = _SUPERVISED[supervised](step)
                self.demo.submit(said, subject=case, unit=unit, by=SUPERVISOR)
            case _:
                self.demo.submit(_command(step), subject=case, unit=unit)

    def _next(self, case: str, unit: str) -> Message:
        """What usually happens next to a case."""
        state = case_state(self.demo, case, unit)
        if state is None or state.status == "lodged":
            return g.AcceptV1()
        if state.status == "closed":
            return g.ReopenV1(note=SEALED)
        return g.CloseV1(outcome="resolved") if state.answered else g.ReplyV1(reply=SEALED)

    def _lodge(self, step: Step, unit: str, told: int | None = None, batch: str | None = None) -> None:
        place: dict[str, Any] = (
            {"zone": ZONES[step.way - 1]} if unit == UNIT and step.way else {"zone_told": "K3"}
        )
        if step.case == 0:
            place = {}
        known = bool(self.cases) and batch is not None and step.case == 1
        first = self.cases[0][0] if known else None
        # Every third case is a joint petition, those of some by letter.
        door = {
            "channel": "letter" if step.way % 2 else "counter",
            "petitioners": 10 + step.way,
            "representatives": 2,
        }
        place |= door if step.case % 3 == 1 else {}
        case = self.demo.lodge(
            unit=unit, told=told, batch=batch, **({"zone": None} | place), duplicate_of=first, title=SEALED
        )
        self.cases.append((case, unit))

    def _batch(self, unit: str) -> str:
        if unit not in self.batches:
            self.batches[unit] = self.demo.open_import(unit)
        return self.batches[unit]

    def _due(self, case: str, unit: str) -> tuple[g.Deadline, int] | None:
        state = case_state(self.demo, case, unit)
        return None if state is None else live_due(state, reference(self.demo, unit))

    def _change_terms(self, step: Step) -> None:
        policy = default_policy()
        terms = policy.terms | {"accept_days": 10 + step.way, "handle_days": 50 + step.way}
        self.demo.submit(policy.model_copy(update={"terms": terms}), by=ADMINISTRATOR)


_SUPERVISED: Mapping[str, Callable[[Step], Message]] = {
    "decide extension": lambda step: w.DecideExtensionV1(
        verdict="refuse" if step.way == 0 else "approve", note=SEALED
    ),
    "answer review": lambda _step: w.AnswerReviewV1(result="changed", note=SEALED),
    "decide class": lambda _step: w.DecideReclassificationV1(verdict="approve", note=SEALED),
    "pause": lambda step: z.PauseV1(reason="appraisal", days=10 * step.way + 1, note=SEALED),
    "resume": lambda _step: z.ResumeV1(note=SEALED),
    "represent": lambda step: d.NameRepresentativesV1(representatives=step.way + 1),
    "urge": lambda _step: w.UrgeV1(note=SEALED),
}
"""What a supervisor says."""


def _command(step: Step) -> Message:
    commands: dict[str, Message] = {
        "accept": g.AcceptV1(),
        "triage": w.TriageV1(kind="request", severity="urgent", category=("roads", None)[step.way % 2]),
        "not accept": g.NotAcceptV1(reason="not_specific", remedy=SEALED),
        "assign": g.AssignV1(handler=(HANDLER, OTHER_HANDLER)[step.way % 2].actor),
        "propose class": w.ProposeReclassificationV1(
            kind="suggestion", severity="ordinary", category=(None, "noise")[step.way % 2], note=SEALED
        ),
        "recuse": w.RecuseV1(handler=(HANDLER, OTHER_HANDLER)[step.way % 2].actor, note=SEALED),
        "serve": w.RecordServiceV1(
            result="failed" if step.way == 0 else "served", manner="post", recipient="complainant"
        ),
        "review": w.RequestReviewV1(note=SEALED),
        "start joint": j.StartJointHandlingV1(units=(UNIT, NEIGHBOUR), lead=UNIT, note=SEALED),
        "joint part": j.RecordJointPartV1(unit=(UNIT, NEIGHBOUR)[step.way % 2], note=SEALED),
        "end joint": j.EndJointHandlingV1(note=SEALED),
        "return": w.ReturnV1(note=SEALED),
        "ask extension": w.AskExtensionV1(note=SEALED),
        "escalate": w.EscalateV1(note=SEALED),
        "refer": g.ReferV1(zone=ZONES[step.way % 3], note=SEALED),
        "reply": g.ReplyV1(reply=SEALED),
        "resolve": g.ResolveV1(note=SEALED),
        "close": g.CloseV1(outcome="resolved"),
        "reopen": g.ReopenV1(note=SEALED),
        "occurrence": g.RecordOccurrenceV1(kind=KINDS[step.way % 3], note=SEALED),
    }
    return commands[step.what]


def case_state(demo: DemoLedger, case: str, unit: str) -> Case | None:
    """The case as the workflow knows it."""
    partition = demo.partitions["grievance", demo.place_of("grievance", unit)]
    stream = partition.streams.get(case)
    state = stream.state if stream else None
    return state if isinstance(state, Case) else None


def reference(demo: DemoLedger, unit: str) -> Reference:
    """What a decision in this unit's partition may look at."""
    partition = demo.partitions["grievance", demo.place_of("grievance", unit)]
    register = demo.register.at(demo.register.end)
    return Reference(register, partition.now, partition.now, partition.control.batches)


def cases_of(demo: DemoLedger) -> dict[str, Case]:
    """Every case that the workflow knows, by its id."""
    found: dict[str, Case] = {}
    for (family, _), partition in demo.partitions.items():
        if family == "grievance" and isinstance(partition.streams, dict):
            states = {key: stream.state for key, stream in partition.streams.items()}
            found |= {key: state for key, state in states.items() if isinstance(state, Case)}
    return found
