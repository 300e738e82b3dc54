"""Given events, when a command, then events (or a refusal, or a no-op): how the rules are told.

`given(*events).when(command, …).then(*events)` folds the events and asks the rules of the family that the
command belongs to: the grievance domain, the register domain, or a partition's control. Events of all
three may be mixed: those of the register say who may do what, those of control which imports are open.
Times are milliseconds; `day(n)` is n days of 24 hours after the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from contracts import accusation as a
from contracts import aftercare as af
from contracts import aid, employment, fund, pairing
from contracts import control as c
from contracts import ending as e
from contracts import grievance as g
from contracts import households as h
from contracts import inspections as i
from contracts import mediation as m
from contracts import people as p
from contracts import register as r
from contracts import related as rel
from contracts import visits as v
from contracts.base import DAY_MS, Message, to_rfc3339
from contracts.catalogue import EVENTS, TYPE_OF
from contracts.envelope import Submission
from contracts.fund_books import Fund
from contracts.mediation_file import Mediation
from contracts.personal import Sealed
from contracts.reference import LEDGER_UNIT, RegisterHistory
from contracts.tracking import digest_of
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, stream_id
from runtime import control
from services.accusation import domain as accusations
from services.aid import domain as aids
from services.aid import funds
from services.grievance import domain as grievances
from services.grievance.case import Case
from services.grievance.policy import default_policy
from services.mediation import domain as mediations
from services.mediation.policy import default_policy as mediation_policy
from services.people import domain as people
from services.people.policy import default_policies
from services.register import domain as registers
from tests.support.community import (
    ADMINISTRATOR,
    AUDITOR,
    BEGINNING,
    CLERK,
    CLOCK,
    HANDLER,
    NEIGHBOUR,
    OFFICER,
    POST_OF_CLOCK,
    RESIDENT,
    SEALED,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Community,
    Who,
)

STREET, COMMUNITY = "street", UNIT
ZONE, OTHER_ZONE, CATEGORY = "z1", "z2", "roads"
LODGING = "00000000-0000-8000-8000-0000000000aa"
CASE = stream_id("grv", LODGING)
ACCUSATION = stream_id("acc", LODGING)
MEDIATION = stream_id("med", LODGING)
REQUEST, PAIR, SEEKER = (stream_id(kind, LODGING) for kind in ("aid", "pai", "emp"))
FUND = fund.stream_of_fund("hardship")
"""The stream of the fund that most tests of aid use: see tests.support.helping."""
SUBJECT = p.subject_id("demo", bytes(10))
LATER = "00000000-0000-8000-8000-0000000000ff"
BATCH_OPENING = "00000000-0000-8000-8000-0000000000bb"
BATCH = stream_id("imp", BATCH_OPENING)
TRACKING = digest_of("0123-4567-89AB-CDEF-GHJK")
STORY = Sealed(subject="sub_fictional0000", text="sub_storytext0000", sealed="QUJD")
OF_FILE = Sealed(subject="sub_fictional0000", text="sub_filetext00000", sealed="QUJD")

GRID_WORKER = Who("act_gridworker", "grid_worker")
OTHER_AUDITOR = Who("act_auditor001", "auditor")
FORMER = Who("act_former0000", "handler")
"""Held the role in the community; the appointment has ended."""


def day(number: float) -> int:
    """The time that many days of 24 hours after the beginning."""
    return BEGINNING + round(number * DAY_MS)


def staff(who: Who, unit: str) -> tuple[Message, ...]:
    """Somebody enters the register and is appointed in a unit."""
    person = r.PersonDefinedV1(person=who.actor, name=SEALED)
    return person, r.AppointedV1(person=who.actor, role=who.role, unit=unit)


def policy(**terms: int) -> r.PolicyDefinedV1:
    """The default grievance policy, with other terms where given."""
    norm = default_policy()
    return r.PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": {**norm.terms, **terms}})


def policy_of_mediation(**terms: int) -> r.PolicyDefinedV1:
    """The default mediation policy, with other terms where given."""
    norm = mediation_policy()
    return r.PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": {**norm.terms, **terms}})


def announced(*rules: str) -> r.PolicyDefinedV1:
    """These versions of the grievance rules may be put in force."""
    terms = c.AnnouncedRules(versions={"grievance": list(rules)}).model_dump()
    return r.PolicyDefinedV1(policy=c.RULES_POLICY, version="1", source="A release", terms=terms)


def personal_policies() -> tuple[Message, ...]:
    """The default policies on personal data."""
    return tuple(r.PolicyDefinedV1.model_validate(norm.model_dump()) for norm in default_policies())


_COMMUNITY = Community(
    units=(
        r.DefineUnitV1(unit=STREET, name="Example Street", tier="street"),
        r.DefineUnitV1(unit=COMMUNITY, name="Demo", tier="community", parent=STREET),
        r.DefineUnitV1(unit=NEIGHBOUR, name="Next Door", tier="community", parent=STREET),
    ),
    zones=(
        r.DefineZoneV1(zone=ZONE, unit=COMMUNITY, name="Zone 1"),
        r.DefineZoneV1(zone=OTHER_ZONE, unit=COMMUNITY, name="Zone 2"),
        r.DefineZoneV1(zone="n1", unit=NEIGHBOUR, name="Zone 1 next door"),
    ),
    categories=(CATEGORY,),
    people=(
        CLERK,
        GRID_WORKER,
        HANDLER,
        SUPERVISOR,
        CLOCK,
        STRANGER,
        AUDITOR,
        OTHER_AUDITOR,
        OFFICER,
        FORMER,
    ),
    posts=(
        (CLERK, COMMUNITY),
        (GRID_WORKER, COMMUNITY),
        (HANDLER, COMMUNITY),
        (SUPERVISOR, STREET),
        POST_OF_CLOCK,
        (STRANGER, NEIGHBOUR),
        (AUDITOR, COMMUNITY),
        (OTHER_AUDITOR, COMMUNITY),
        (OFFICER, STREET),
        (FORMER, COMMUNITY),
    ),
    left=((FORMER, COMMUNITY),),
)


def community() -> tuple[Message, ...]:
    """A street over two communities, two zones, one category, the default policy, and people in posts.

    The supervisor is the street's; the stranger is a handler next door.
    """
    return _COMMUNITY.events()


@dataclass(frozen=True, slots=True)
class Past:
    """An event with the time that rules ran on, and the import batch that it came in."""

    event: Message
    at: int
    batch: str | None = None


def on(at: int, *events: Message, batch: str | None = None) -> tuple[Past, ...]:
    """These events happened at this time."""
    return tuple(Past(event, at, batch) for event in events)


_USUALLY: dict[type[Message], Who] = {
    rel.NoteRelatedV1: CLOCK,
    g.LodgeV1: CLERK,
    g.DeadlineDueV1: CLOCK,
    m.DeadlineDueV1: CLOCK,
    af.AddInformationV1: RESIDENT,
    af.RateV1: RESIDENT,
    af.RecordFollowUpV1: CLERK,
    e.ConfirmWithdrawalV1: RESIDENT,
    e.UndoWithdrawalV1: RESIDENT,
    c.HeartbeatV1: CLOCK,
    c.OpenImportV1: CLERK,
    c.CloseImportV1: CLERK,
    c.ActivateRulesV1: ADMINISTRATOR,
    p.EraseV1: OFFICER,
    p.PlaceHoldV1: OFFICER,
    p.LiftHoldV1: OFFICER,
    p.RequestCorrectionV1: CLERK,
    p.ProposeRetentionV1: SUPERVISOR,
    p.ConfirmRetentionV1: OFFICER,
    p.RequestDisclosureV1: AUDITOR,
    p.GrantDisclosureV1: OTHER_AUDITOR,
    p.EndDisclosureV1: OFFICER,
    **dict.fromkeys((*get_args(pairing.Command), *get_args(employment.Command)), CLERK),
    **dict.fromkeys(get_args(h.Command), CLERK),
    **dict.fromkeys(get_args(i.Command), GRID_WORKER),
    **dict.fromkeys(get_args(v.Command), GRID_WORKER),
}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that the rules may look at, folded from events."""

    register: RegisterHistory
    control: control.Control
    case: Case | None
    people: people.State | None
    now: int
    accusation: accusations.Accusation | None = None
    mediation: Mediation | None = None
    others: Mapping[str, Case] = field(default_factory=dict)
    aid: aids.State | None = None
    fund: Fund | None = None

    def beside(self, case: str, *events: Message | Past | Iterable[Past], unit: str = COMMUNITY) -> World:
        """The same world with another case of the partition, to which these events happened."""
        state: Case | None = None
        for past in _flat(events):
            state = grievances.evolve(state, past.event, unit, past.at, past.batch)
        return self if state is None else replace(self, others={**self.others, case: state})

    def when(
        self,
        body: Message,
        at: int | None = None,
        *,
        by: Who | None = None,
        unit: str | None = None,
        told: int | None = None,
        batch: str | None = None,
        subject: str | None = None,
    ) -> Said:
        """Give a command, at a time (the latest given one by default), which may tell another.

        `by` and `unit` are somebody entitled and the right place where they are not given.
        """
        family = TYPE_OF[type(body)].split(".")[0]
        who = by or _USUALLY.get(type(body), ADMINISTRATOR if family == "register" else HANDLER)
        now = max(self.now, self.now if at is None else at)
        submission = Submission(
            id=_id_of(body),
            source="/ledgers/led_given0000/intake",
            type=TYPE_OF[type(body)],
            subject=subject or _subject_of(body),
            time=to_rfc3339(now if told is None else told),
            actor=who.actor,
            role=who.role,
            unit=unit or (LEDGER_UNIT if _is_ledger_wide(body, family) else COMMUNITY),
            basis=0,
            batch=batch,
            data=body.model_dump(exclude_none=True),
        )
        command = Command(submission, submission.occurred_at, body)
        return Said(self, command, self._answer(family, command, now))

    def _answer(self, family: str, command: Command, now: int) -> Answer:
        named = self.control.batches.get(command.submission.batch or "")
        live = named is None or named.closed_at is not None
        effective_at = now if live else command.occurred_at
        register = self.register.at(self.register.end)
        reference = Reference(register, now, effective_at, self.control.batches, self.others.get)
        if family == "control":
            return control.decide(self.control, command, reference, "grievance")
        if family == "register":
            return registers.decide(None, command, reference)
        refused = control.refuse_batch(self.control, command)
        if family == "people":
            return refused or people.decide(self.people, command, reference)
        if family == "accusation":
            return refused or accusations.decide(self.accusation, command, reference)
        if family == "mediation":
            return refused or mediations.decide(self.mediation, command, reference)
        if family == "aid":
            return refused or aids.decide(self.aid, command, reference)
        if family == "fund":
            return refused or funds.decide(self.fund, command, reference)
        return refused or grievances.decide(self.case, command, reference)


