"""A fictional mediation, step by step: what is said, and what comes of it."""

from __future__ import annotations

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import Message
from contracts.personal import Sealed
from tests.support.community import SEALED, Who
from tests.support.given import COMMUNITY, Past, World, day, given, staff

MEDIATOR = Who("act_mediator00", "mediator")
OTHER_MEDIATOR = Who("act_mediator01", "mediator")
NAME_A = Sealed(subject="sub_firstparty0", sealed="QUJD")
NAME_B = Sealed(subject="sub_secondparty", sealed="QUJD")
NAME_C = Sealed(subject="sub_thirdparty0", sealed="QUJD")
LOCAL = 8 * 3_600_000
"""Days begin eight hours before those of UTC."""


def start(**fields: object) -> m.StartV1:
    """Apply in writing in a quarrel of neighbours, unless told otherwise."""
    usual: dict[str, object] = {"origin": "written", "dispute": "neighbours", "story": SEALED}
    return m.StartV1.model_validate(usual | {"name_a": NAME_A, "name_b": NAME_B} | fields)


def started(mediator: str | None = None, **fields: object) -> m.StartedV1:
    """It was started."""
    return m.StartedV1(**start(**fields).__dict__, mediator=mediator)


NAMED = m.MediatorNamedV1(mediator=MEDIATOR.actor, choice="assigned")
TOLD = tuple(m.RightsNoticeServedV1(party=party, manner="read_out") for party in (1, 2))
MEDIATE_BY = CONFIRM_BY = VISIT_BY = day(33) - LOCAL
"""Thirty days from the first of January: the 31st, a Saturday, so that they end with the Monday after it."""

CONSENTS = (
    m.ConsentRecordedV1(party=1, consents=True),
    m.ConsentRecordedV1(party=2, consents=True, mediate_by=MEDIATE_BY),
)
HOLD = m.HoldSessionV1(sitting="joint", present=(1, 2), note=SEALED)
HELD = m.SessionHeldV1(**HOLD.__dict__, number=1)
UNDER_WAY: tuple[Message, ...] = (started(), NAMED, *TOLD, *CONSENTS)
SAT: tuple[Message, ...] = (*UNDER_WAY, HELD)


def pay(amount: int, due: float = 10, debtor: int = 2, creditor: int = 1) -> out.Obligation:
    """So many fen, due so many days after the beginning."""
    return out.Obligation(kind="pay", amount=amount, due_at=day(due), debtor=debtor, creditor=creditor)


REPAIR = out.Obligation(kind="repair", due_at=day(20), debtor=1, creditor=2)
TERMS = {"terms": SEALED, "obligations": (pay(300_000), REPAIR), "total": 300_000}
DRAW_UP = out.DrawUpV1.model_validate(TERMS)
FINGERPRINT = DRAW_UP.own_fingerprint
DRAWN_UP = out.DrawnUpV1(**DRAW_UP.__dict__, version=1, fingerprint=FINGERPRINT)


def sign(**fields: object) -> out.SignV1:
    """Sign the version on paper: for the committee, unless a party or mediator is named."""
    return out.SignV1.model_validate({"fingerprint": FINGERPRINT, "manner": "on_paper"} | fields)


def signed(**fields: object) -> out.SignedV1:
    """It was signed so."""
    return out.SignedV1(**sign(**fields).__dict__)


SIGNATURES = (signed(party=1), signed(party=2), signed(mediator=MEDIATOR.actor))
IN_FORCE = out.InForceV1(version=1, confirm_by=CONFIRM_BY, visit_by=VISIT_BY)
WAITING: tuple[Message, ...] = (*SAT, DRAWN_UP, *SIGNATURES)
"""Everything but the committee's seal."""

AGREED: tuple[Message, ...] = (*WAITING, signed(), IN_FORCE)
VISITED = out.VisitRecordedV1(met=True, note=SEALED)


def world(*events: Message | Past) -> World:
    """Two mediators of the community, and what happened to one mediation on the first day."""
    people = [entry for who in (MEDIATOR, OTHER_MEDIATOR) for entry in staff(who, COMMUNITY)]
    return given(*people, *events)
