"""The form that transfers a case to another community."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, LODGED, CommandField, CommandForm
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "transfer": CommandForm(
            N_("Transfer to another community"),
            N_("Transfer the case"),
            N_(
                "For a matter of another community. The case ends here and goes on there; the tracking number "
                "stays, and so does the term that runs."
            ),
            (
                CommandField("to", N_("To community"), "community"),
                CommandField("note", N_("Why it is theirs"), "text"),
            ),
            LODGED | ACCEPTED,
        ),
    }
)
