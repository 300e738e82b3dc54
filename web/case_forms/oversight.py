"""Forms of what others than the handler say: extension, urging, escalation, reclassification, recusal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, OPEN, CommandField, CommandForm
from web.case_forms.words import CASE_KINDS, PAUSE_REASONS, SEVERITIES, VERDICTS
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "ask_extension": CommandForm(
            N_("Ask for an extension"),
            N_("Ask for the extension"),
            N_("Once, before the handling term ends. The term moves only when a second person approves."),
            (CommandField("note", N_("Why more time is needed"), "text"),),
            ACCEPTED,
        ),
        "decide_extension": CommandForm(
            N_("Decide on the extension"),
            N_("Record the decision"),
            N_("Whoever asked for it cannot decide on it. The complainant is told the reasons."),
            (
                CommandField("verdict", N_("Verdict"), "choice", VERDICTS),
                CommandField("note", N_("Reasons of the decision"), "text"),
            ),
            ACCEPTED,
        ),
        "pause": CommandForm(
            N_("Pause the term"),
            N_("Pause the term"),
            N_("What is left of the handling term is kept, and runs on by itself when the pause ends."),
            (
                CommandField("reason", N_("Reason"), "choice", PAUSE_REASONS),
                CommandField("days", N_("For how many days at most"), "number"),
                CommandField("note", N_("Why the term must wait"), "text"),
            ),
            ACCEPTED,
        ),
        "resume": CommandForm(
            N_("Let the term run on"),
            N_("Let it run on"),
            N_("Only for a term that is paused: what was left of it runs from now."),
            (CommandField("note", N_("Why it need not wait any longer"), "text"),),
            ACCEPTED,
        ),
        "urge": CommandForm(
            N_("Urge"),
            N_("Urge the handling"),
            N_("A supervision notice: say what is expected, and by when."),
            (CommandField("note", N_("What is expected"), "text"),),
            OPEN,
        ),
        "escalate": CommandForm(
            N_("Pass up the chain"),
            N_("Pass the case up"),
            N_("The unit above is called upon. The case stays here, and so do its terms."),
            (CommandField("note", N_("Why the unit above is needed"), "text"),),
            OPEN,
        ),
        "propose_reclassification": CommandForm(
            N_("Propose a reclassification"),
            N_("Propose it"),
            N_(
                "Another kind, severity or category than at triage. It holds only when a second person approves."
            ),
            (
                CommandField("kind", N_("Kind of matter"), "choice", CASE_KINDS),
                CommandField("severity", N_("Severity"), "choice", SEVERITIES),
                CommandField("category", N_("Category"), "category"),
                CommandField("note", N_("Why it is to be reclassified"), "text"),
            ),
            OPEN,
        ),
        "decide_reclassification": CommandForm(
            N_("Decide on the reclassification"),
            N_("Record the decision"),
            N_("Whoever proposed it cannot decide on it."),
            (
                CommandField("verdict", N_("Verdict"), "choice", VERDICTS),
                CommandField("note", N_("Reasons of the decision"), "text"),
            ),
            OPEN,
        ),
        "recuse": CommandForm(
            N_("Recuse a handler"),
            N_("Record the recusal"),
            N_("For a handler with an interest in the case. Assign it to somebody else afterwards."),
            (
                CommandField("handler", N_("Handler"), "handler"),
                CommandField("note", N_("Why the handler is recused"), "text"),
            ),
            OPEN,
        ),
    }
)
