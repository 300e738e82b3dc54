"""Forms of a risk flag on a dispute."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CLOSED, OPEN, CommandField, CommandForm
from web.case_forms.words import VERDICTS
from web.i18n import N_

RISK_FACTS = (
    ("threat", N_("Somebody was threatened")),
    ("weapon", N_("A weapon, fuel or poison was seen or spoken of")),
    ("violence", N_("There was violence")),
    ("self_harm", N_("Somebody may harm themselves")),
    ("crowd", N_("Both sides gather people for a clash")),
)
FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "propose_risk_flag": CommandForm(
            N_("Propose a risk flag"),
            N_("Propose the flag"),
            N_(
                "On this dispute, never on a person. Only for a fact that was seen or heard; that somebody "
                "complains, or complains often, is the use of a right and no reason. It holds when a "
                "second person approves, and ends by itself."
            ),
            (
                CommandField("fact", N_("What was seen or heard"), "choice", RISK_FACTS),
                CommandField("days", N_("For how many days"), "number"),
                CommandField("note", N_("The fact: what happened, when, who saw it"), "text"),
            ),
            OPEN,
        ),
        "decide_risk_flag": CommandForm(
            N_("Decide on the risk flag"),
            N_("Record the decision"),
            N_("Whoever proposed it cannot decide on it. Once approved, it is to be reported at once."),
            (
                CommandField("verdict", N_("Verdict"), "choice", VERDICTS),
                CommandField("note", N_("Reasons of the decision"), "text"),
            ),
            OPEN | CLOSED,
        ),
        "report_risk": CommandForm(
            N_("Report the risk"),
            N_("Record the report"),
            N_(
                "Call 110 first where life is in danger. Then record to whom it was reported, and who acknowledged it."
            ),
            (
                CommandField("to", N_("Reported to"), "unit"),
                CommandField("note", N_("What was reported, and how it was acknowledged"), "text"),
            ),
            OPEN | CLOSED,
        ),
        "lift_risk_flag": CommandForm(
            N_("Lift the risk flag"),
            N_("Lift the flag"),
            N_("Before its time, when the fact no longer holds."),
            (CommandField("note", N_("Why it is lifted"), "text"),),
            OPEN | CLOSED,
        ),
    }
)
