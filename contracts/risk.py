"""A risk flag on a dispute, never on a person or a household: that it may turn to harm, for a stated fact and a time.

Commands and events of the family `grievance`, version 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Code, Identifier, Message, Milliseconds
from contracts.casework import SealedText, Verdict

RiskFact = Literal["threat", "weapon", "violence", "self_harm", "crowd"]
"""What was seen or heard. That somebody complains, or complains often, is the use of a right and is none of them."""


class ProposeRiskFlagV1(Message):
    """Propose that the dispute be flagged for so many days, for a fact that was seen or heard."""

    fact: RiskFact
    days: Annotated[int, Field(ge=1, le=3650)]
    note: SealedText


class RiskFlagProposedV1(ProposeRiskFlagV1):
    """It was proposed by this person, who cannot decide on it."""

    proposed_by: Identifier


class DecideRiskFlagV1(Message):
    """Approve or refuse the flag that was proposed, as a second person."""

    verdict: Verdict
    note: SealedText


class RiskFlagDecidedV1(DecideRiskFlagV1):
    """It was decided on. `until`: when the flag ends by itself; None: the case is not flagged by this."""

    fact: RiskFact | None = None
    until: Milliseconds | None = None


class ReportRiskV1(Message):
    """Report the flagged risk to the unit whose duty it is, and tell how that was acknowledged."""

    to: Code
    note: SealedText


class RiskReportedV1(ReportRiskV1):
    """It was reported."""


class LiftRiskFlagV1(Message):
    """Lift the flag before its time, and say why."""

    note: SealedText


class RiskFlagLiftedV1(LiftRiskFlagV1):
    """It was lifted."""


Command = ProposeRiskFlagV1 | DecideRiskFlagV1 | ReportRiskV1 | LiftRiskFlagV1
Event = RiskFlagProposedV1 | RiskFlagDecidedV1 | RiskReportedV1 | RiskFlagLiftedV1
