"""The forms of commands on pairs and on employment cases. All are offered while these stand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms import helping_words as words
from web.case_forms.kit import CommandField, CommandForm
from web.i18n import N_

_STANDING = frozenset({"standing"})
_NOTE = CommandField("note", N_("Note"), "text")
_MORE = CommandField("note", N_("Note"), "more")
_PLAN = CommandField("plan", N_("Plan"), "one_of")
_OFFER = CommandField("offer", N_("Offer"), "one_of")
_KIND = CommandField("kind", N_("Kind of work"), "choice", words.POST_KINDS)

PAIR_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "plan_help": CommandForm(
            N_("Plan help"),
            N_("Record the plan"),
            "",
            (
                CommandField("due_at", N_("To be done by"), "day"),
                CommandField("note", N_("What is to be done"), "text"),
            ),
            _STANDING,
        ),
        "record_pair_visit": CommandForm(
            N_("Record a visit"),
            N_("Record the visit"),
            "",
            (
                CommandField("met", N_("Whether they were met"), "yes_no", words.MET),
                CommandField("plan", N_("Which plan it carries out"), "maybe_one_of"),
                _MORE,
            ),
            _STANDING,
        ),
        "record_pair_result": CommandForm(
            N_("Record what a plan came to"),
            N_("Record the result"),
            N_("As whoever is helped says, not as the helper does."),
            (
                _PLAN,
                CommandField("done", N_("Whether it was done"), "yes_no", words.DONE),
                CommandField("note", N_("What they say"), "text"),
            ),
            _STANDING,
        ),
        "end_pair": CommandForm(
            N_("End the pair"),
            N_("End it"),
            N_("An ended pair takes nothing more. Help that goes on afterwards is a new pair."),
            (CommandField("reason", N_("Reason"), "choice", words.PAIR_ENDS), _NOTE),
            _STANDING,
        ),
    }
)

WORK_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "offer_post": CommandForm(
            N_("Offer a post"),
            N_("Record the offer"),
            "",
            (_KIND, CommandField("note", N_("What post, and where"), "text")),
            _STANDING,
        ),
        "decline_post": CommandForm(
            N_("An offer came to nothing"),
            N_("Record it"),
            N_("They declined it, or were not taken."),
            (_OFFER, _MORE),
            _STANDING,
        ),
        "place": CommandForm(
            N_("Record that they began to work"),
            N_("Record the placement"),
            N_("In the post of an offer, or in work that they found themselves."),
            (
                CommandField("offer", N_("The offer, if it came from one"), "maybe_one_of"),
                _KIND,
                CommandField("began_at", N_("Began on"), "first_day"),
                _MORE,
            ),
            _STANDING,
        ),
        "ask_after_work": CommandForm(
            N_("Record whether they are still in work"),
            N_("Record the answer"),
            N_("Who is no longer in work looks for it again."),
            (
                CommandField("months", N_("Months after the work began"), "number"),
                CommandField("in_work", N_("Whether they are in work"), "yes_no", words.IN_WORK),
                _MORE,
            ),
            _STANDING,
        ),
        "end_help": CommandForm(
            N_("End the help"),
            N_("End it"),
            N_("An ended case takes nothing more."),
            (CommandField("reason", N_("Reason"), "choice", words.WORK_ENDS), _NOTE),
            _STANDING,
        ),
    }
)