@dataclass(frozen=True, slots=True)
class Said:
    """A command that was given, and its answer."""

    world: World
    command: Command
    answer: Answer

    def then(self, *events: Message) -> None:
        """It was accepted with exactly these events, each of which can be read back from the log."""
        assert self.answer == Accepted(events)
        for event in events:
            name = TYPE_OF[type(event)]
            assert EVENTS[name].model_validate(event.model_dump(exclude_none=True)) == event

    def accepted(self) -> None:
        """It was accepted, whatever the events."""
        assert isinstance(self.answer, Accepted), self.answer

    def refused(self, reason: str, field: str | None = None) -> None:
        """It was refused, for this reason and at this field."""
        assert self.answer == Refused(reason, field)

    def no_op(self, reason: str) -> None:
        """It changed nothing, for this reason."""
        assert self.answer == NoOp(reason)


def given(*events: Message | Past | Iterable[Past], register: Iterable[Message] | None = None) -> World:
    """The world after these events; `register` is what stood in the register before them."""
    history = RegisterHistory(ADMINISTRATOR.actor)
    for entry in community() if register is None else register:
        history.fold(BEGINNING, [entry])
    world = World(history, control.Control(rules="grievance-1"), None, None, BEGINNING)
    for past in _flat(events):
        world = _fold(world, past)
    return world


