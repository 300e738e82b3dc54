"""The forms of accusations: what they ask, and the words for what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CommandField, CommandForm
from web.i18n import N_

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "against": N_("Which unit or office it is about"),
        "named": N_("Whom it is about"),
        "channel": N_("How it reached us"),
        "story": N_("What happened"),
        "reporter_name": N_("Your name"),
        "telephone": N_("Telephone"),
    }
)
PRESSURE_LABELS: Mapping[str, str] = MappingProxyType(
    {name: label for name, label in LABELS.items() if name not in ("against", "channel")}
)

CHANNELS = (
    ("counter", N_("At the counter")),
    ("telephone", N_("By telephone")),
    ("letter", N_("By letter")),
    ("visit", N_("On a visit")),
    ("web", N_("I say this for myself, without my name on record")),
)
ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "conduct": N_("Accusation against a person or office"),
        "pressure": N_("Pressured or punished for complaining"),
    }
)
REASONS = (
    ("not_specific", N_("Too little is told to examine it")),
    ("already_examined", N_("It has been examined before, and nothing new is told")),
    ("outside_remit", N_("No authority over public officials is competent")),
    ("no_ground", N_("Nothing that is told would be a breach of duty")),
)
VERDICTS = (("approve", N_("Approve")), ("refuse", N_("Refuse")))

NOTE = N_("Note")
_ON = frozenset({"lodged", "taken_up"})

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "take_up": CommandForm(
            N_("Take it up"),
            N_("Record that it is taken up"),
            N_("Say how it will be examined, and by whom."),
            (CommandField("note", NOTE, "text"),),
            frozenset({"lodged"}),
        ),
        "pass_on": CommandForm(
            N_("Pass it to the competent authority"),
            N_("Record that it was passed on"),
            N_("Never to the unit that it is about, nor to anybody below its superiors."),
            (CommandField("authority", N_("Authority"), "line"), CommandField("note", NOTE, "text")),
            _ON,
        ),
        "propose_not_pursuing": CommandForm(
            N_("Propose not to pursue it"),
            N_("Record the proposal"),
            N_("A second person decides on it."),
            (CommandField("reason", N_("Reason"), "choice", REASONS), CommandField("note", NOTE, "text")),
            _ON,
        ),
        "decide_not_pursuing": CommandForm(
            N_("Decide on the proposal"),
            N_("Record the decision"),
            N_("Whoever proposed it cannot decide on it."),
            (CommandField("verdict", N_("Decision"), "choice", VERDICTS), CommandField("note", NOTE, "text")),
            _ON,
        ),
        "answer": CommandForm(
            N_("Answer whoever lodged it"),
            N_("Record the answer"),
            "",
            (CommandField("answer", N_("Answer"), "text"),),
            frozenset({"taken_up", "passed_on", "not_pursued"}),
        ),
        "entrust": CommandForm(
            N_("Entrust it to a further person"),
            N_("Entrust it"),
            N_("Only those who are neither named in it nor above the accused can be chosen."),
            (CommandField("person", N_("Person"), "handler"),),
            frozenset({"lodged", "taken_up", "passed_on", "not_pursued", "answered"}),
        ),
        "close": CommandForm(N_("Close it"), N_("Close it"), "", (), frozenset({"answered"})),
    }
)
"""Command name → its form, in the states that offer it."""

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "accusation.lodged.v1": N_("Lodged"),
        "accusation.taken_up.v1": N_("Taken up"),
        "accusation.passed_on.v1": N_("Passed to the competent authority"),
        "accusation.not_pursuing_proposed.v1": N_("Not pursuing it was proposed"),
        "accusation.not_pursuing_decided.v1": N_("The proposal was decided on"),
        "accusation.answered.v1": N_("Answered"),
        "accusation.closed.v1": N_("Closed"),
        "accusation.entrusted.v1": N_("Entrusted to a further person"),
        "accusation.reading_recorded.v1": N_("Read"),
    }
)

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "story": N_("What happened"),
        "named": N_("Whom it is about"),
        "case": N_("Case that it grew from"),
        "reporter_name": N_("Name"),
        "telephone": N_("Telephone"),
        "note": NOTE,
        "authority": N_("Authority"),
        "answer": N_("Answer"),
    }
)
"""Sealed field → its label, for those that a page shows."""

WORDS: Mapping[str, str] = MappingProxyType({**dict(CHANNELS), **dict(REASONS), **dict(VERDICTS)})
"""Value of a choice → its words."""
