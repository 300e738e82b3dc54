"""Forms of joint handling: it begins, parts are recorded, it ends."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CommandField, CommandForm
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "start_joint_handling": CommandForm(
            N_("Begin joint handling"),
            N_("Begin it"),
            N_("Several units do their parts under one lead. The case and its terms stay here."),
            (
                CommandField("units", N_("Units that take part"), "units"),
                CommandField("lead", N_("Lead, one of these units"), "unit"),
                CommandField("note", N_("Why several units are needed"), "text"),
            ),
            ACCEPTED,
        ),
        "record_joint_part": CommandForm(
            N_("Record a unit's part"),
            N_("Record the part"),
            N_("What the unit did, or its opinion. More can be recorded later."),
            (
                CommandField("unit", N_("Unit"), "part"),
                CommandField("note", N_("What it did, or its opinion"), "text"),
            ),
            ACCEPTED,
        ),
        "end_joint_handling": CommandForm(
            N_("End joint handling"),
            N_("End it"),
            N_(
                "By the lead's side, once the lead's part is recorded. Units that gave none are named on record."
            ),
            (CommandField("note", N_("What came of it"), "text"),),
            ACCEPTED,
        ),
    }
)
