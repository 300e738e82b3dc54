"""The forms of commands on a mediation, in the states that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms import mediation_words as words
from web.case_forms.kit import CommandField, CommandForm
from web.case_forms.risk import RISK_FACTS
from web.i18n import N_

OPEN, AGREED, CLOSED = frozenset({"open"}), frozenset({"agreed"}), frozenset({"closed"})
NOTE = CommandField("note", N_("Note"), "text")
_PARTY = CommandField("party", N_("Party"), "party")
_OBLIGATION = CommandField("obligation", N_("Obligation"), "obligation")
_NAME = CommandField("name", N_("Name"), "line")
_TELEPHONE = CommandField("telephone", N_("Telephone"), "maybe_line")
_TAKING_PART: Mapping[str, CommandForm] = {
    "serve_rights_notice": CommandForm(
        N_("Tell a party its rights and duties"),
        N_("Record that it was told"),
        N_(
            "That mediation is free and voluntary; that anybody may refuse or stop it; what an agreement binds to."
        ),
        (_PARTY, CommandField("manner", N_("How"), "choice", words.NOTICE_MANNERS)),
        OPEN,
    ),
    "record_consent": CommandForm(
        N_("Record consent or refusal"),
        N_("Record it"),
        N_("A refusal ends the mediation. Name the other remedies then: court, arbitration, an authority."),
        (
            _PARTY,
            CommandField("consents", N_("Consent"), "yes_no", words.CONSENTS),
            CommandField("remedies", N_("Other remedies that were named"), "more"),
        ),
        OPEN,
    ),
    "name_mediator": CommandForm(
        N_("Name a mediator"),
        N_("Name the mediator"),
        N_("The first one leads. Whoever is a party, or kin of one, does not mediate."),
        (
            CommandField("mediator", N_("Mediator, with cases in hand"), "mediator"),
            CommandField("choice", N_("How they came to the case"), "choice", words.CHOICES),
        ),
        OPEN | AGREED,
    ),
    "add_party": CommandForm(
        N_("Add a party"),
        N_("Add the party"),
        "",
        (
            CommandField("side", N_("Side"), "choice", words.SIDES),
            CommandField("kind", N_("A person, or an organisation"), "choice", words.KINDS),
            _NAME,
            _TELEPHONE,
            CommandField("staff", N_("If it is a member of staff"), "staff"),
        ),
        OPEN,
    ),
    "name_representative": CommandForm(
        N_("Name a representative"),
        N_("Name the representative"),
        "",
        (
            _PARTY,
            CommandField("authority", N_("Why they may speak for the party"), "choice", words.AUTHORITIES),
            _NAME,
            _TELEPHONE,
        ),
        OPEN,
    ),
    "name_interpreter": CommandForm(
        N_("Name an interpreter"),
        N_("Name the interpreter"),
        "",
        (_NAME, CommandField("languages", N_("Languages"), "line")),
        OPEN,
    ),
    "recuse_mediator": CommandForm(
        N_("Recuse a mediator"),
        N_("Record the recusal"),
        N_("A recused mediator cannot come back to the case."),
        (
            CommandField("mediator", N_("Mediator"), "its_mediator"),
            CommandField("reason", N_("Reason"), "choice", words.RECUSALS),
            NOTE,
        ),
        OPEN | AGREED,
    ),
}
_SESSIONS: Mapping[str, CommandForm] = {
    "plan_session": CommandForm(
        N_("Plan a session"),
        N_("Plan it"),
        "",
        (
            CommandField("planned_at", N_("Planned for"), "moment"),
            CommandField("sitting", N_("Sitting"), "choice", words.SITTINGS),
            CommandField("parties", N_("Who is asked to come"), "parties"),
            CommandField("place", N_("Place"), "maybe_line"),
        ),
        OPEN,
    ),
    "hold_session": CommandForm(
        N_("Record a session that was held"),
        N_("Record the session"),
        "",
        (
            CommandField("session", N_("The planned session, if there was one"), "session"),
            CommandField("sitting", N_("Sitting"), "choice", words.SITTINGS),
            CommandField("present", N_("Who was there"), "parties"),
            CommandField("note", N_("What was said and proposed"), "text"),
        ),
        OPEN,
    ),
    "adjourn_session": CommandForm(
        N_("Put a session off"),
        N_("Put it off"),
        "",
        (
            CommandField("session", N_("Session"), "session"),
            CommandField("planned_at", N_("To when"), "moment"),
            CommandField("absent", N_("Who did not come"), "maybe_parties"),
            NOTE,
        ),
        OPEN,
    ),
    "report_risk": CommandForm(
        N_("Report a risk to the police duty desk"),
        N_("Record the report"),
        N_(
            "Call 110 first where life is in danger. Somebody else acknowledges the report for the duty desk."
        ),
        (
            CommandField("fact", N_("What was seen or heard"), "choice", RISK_FACTS),
            CommandField("to", N_("Reported to"), "unit"),
            NOTE,
        ),
        OPEN | AGREED,
    ),
    "acknowledge_risk": CommandForm(
        N_("Acknowledge the report of a risk"),
        N_("Acknowledge it"),
        N_("For the duty desk, by another than who reported it."),
        (CommandField("note", N_("Who took it, and what is done"), "text"),),
        OPEN | AGREED,
    ),
}
_ENDS: Mapping[str, CommandForm] = {
    "sign": CommandForm(
        N_("Record a signature"),
        N_("Record the signature"),
        N_(
            "Print the agreement, have it read and signed. It is in force once all have signed and it is sealed."
        ),
        (
            CommandField("signer", N_("Who signed"), "signer"),
            CommandField("manner", N_("How"), "choice", words.SIGNATURE_MANNERS),
            CommandField("blob", N_("The file that shows it"), "file"),
        ),
        OPEN | AGREED,
    ),
    "refer": CommandForm(
        N_("Refer the parties elsewhere"),
        N_("Record the referral"),
        N_("This ends the mediation."),
        (
            CommandField("forum", N_("Where to"), "choice", words.FORUMS),
            CommandField("authority", N_("Name of the court or authority"), "line"),
            NOTE,
        ),
        OPEN,
    ),
    "withdraw": CommandForm(
        N_("Record that the application is withdrawn"),
        N_("Record the withdrawal"),
        N_("By the side that asked for the mediation. This ends it."),
        (_PARTY, NOTE),
        OPEN,
    ),
    "fail": CommandForm(
        N_("End it without an agreement"),
        N_("End it"),
        N_("Name the other remedies to the parties: court, arbitration, an authority."),
        (CommandField("remedies", N_("Other remedies that were named"), "text"),),
        OPEN,
    ),
}
_AFTER: Mapping[str, CommandForm] = {
    "record_performance": CommandForm(
        N_("Record performance"),
        N_("Record it"),
        N_("Of a payment the sum that was paid now; of an act whether the whole of it is done."),
        (
            _OBLIGATION,
            CommandField("amount", N_("Sum paid, in yuan"), "maybe_money"),
            CommandField("whole", N_("The whole act is done"), "tick"),
            NOTE,
        ),
        AGREED,
    ),
    "record_breach": CommandForm(
        N_("Record a breach"),
        N_("Record the breach"),
        N_("Of an obligation that was due and was not performed."),
        (_OBLIGATION, NOTE),
        AGREED,
    ),
    "follow_up_breach": CommandForm(
        N_("Follow up a breach"),
        N_("Record what was done"),
        N_("Who was urged, and which remedy was named: a court can be asked to enforce the agreement."),
        (_OBLIGATION, NOTE),
        AGREED,
    ),
    "apply_for_confirmation": CommandForm(
        N_("Record that a court was asked to confirm it"),
        N_("Record the application"),
        N_("All parties ask together, within thirty days of the agreement."),
        (
            CommandField("parties", N_("Who asked the court"), "parties"),
            CommandField("court", N_("Court"), "line"),
        ),
        AGREED,
    ),
    "record_ruling": CommandForm(
        N_("Record the court's ruling"),
        N_("Record the ruling"),
        "",
        (
            CommandField("ruling", N_("Ruling"), "choice", words.RULINGS),
            CommandField("number", N_("Number of the ruling"), "line"),
        ),
        AGREED,
    ),
    "record_visit": CommandForm(
        N_("Record a follow-up visit"),
        N_("Record the visit"),
        "",
        (CommandField("met", N_("Met"), "yes_no", words.MET), NOTE),
        AGREED,
    ),
    "close": CommandForm(
        N_("Close the dossier"),
        N_("Close it"),
        N_("Once every obligation is performed or its breach followed up, and somebody was met on a visit."),
        (),
        AGREED,
    ),
    "add_note": CommandForm(
        N_("Add a note"),
        N_("Add the note"),
        N_("For those who work on it."),
        (NOTE,),
        OPEN | AGREED | CLOSED,
    ),
}
FORMS: Mapping[str, CommandForm] = MappingProxyType({**_TAKING_PART, **_SESSIONS, **_ENDS, **_AFTER})
"""Command name → its form, in the order of a mediation's life."""

_TERMS = (
    CommandField("terms", N_("Terms"), "text"),
    CommandField("total", N_("Total of the payments, in yuan"), "maybe_money"),
    CommandField("obligations", N_("Obligations"), "obligation"),
)
AGREEMENTS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "draw_up": CommandForm(
            N_("Draw up the agreement"),
            N_("Draw it up"),
            N_(
                "Write what was agreed, and enter each obligation with its day. Nothing can be changed after: a new version "
                "replaces it once all have signed that one."
            ),
            _TERMS,
            OPEN | AGREED,
        ),
        "agree_orally": CommandForm(
            N_("Record an agreement by word of mouth"),
            N_("Record the agreement"),
            N_("Only where all parties find that nothing needs to be written. It is in force at once."),
            _TERMS,
            OPEN,
        ),
    }
)
"""Command name → its form, for those that enter obligations."""
