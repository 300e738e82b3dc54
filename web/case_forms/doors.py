"""Forms about how a case came in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import OPEN, CommandField, CommandForm
from web.i18n import N_

ON_BEHALF = (
    ("family", N_("A member of my family")),
    ("ward", N_("A child or somebody in my care")),
    ("neighbour", N_("A neighbour")),
    ("client", N_("Somebody who asked me to act for them")),
    ("other", N_("Somebody else")),
)

DOOR_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "petitioners": N_("How many persons ask for it together"),
        "representative_names": N_("Who speaks for all"),
        "on_behalf_of": N_("Whom it concerns, if not yourself"),
        "person_concerned": N_("Name of the person whom it concerns"),
        "confidential": N_("Keep my identity from those who handle it"),
    }
)
"""Fields of a lodging about how it came: label of each."""

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "name_representatives": CommandForm(
            N_("Name the representatives"),
            N_("Record the names"),
            N_(
                "The petitioners choose them. In person at most five speak for all; everybody's petition counts."
            ),
            (CommandField("representative_names", N_("Who speaks for all"), "text"),),
            OPEN,
        ),
    }
)
