"""The form of whoever is on duty, where a lodging may tell of danger, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CLOSED, NOT_ACCEPTED, OPEN, CommandField, CommandForm
from web.i18n import N_

DANGERS = (
    ("life", N_("Danger to life")),
    ("child", N_("Harm to a child")),
    ("home", N_("Violence at home")),
)
FINDINGS = (
    ("help_called", N_("Help was called")),
    ("being_looked_after", N_("Somebody is with them, or on the way")),
    ("no_danger", N_("No danger: the words meant something else")),
)

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "acknowledge_danger": CommandForm(
            N_("Say that you have looked"),
            N_("Record it"),
            N_(
                "Reach the people first, then write it down. Nobody is blamed for a word that meant something else."
            ),
            (
                CommandField("finding", N_("What you found"), "choice", FINDINGS),
                CommandField("note", N_("What was done"), "text"),
            ),
            OPEN | CLOSED | NOT_ACCEPTED,
        ),
    }
)