def _flat(events: Iterable[Message | Past | Iterable[Past]]) -> Iterable[Past]:
    for event in events:
        if isinstance(event, Message):
            yield Past(event, BEGINNING)
        elif isinstance(event, Past):
            yield event
        else:
            yield from event


def _fold(world: World, past: Past) -> World:
    now = max(world.now, past.at if past.batch is None else world.now)
    family = TYPE_OF[type(past.event)].split(".")[0]
    held, case, about = world.control, world.case, world.people
    accusation, mediation = world.accusation, world.mediation
    helped, kept = world.aid, world.fund
    if family == "register":
        world.register.fold(past.at, [past.event])
    elif family == "control":
        held = control.evolve(held, past.event, BATCH, CLERK.actor, COMMUNITY)
    elif family == "accusation":
        accusation = accusations.evolve(accusation, past.event, LEDGER_UNIT, past.at, past.batch)
    elif family == "mediation":
        mediation = mediations.evolve(mediation, past.event, COMMUNITY, past.at, past.batch)
    elif family == "aid":
        helped = aids.evolve(helped, past.event, COMMUNITY, past.at, past.batch)
    elif family == "fund":
        kept = funds.evolve(kept, past.event, COMMUNITY, past.at, past.batch)
    elif family == "people":
        about = people.evolve(about, past.event, COMMUNITY, past.at, past.batch)
    else:
        case = grievances.evolve(case, past.event, COMMUNITY, past.at, past.batch)
    return replace(
        world,
        control=held,
        case=case,
        people=about,
        now=now,
        accusation=accusation,
        mediation=mediation,
        aid=helped,
        fund=kept,
    )


