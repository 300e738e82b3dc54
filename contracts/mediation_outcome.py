"""What comes of a mediation: agreement, signatures, confirmation, performance, or another end. Version 1 of each type."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Hash, Identifier, Line, Message, Milliseconds, sha256_hex
from contracts.casework import SealedText
from contracts.money import Fen, PaidFen
from contracts.personal import Personal, Sealed

MOST_OBLIGATIONS, MOST_VERSIONS = 20, 50

PartyNumber = Annotated[int, Field(ge=1, le=20)]
ObligationNumber = Annotated[int, Field(ge=1, le=MOST_OBLIGATIONS)]
VersionNumber = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]

ObligationKind = Literal["pay", "repair", "clear", "give_back", "apologise", "refrain", "other"]
"""A sum to be paid, or an act, which the sealed terms describe."""

SignatureManner = Literal["on_paper", "drawn", "scanned"]
"""On the paper before whoever records it; drawn on a screen; on a page that was scanned."""

Forum = Literal["court", "arbitration", "administrative"]
Ruling = Literal["confirmed", "rejected"]
Outcome = Literal["agreed", "refused", "failed", "withdrawn", "referred", "not_told"]
"""`not_told`: it came by import, and its source does not say."""

_Parties = Annotated[tuple[PartyNumber, ...], Field(strict=False, min_length=1, max_length=20)]


class Obligation(Message):
    """What one party owes another by the agreement. `amount` of a payment; an act has none."""

    kind: ObligationKind
    due_at: Milliseconds
    debtor: PartyNumber
    creditor: PartyNumber
    amount: PaidFen | None = None


_Obligations = Annotated[tuple[Obligation, ...], Field(strict=False, max_length=MOST_OBLIGATIONS)]


class _Terms(Message):
    terms: SealedText
    obligations: _Obligations = ()
    total: Fen | None = None

    @property
    def own_fingerprint(self) -> str:
        """SHA-256 of the terms as the log has them: sealed, so that it tells nobody what they say."""
        parts = {
            "terms": self.terms.sealed,
            "obligations": [one.model_dump() for one in self.obligations],
            "total": self.total,
        }
        return sha256_hex(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode())


class DrawUpV1(_Terms):
    """Draw up the written agreement (调解协议书), or a new version of it.

    `obligations` are numbered in this order; `total`: what all payments come to. A version that amends one in force
    lists what is still owed.
    """


class DrawnUpV1(DrawUpV1):
    """This version waits for signatures. `fingerprint`: SHA-256 that fixes its text, which every signature names."""

    version: VersionNumber
    fingerprint: Hash


class SignV1(Message):
    """Record a signature under a version: of a party, of a mediator, or the committee's seal where neither is named.

    `blob`: the attached file that shows it, where it was drawn or scanned.
    """

    fingerprint: Hash
    manner: SignatureManner
    party: PartyNumber | None = None
    mediator: Identifier | None = None
    blob: Hash | None = None


class SignedV1(SignV1):
    """It was signed or sealed."""


class InForceV1(Message):
    """All have signed this version: it is in force.

    `confirm_by`: until when both sides can ask the court to confirm it; `visit_by`: by when its performance is
    asked after.
    """

    version: VersionNumber
    confirm_by: Milliseconds
    visit_by: Milliseconds


class AgreeOrallyV1(_Terms):
    """Record an agreement by word of mouth (口头协议), which all parties made before the mediator."""


class AgreedOrallyV1(AgreeOrallyV1):
    """It is in force. `register_number`: under which it stands in the register of oral agreements."""

    version: VersionNumber
    fingerprint: Hash
    register_number: Annotated[str, Field(pattern=r"^KT-[0-9]{4}-[0-9a-f]{8}-[0-9]{1,2}$")]
    visit_by: Milliseconds


class FailV1(Message):
    """End it without an agreement; `remedies`: those that were named to the parties."""

    remedies: SealedText


class FailedV1(FailV1):
    """It failed."""


class WithdrawV1(Message):
    """Record that this party, who asked for the mediation, withdraws, and why."""

    party: PartyNumber
    note: SealedText


class WithdrawnV1(WithdrawV1):
    """It was withdrawn."""


class ReferV1(Message):
    """Refer the parties to a court, to arbitration or to an administrative authority, by its name, and say why."""

    forum: Forum
    authority: Annotated[Sealed, Personal(Line, subject="case")]
    note: SealedText


class ReferredV1(ReferV1):
    """They were referred."""


class ApplyForConfirmationV1(Message):
    """Record that these parties together asked a court to confirm the agreement (司法确认)."""

    parties: _Parties
    court: Annotated[Sealed, Personal(Line, subject="case")]


class ConfirmationAppliedForV1(ApplyForConfirmationV1):
    """They asked."""


class RecordRulingV1(Message):
    """Record how the court ruled, and the number of its ruling."""

    ruling: Ruling
    number: Annotated[Sealed, Personal(Line, subject="case")]


class RulingRecordedV1(RecordRulingV1):
    """It ruled so."""


class RecordPerformanceV1(Message):
    """Record that an obligation was performed: the sum that was paid, or of an act whether the whole of it."""

    obligation: ObligationNumber
    amount: PaidFen | None = None
    whole: bool = False
    note: SealedText


class PerformanceRecordedV1(RecordPerformanceV1):
    """It was performed so far. `settled`: nothing of it is owed any more."""

    settled: bool


class RecordBreachV1(Message):
    """Record that an obligation was not performed when it was due."""

    obligation: ObligationNumber
    note: SealedText


class BreachRecordedV1(RecordBreachV1):
    """It was breached."""


class FollowUpBreachV1(Message):
    """Record what was done about a breach: who was urged, which remedy was named."""

    obligation: ObligationNumber
    note: SealedText


class BreachFollowedUpV1(FollowUpBreachV1):
    """It was followed up."""


class RecordVisitV1(Message):
    """Record a follow-up visit (回访) about the agreement, and whether anybody was met."""

    met: bool
    note: SealedText


class VisitRecordedV1(RecordVisitV1):
    """It was visited."""


class CloseV1(Message):
    """Close the dossier of an agreement that has been seen through."""


class ClosedV1(CloseV1):
    """It is closed."""


class TellOutcomeV1(Message):
    """Say inside the import that brought it what came of it, and when it ended, as its source tells."""

    outcome: Outcome
    ended_at: Milliseconds | None = None


class OutcomeToldV1(TellOutcomeV1):
    """Its source tells so; no more is expected of it."""


Command = (
    DrawUpV1
    | SignV1
    | AgreeOrallyV1
    | FailV1
    | WithdrawV1
    | ReferV1
    | ApplyForConfirmationV1
    | RecordRulingV1
    | RecordPerformanceV1
    | RecordBreachV1
    | FollowUpBreachV1
    | RecordVisitV1
    | CloseV1
    | TellOutcomeV1
)
Event = (
    DrawnUpV1
    | SignedV1
    | InForceV1
    | AgreedOrallyV1
    | FailedV1
    | WithdrawnV1
    | ReferredV1
    | ConfirmationAppliedForV1
    | RulingRecordedV1
    | PerformanceRecordedV1
    | BreachRecordedV1
    | BreachFollowedUpV1
    | VisitRecordedV1
    | ClosedV1
    | OutcomeToldV1
)
