"""The words of pairs and of employment help: choices, and what each event and field is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from web.i18n import N_
from web.words import State

NEEDS = (
    ("living", N_("A living")),
    ("health", N_("Health")),
    ("schooling", N_("Schooling")),
    ("work", N_("Work")),
    ("care", N_("Care")),
    ("other", N_("Another need")),
)
PAIR_ENDS = (
    ("need_met", N_("The need is met")),
    ("moved", N_("Moved away")),
    ("helper_ended", N_("The helper stopped")),
    ("recipient_ended", N_("Who is helped wants no more of it")),
    ("other", N_("Another reason")),
)
WORK_NEEDS = (
    ("ordinary", N_("Looks for work")),
    ("long_unemployed", N_("Long without work")),
    ("disabled", N_("Disabled")),
    ("laid_off", N_("Laid off")),
    ("no_one_in_work", N_("Household in which nobody has work")),
    ("young", N_("Young, looking for a first post")),
)
POST_KINDS = (
    ("vacancy", N_("Vacancy")),
    ("public_benefit", N_("Public-benefit post")),
    ("own_business", N_("Own business")),
    ("elsewhere", N_("Work outside the place")),
)
WORK_ENDS = (
    ("in_work", N_("In work, and asked after as often as agreed")),
    ("stopped_looking", N_("Stopped looking")),
    ("moved", N_("Moved away")),
    ("other", N_("Another reason")),
)
MET = (("yes", N_("They were met")), ("no", N_("They were not met")))
DONE = (("yes", N_("Done")), ("no", N_("Not done")))
IN_WORK = (("yes", N_("Still in work")), ("no", N_("No longer in work")))

STATES: Mapping[str, State] = MappingProxyType(
    {
        "standing": State(N_("Standing"), "running"),
        "looking": State(N_("Looking for work"), "running"),
        "in_work": State(N_("In work"), "answered"),
        "ended": State(N_("Ended"), "done"),
    }
)
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "paired": N_("They were paired"),
        "help_planned": N_("Help was planned"),
        "pair_visit_recorded": N_("A visit was made"),
        "pair_result_recorded": N_("A plan came to its result"),
        "pair_ended": N_("The pair ended"),
        "seeker_registered": N_("Registered as looking for work"),
        "post_offered": N_("A post was offered"),
        "post_declined": N_("An offer came to nothing"),
        "placed": N_("Work began"),
        "work_asked_after": N_("It was asked whether they are still in work"),
        "help_ended": N_("The help ended"),
    }
)
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "need": N_("Need"),
        "number": N_("Number"),
        "offer": N_("Offer"),
        "plan": N_("Plan"),
        "kind": N_("Kind of work"),
        "due_at": N_("To be done by"),
        "began_at": N_("Began on"),
        "asked_at": N_("To be asked after by"),
        "months": N_("Months after the work began"),
        "met": N_("Whether they were met"),
        "done": N_("Whether it was done"),
        "in_work": N_("Whether they are in work"),
        "reason": N_("Reason"),
        "note": N_("Note"),
    }
)
"""Field of an event → its label, in the order of the event's own fields."""

WORDS: Mapping[str, Mapping[Any, str]] = MappingProxyType(
    {
        "need": {**dict(NEEDS), **dict(WORK_NEEDS)},
        "kind": dict(POST_KINDS),
        "reason": {**dict(PAIR_ENDS), **dict(WORK_ENDS)},
        "met": {True: N_("They were met"), False: N_("They were not met")},
        "done": {True: N_("Done"), False: N_("Not done")},
        "in_work": {True: N_("Still in work"), False: N_("No longer in work")},
    }
)
"""Field → value → word."""