_FIRST = frozenset(
    {g.LodgeV1, a.LodgeV1, m.StartV1, aid.ApplyV1, pairing.PairV1, employment.RegisterSeekerV1}
)


def _id_of(body: Message) -> str:
    """A submission's id; the lodging and the opening of a batch have those that their streams come from."""
    if type(body) in _FIRST:
        return LODGING
    return BATCH_OPENING if isinstance(body, c.OpenImportV1) else LATER


def _subject_of(body: Message) -> str:
    if isinstance(body, c.OpenImportV1 | c.CloseImportV1):
        return BATCH
    kind = _STREAMS.get(type(body))
    if kind is not None:
        return SUBJECT if kind == "sub" else stream_id(kind, LATER)
    if TYPE_OF[type(body)].startswith("accusation."):
        return ACCUSATION
    if TYPE_OF[type(body)].startswith("mediation."):
        return MEDIATION
    if TYPE_OF[type(body)].startswith("fund."):
        return FUND
    if TYPE_OF[type(body)].startswith("aid."):
        kinds = {PAIR: pairing.Command, SEEKER: employment.Command}
        return next((stream for stream, of in kinds.items() if type(body) in get_args(of)), REQUEST)
    return CASE if TYPE_OF[type(body)].startswith("grievance.") else stream_id("reg", LATER)


_STREAMS: dict[type[Message], str] = {
    p.EraseV1: "sub",
    p.PlaceHoldV1: "sub",
    p.LiftHoldV1: "sub",
    p.RequestCorrectionV1: "sub",
    p.ProposeRetentionV1: "ret",
    p.ConfirmRetentionV1: "ret",
    p.RecordReadingV1: "rdg",
    p.RequestDisclosureV1: "dsc",
    p.GrantDisclosureV1: "dsc",
    p.EndDisclosureV1: "dsc",
    **dict.fromkeys(get_args(h.Command), "hsh"),
    **dict.fromkeys(get_args(i.Command), "isp"),
    **dict.fromkeys(get_args(v.Command), "vst"),
}


def _is_ledger_wide(body: Message, family: str) -> bool:
    return family in ("register", "accusation") or isinstance(body, c.HeartbeatV1 | c.ActivateRulesV1)


def lodge(**fields: object) -> g.LodgeV1:
    """Lodge a grievance at the counter, in zone 1 unless told otherwise."""
    usual = {"tracking": TRACKING, "channel": "counter", "zone": ZONE, "story": STORY}
    return g.LodgeV1.model_validate(usual | fields)


def lodged(*, accept_due_at: int | None = None, **fields: object) -> g.LodgedV1:
    """A grievance was lodged, with 15 days for its acceptance unless told otherwise."""
    due = day(15) if accept_due_at is None else accept_due_at
    return g.LodgedV1(**lodge(**fields).__dict__, accept_due_at=due)


def accepted(handle_due_at: int | None = None) -> g.AcceptedV1:
    """It was accepted, with 60 days for its handling unless told otherwise."""
    return g.AcceptedV1(handle_due_at=day(60) if handle_due_at is None else handle_due_at)


def overdue(deadline: g.Deadline, due_at: int) -> g.OverdueV1:
    """A deadline passed; the case is passed up five days later, if it is still overdue."""
    return g.OverdueV1(deadline=deadline, due_at=due_at, escalate_at=due_at + 5 * DAY_MS)


def attach(**fields: object) -> g.AttachV1:
    """Attach a picture of 1,000 bytes that the reporter brought, unless told otherwise."""
    usual = {"blob": "a" * 64, "size": 1000, "media_type": "image/jpeg", "whose": "reporter"}
    return g.AttachV1.model_validate(usual | {"name": OF_FILE, "key": OF_FILE} | fields)


def attached(**fields: object) -> g.AttachedV1:
    """Such a file was attached."""
    return g.AttachedV1(**attach(**fields).__dict__)


def open_import() -> c.OpenImportV1:
    """Open an import batch."""
    return c.OpenImportV1(source="old-system.xlsx", content="0" * 64)


def import_opened() -> c.ImportOpenedV1:
    """The clerk opened an import batch in the community."""
    return c.ImportOpenedV1(source="old-system.xlsx", content="0" * 64)


def import_closed(at: int) -> Past:
    """The batch was closed at this time."""
    return Past(c.ImportClosedV1(rows=1, bad_rows=0, closed_at=at), at)
