"""The forms of commands on an aid request, in the states that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms import request_words as words
from web.case_forms.kit import CommandField, CommandForm
from web.i18n import N_

CHECKING = frozenset({"applied", "incomplete", "complete"})
LOOKED_INTO = frozenset({"complete", "inquired"})
ON_TABLE = frozenset({"proposed", "noticed", "unfunded"})
UNDECIDED = CHECKING | LOOKED_INTO | ON_TABLE
APPROVED = frozenset({"approved"})
OPEN = UNDECIDED | APPROVED | {"reserving"}
DECIDED = APPROVED | {"rejected", "stopped", "withdrawn"}
ANY = OPEN | DECIDED | {"closed"}

NOTE = CommandField("note", N_("Note"), "text")
_REASONS = CommandField("note", N_("Reasons"), "text")
_MORE = CommandField("note", N_("Note"), "more")
_AMOUNT = CommandField("amount", N_("Sum, in yuan"), "money")
_TRANCHE = CommandField("tranche", N_("Tranche"), "one_of")
_VOUCHER = CommandField("voucher", N_("Number of the voucher or transfer"), "maybe_line")
TRANCHES = CommandField("tranches", N_("Tranches"), "several")

_LOOKING: Mapping[str, CommandForm] = {
    "record_consent": CommandForm(
        N_("Record what the household consents to"),
        N_("Record the consent"),
        N_("Each kind of sensitive data for itself. Nothing ticked takes the consent back."),
        (
            CommandField("scopes", N_("What may be looked at"), "several", words.SCOPES),
            CommandField("until", N_("Until"), "day"),
        ),
        UNDECIDED | APPROVED,
    ),
    "check_completeness": CommandForm(
        N_("Check whether the application is complete"),
        N_("Record the check"),
        N_("Tick what is missing. Nothing ticked: it is complete."),
        (CommandField("missing", N_("Missing"), "several"), _MORE),
        CHECKING,
    ),
    "inquire": CommandForm(
        N_("Record the inquiry into the household"),
        N_("Record the inquiry"),
        N_("What is declared is sealed. On record is only how much the programme gives for it."),
        (
            CommandField("visited", N_("Visited at home"), "yes_no", words.YES_NO),
            CommandField("with_whom", N_("Together with"), "maybe_one_of"),
            CommandField("income", N_("Income of the household a month, in yuan"), "maybe_money"),
            CommandField("property", N_("Property"), "more"),
            CommandField("health", N_("Health"), "more"),
            CommandField("note", N_("What was found"), "text"),
        ),
        LOOKED_INTO,
    ),
    "pay_first": CommandForm(
        N_("Emergency: pay first"),
        N_("Ask the fund at once"),
        N_(
            "For need that cannot wait. It is paid before approval, shows as such, and is to be justified after."
        ),
        (_AMOUNT, _REASONS),
        CHECKING | LOOKED_INTO,
    ),
}
_DECIDING: Mapping[str, CommandForm] = {
    "propose": CommandForm(
        N_("Propose a decision"),
        N_("Propose it"),
        N_("Another person approves. Tranches and what was paid already come to the whole sum."),
        (
            CommandField("verdict", N_("Proposal"), "choice", words.VERDICTS),
            CommandField("amount", N_("Whole sum, in yuan"), "maybe_money"),
            TRANCHES,
            CommandField("kind", N_("In kind"), "maybe_choice", words.KINDS),
            CommandField("count", N_("How many"), "maybe_number"),
            _REASONS,
        ),
        frozenset({"inquired", "proposed"}),
    ),
    "publish_notice": CommandForm(
        N_("Put the proposal on public notice"),
        N_("Publish it"),
        N_("The public sees the number, the zone, the programme, how many persons and the sum: no name."),
        (),
        frozenset({"proposed"}),
    ),
    "raise_objection": CommandForm(
        N_("Record an objection"),
        N_("Record the objection"),
        N_("Who objects need not give a name."),
        (
            CommandField("note", N_("What is objected"), "text"),
            CommandField("name", N_("Name"), "maybe_line"),
            CommandField("telephone", N_("Telephone"), "maybe_line"),
        ),
        frozenset({"noticed"}),
    ),
    "handle_objection": CommandForm(
        N_("Say what came of an objection"),
        N_("Record it"),
        N_("By another than who made the proposal. One that is upheld sends the proposal back."),
        (
            CommandField("number", N_("Objection"), "one_of"),
            CommandField("upheld", N_("Upheld"), "yes_no", words.UPHELD),
            _REASONS,
        ),
        ON_TABLE,
    ),
    "approve": CommandForm(
        N_("Approve it"),
        N_("Approve"),
        N_("The fund is asked to set the sum aside. It is approved once the fund has answered."),
        (_MORE,),
        ON_TABLE,
    ),
    "reject": CommandForm(
        N_("Refuse the request"),
        N_("Refuse it"),
        N_("The reasons are told to the applicant, who may appeal."),
        (_REASONS,),
        ON_TABLE,
    ),
    "send_back": CommandForm(
        N_("Send the proposal back"),
        N_("Send it back"),
        N_("To be inquired into and proposed again."),
        (_REASONS,),
        ON_TABLE,
    ),
    "justify": CommandForm(
        N_("Justify the emergency payment"),
        N_("Record it"),
        N_("By another than who took the emergency path."),
        (_REASONS,),
        OPEN | DECIDED,
    ),
}
_PAYING: Mapping[str, CommandForm] = {
    "pay_tranche": CommandForm(
        N_("Record a payment"),
        N_("Record the payment"),
        N_("A tranche is paid whole, out of what is set aside for it."),
        (_TRANCHE, _AMOUNT, CommandField("manner", N_("How"), "choice", words.PAY_MANNERS), _VOUCHER),
        OPEN,
    ),
    "confirm_receipt": CommandForm(
        N_("Record that the recipient has received it"),
        N_("Confirm the receipt"),
        N_("The recipient signs before you. With the tracking number they can confirm it themselves."),
        (_TRANCHE,),
        OPEN | DECIDED,
    ),
    "give_in_kind": CommandForm(
        N_("Record help in kind"),
        N_("Record it"),
        "",
        (
            CommandField("kind", N_("Kind"), "choice", words.KINDS),
            CommandField("count", N_("How many"), "number"),
            CommandField("persons", N_("Persons helped"), "number"),
            _MORE,
        ),
        OPEN,
    ),
    "review_need": CommandForm(
        N_("Look at the need again"),
        N_("Record it"),
        N_("What stops gives back what is set aside and not paid; it may be appealed against."),
        (CommandField("outcome", N_("Outcome"), "choice", words.REVIEW_OUTCOMES), _REASONS),
        APPROVED,
    ),
    "demand_repayment": CommandForm(
        N_("Demand a repayment"),
        N_("Demand it"),
        N_("Of what was paid too much."),
        (_AMOUNT, _REASONS),
        OPEN | DECIDED,
    ),
    "record_repayment": CommandForm(
        N_("Record a repayment"),
        N_("Record the repayment"),
        "",
        (_AMOUNT, _VOUCHER),
        OPEN | DECIDED,
    ),
    "appeal": CommandForm(
        N_("Record an appeal"),
        N_("Record the appeal"),
        N_("The applicant's own words. Another person than who decided answers it."),
        (NOTE,),
        frozenset({"rejected", "stopped"}),
    ),
    "decide_appeal": CommandForm(
        N_("Decide on the appeal"),
        N_("Decide"),
        "",
        (CommandField("verdict", N_("Decision"), "choice", words.APPEAL_VERDICTS), _REASONS),
        frozenset({"rejected", "stopped"}),
    ),
    "withdraw": CommandForm(
        N_("Record that the applicant withdraws"),
        N_("Record the withdrawal"),
        "",
        (NOTE,),
        OPEN,
    ),
    "close": CommandForm(
        N_("Close the request"),
        N_("Close it"),
        N_("Once all is paid, confirmed, justified and paid back."),
        (_MORE,),
        DECIDED,
    ),
    "add_note": CommandForm(
        N_("Add a note"), N_("Add the note"), N_("For those who work on it."), (NOTE,), ANY
    ),
}
FORMS: Mapping[str, CommandForm] = MappingProxyType({**_LOOKING, **_DECIDING, **_PAYING})
"""Command name → its form, in the order of a request's life."""
