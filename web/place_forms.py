"""The forms about households, residents and inspections: what each asks for, and its words.

Shared by the pages that show them and by the people service, which takes what they send.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from web.i18n import N_

PlaceKind = Literal["line", "text", "telephone", "year", "zone", "number", "inspection", "day"]


class PlaceField(NamedTuple):
    """One field: its name, its label, what it holds, and advice."""

    name: str
    label: str
    kind: PlaceKind
    required: bool = True
    help: str = ""


class PlaceForm(NamedTuple):
    """One form: the command that it gives, its title, the button's word, advice, and its fields."""

    command: str
    title: str
    button: str
    help: str
    fields: tuple[PlaceField, ...]

    @property
    def labels(self) -> dict[str, str]:
        """Field → label (a message id)."""
        return {field.name: field.label for field in self.fields}


_ZONE = PlaceField("zone", N_("Zone"), "zone")
_ADDRESS = PlaceField("address", N_("Address"), "line", help=N_("As it is found: road, building, door."))
_NAME = PlaceField("resident_name", N_("Name"), "line")
_YEAR = PlaceField(
    "birth_year", N_("Year of birth"), "year", required=False, help=N_("Only if they wish. Example: 1958")
)

_DAY = PlaceField("day", N_("Day"), "day", required=False, help=N_("Leave it empty for today."))
_FINDINGS = (N_("First finding"), N_("Second finding"), N_("Third finding"), N_("Fourth finding"))

PLACE_FORMS: Mapping[str, PlaceForm] = MappingProxyType(
    {
        "enter_household": PlaceForm(
            "enter_household",
            N_("Enter a household"),
            N_("Record the household"),
            N_("Only what casework needs: where it is. Who lives there is entered on its page."),
            (_ZONE, _ADDRESS),
        ),
        "enter_resident": PlaceForm(
            "enter_resident",
            N_("Enter a resident"),
            N_("Record the resident"),
            N_(
                "With the same telephone, a resident and whoever lodged a grievance here are one person: "
                "erasing that person erases all. Nothing else is asked for, and nothing else is to be noted."
            ),
            (
                _NAME,
                PlaceField(
                    "telephone", N_("Telephone"), "telephone", required=False, help=N_("Only if they wish.")
                ),
                _YEAR,
            ),
        ),
        "correct_resident": PlaceForm(
            "correct_resident",
            N_("Correct"),
            N_("Record the correction"),
            N_(
                "Fill in what was wrong; what is left empty stays. For another telephone, let this entry move "
                "away and enter the person anew."
            ),
            (_NAME._replace(required=False), _YEAR._replace(help="")),
        ),
        "move_resident": PlaceForm(
            "move_resident",
            N_("Move to another household"),
            N_("Record the move"),
            N_("Within the community. The number stands on the other household's page."),
            (
                PlaceField(
                    "household", N_("Number of the household"), "number", help=N_("Example: 3F2A-9C1D")
                ),
            ),
        ),
        "move_away": PlaceForm(
            "move_resident",
            N_("Moved away"),
            N_("Record that they moved away"),
            N_("Out of the community, or no longer living. Their name stays until they are erased."),
            (),
        ),
        "receive_resident": PlaceForm(
            "receive_resident", N_("Lives here now"), N_("Record that they live here now"), "", ()
        ),
        "correct_household": PlaceForm(
            "correct_household",
            N_("Correct the household"),
            N_("Record the correction"),
            N_("Fill in what was wrong; what is left empty stays."),
            (_ZONE._replace(required=False), _ADDRESS._replace(required=False)),
        ),
        "end_household": PlaceForm(
            "end_household",
            N_("End the household"),
            N_("End it"),
            N_("Once nobody lives there any more. Its history stays."),
            (),
        ),
        "carry_out_inspection": PlaceForm(
            "carry_out_inspection",
            N_("Record an inspection"),
            N_("Record the inspection"),
            N_("Leave the findings empty where nothing was found: that, too, is a result."),
            (
                PlaceField("inspection", N_("Inspection"), "inspection"),
                PlaceField(
                    "zone",
                    N_("Zone"),
                    "zone",
                    required=False,
                    help=N_("Leave it empty where the community is inspected as a whole."),
                ),
                _DAY,
                *(
                    PlaceField(f"finding_{number}", label, "text", required=False)
                    for number, label in enumerate(_FINDINGS, 1)
                ),
            ),
        ),
        "put_right": PlaceForm(
            "put_right",
            N_("Put right"),
            N_("Record that it is put right"),
            "",
            (PlaceField("how", N_("How it was put right"), "text"), _DAY),
        ),
    }
)
"""Form → what it asks for."""

KEPT = ("resident", "finding")
"""Hidden fields that a form carries on."""
