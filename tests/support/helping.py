"""A fictional community's funds and programmes, and an aid request, step by step."""

from __future__ import annotations

from contracts import aid as a
from contracts import fund as f
from contracts.base import DAY_MS, Message
from contracts.personal import Sealed
from contracts.programmes import Benefit, Document, FundDefinedV1, ProgrammeDefinedV1
from tests.support.community import CLOCK, SEALED, Who
from tests.support.given import COMMUNITY, REQUEST, STREET, Past, World, day, given, staff

AID_OFFICER = Who("act_aidofficer", "aid_officer")
OTHER_OFFICER = Who("act_aidofficer1", "aid_officer")
APPROVER = Who("act_approver00", "aid_approver")
OTHER_APPROVER = Who("act_approver01", "aid_approver")
APPLICANT = Sealed(subject="sub_applicant000", sealed="QUJD")
PROXY = Sealed(subject="sub_proxy0000000", sealed="QUJD")
DONOR = Sealed(subject="sub_donor0000000", sealed="QUJD")
LOCAL = 8 * 3_600_000
"""Days begin eight hours before those of UTC."""

HARDSHIP = FundDefinedV1(fund="hardship", unit=COMMUNITY, name="Hardship", kind="hardship")
MUTUAL = FundDefinedV1(fund="mutual", unit=STREET, name="Mutual aid", kind="mutual_aid")


def programme(code: str, **fields: object) -> ProgrammeDefinedV1:
    """A programme of the hardship fund: any sum up to 3,000 yuan, a week's notice, no means test unless told otherwise."""
    usual: dict[str, object] = {
        "programme": code,
        "unit": COMMUNITY,
        "name": code.title(),
        "kind": "temporary",
        "criteria": "Those in need.",
        "fund": "hardship",
        "benefit": Benefit(method="up_to", amount=300_000),
        "documents": (Document(document="identity", name="Proof of identity"),),
        "source": "A norm",
        "version": 1,
    }
    return ProgrammeDefinedV1.model_validate(usual | fields)


QUICK = programme("quick", notice_days=0, emergency_limit=100_000)
WINTER = programme("winter", kind="winter", income_limit=80_000, review_months=6)
TUITION = programme("tuition", kind="tuition")
SHARE = programme("share", kind="illness", benefit=Benefit(method="share", amount=300_000, percent=40))
SHARED = programme("shared", fund="mutual")
REGISTERED = (HARDSHIP, MUTUAL, QUICK, WINTER, TUITION, SHARE, SHARED)


def apply(programme: str = "quick", **fields: object) -> a.ApplyV1:
    """Somebody applies for themselves and one more."""
    usual = {"programme": programme, "origin": "self", "persons": 2, "story": SEALED, "name": APPLICANT}
    return a.ApplyV1.model_validate(usual | fields)


DECIDE_BY = day(33) - LOCAL
"""Thirty days from the first of January: the 31st, a Saturday, so that they end with the Monday after it."""


def applied(programme: str = "quick", **fields: object) -> a.AppliedV1:
    """It was applied for."""
    return a.AppliedV1(**apply(programme, **fields).__dict__, version=1, decide_by=DECIDE_BY)


CHECKED = a.CompletenessCheckedV1()
INQUIRE = a.InquireV1(visited=True, within_limit=True, entitled=300_000, note=SEALED)
INQUIRED = a.InquiredV1(**INQUIRE.__dict__, inquirer=AID_OFFICER.actor)


def tranche(amount: int, due: float = 10) -> a.Tranche:
    """So many fen, to be paid so many days after the beginning."""
    return a.Tranche(amount=amount, due_at=day(due))


def propose(*amounts: int, **fields: object) -> a.ProposeV1:
    """Propose to grant these tranches."""
    usual = {"verdict": "grant", "amount": sum(amounts), "note": SEALED}
    return a.ProposeV1.model_validate(usual | {"tranches": tuple(tranche(one) for one in amounts)} | fields)


def proposed(*amounts: int, **fields: object) -> a.ProposedV1:
    """It was proposed."""
    return a.ProposedV1(**propose(*amounts, **fields).__dict__, proposer=AID_OFFICER.actor)


PROPOSED: tuple[Message, ...] = (applied(), CHECKED, INQUIRED, proposed(100_000, 50_000))


def asked(amount: int = 150_000, round_: int = 1, **fields: object) -> a.FundAskedV1:
    """The fund was asked on the first day."""
    usual = {"fund": "hardship", "round": round_, "amount": amount, "granted": amount}
    return a.FundAskedV1.model_validate(usual | {"asked_by": APPROVER.actor, "answer_by": day(3)} | fields)


def answered(round_: int = 1, *, reserved: bool = True, **fields: object) -> a.ReservationAnsweredV1:
    """The fund answered."""
    return a.ReservationAnsweredV1.model_validate({"round": round_, "reserved": reserved} | fields)


APPROVED: tuple[Message, ...] = (*PROPOSED, asked(), answered())


def pay(number: int, amount: int, **fields: object) -> a.PayTrancheV1:
    """Pay a tranche by bank."""
    return a.PayTrancheV1.model_validate({"tranche": number, "amount": amount, "manner": "bank"} | fields)


def paid(number: int, amount: int, round_: int = 1) -> a.TranchePaidV1:
    """It was paid."""
    return a.TranchePaidV1(**pay(number, amount).__dict__, fund="hardship", round=round_)


def world(*events: Message | Past) -> World:
    """Two officers, two approvers, the funds and programmes, and what happened to one request on the first day."""
    everybody = (AID_OFFICER, OTHER_OFFICER, APPROVER, OTHER_APPROVER)
    people = [entry for who in everybody for entry in staff(who, COMMUNITY)]
    return given(*people, *REGISTERED, *events)


MONTH = "2026-01"


def receive(amount: int | None = 1_000_000, **fields: object) -> f.ReceiveV1:
    """An allocation comes in."""
    return f.ReceiveV1.model_validate({"source": "allocation", "amount": amount} | fields)


def received(amount: int | None = 1_000_000, number: int = 1, **fields: object) -> f.ReceivedV1:
    """It came in."""
    return f.ReceivedV1(**receive(amount, **fields).__dict__, number=number, month=MONTH)


def reserve(amount: int, programme: str = "quick", round_: int = 1, request: str = REQUEST) -> f.ReserveV1:
    """Ask for money for a request."""
    asked = {"request": request, "round": round_, "unit": COMMUNITY}
    return f.ReserveV1.model_validate(asked | {"programme": programme, "amount": amount})


def reserved(
    amount: int, programme: str = "quick", earmarked: int = 0, round_: int = 1, request: str = REQUEST
) -> f.ReservedV1:
    """It is set aside."""
    body = reserve(amount, programme, round_, request).__dict__
    return f.ReservedV1(**body, earmarked=earmarked, month=MONTH)


def spend(amount: int, number: int = 1, round_: int = 1, request: str = REQUEST) -> f.SpendV1:
    """Pay a tranche out of it."""
    return f.SpendV1(request=request, round=round_, tranche=number, amount=amount)


def spent(amount: int, number: int = 1, earmarked: int = 0, programme: str = "quick") -> f.SpentV1:
    """It was paid."""
    body = spend(amount, number).__dict__
    return f.SpentV1(**body, unit=COMMUNITY, programme=programme, earmarked=earmarked, month=MONTH)


IN_FEBRUARY = day(40)
BY_CLOCK = {"by": CLOCK}
A_DAY = DAY_MS
