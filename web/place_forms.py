"""The forms about households, residents, inspections and visits: what each asks for, and its words.

Shared by the pages that show them and by the people service, which takes what they send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from contracts.inspections import MOST_INSPECTORS, inspectors_at_hand
from contracts.reference import Register
from contracts.visits import Rank
from web.i18n import N_

PlaceKind = Literal[
    "line",
    "text",
    "telephone",
    "year",
    "zone",
    "number",
    "count",
    "inspection",
    "inspector",
    "day",
    "rank",
    "visitor",
    "unit",
    "above",
]
KEEPERS = frozenset({"clerk", "grid_worker", "supervisor", "data_protection_officer"})
"""Roles that see households, in the zones over which they are held."""

RANKS: tuple[tuple[Rank, str], ...] = (
    ("district", N_("Officer of the city, district or company")),
    ("section", N_("Officer of the street or section")),
    ("community", N_("Officer of the community")),
)


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
_OPINIONS = (N_("First opinion"), N_("Second opinion"), N_("Third opinion"), N_("Fourth opinion"))
_ALONE = N_(
    "Leave it empty where you carried it out alone. Others may come from other units, such as the police."
)
_INSPECTORS = (
    N_("Who led the inspection"),
    N_("Second inspector"),
    N_("Third inspector"),
    N_("Fourth inspector"),
)
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
                    PlaceField(
                        f"inspector_{number}",
                        label,
                        "inspector",
                        required=False,
                        help=_ALONE if number == 1 else "",
                    )
                    for number, label in enumerate(_INSPECTORS, 1)
                ),
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
        "make_finding_grievance": PlaceForm(
            "make_finding_grievance",
            N_("Make a grievance of it"),
            N_("Lodge it as a grievance"),
            N_("It becomes a case with its own terms. The finding itself stays open until it is put right."),
            (),
        ),
        "record_visit": PlaceForm(
            "record_visit",
            N_("Record a visit"),
            N_("Record the visit"),
            N_(
                "Write down what residents said, not who said it. Leave the opinions empty where there was none: that, too, "
                "is a result. More can be added on the visit's page."
            ),
            (
                PlaceField("visitor", N_("Who visited"), "visitor"),
                PlaceField("rank", N_("Rank of the visitor"), "rank"),
                PlaceField("visitor_unit", N_("Unit of the visitor"), "unit"),
                _ZONE,
                _DAY,
                PlaceField("persons", N_("Persons met"), "count"),
                *(
                    PlaceField(f"opinion_{number}", label, "text", required=False)
                    for number, label in enumerate(_OPINIONS, 1)
                ),
            ),
        ),
        "add_opinion": PlaceForm(
            "add_opinion",
            N_("Add an opinion"),
            N_("Add it"),
            "",
            (PlaceField("opinion", N_("What was said"), "text"),),
        ),
        "solve_opinion": PlaceForm(
            "solve_opinion",
            N_("Solved"),
            N_("Record that it is solved"),
            "",
            (PlaceField("note", N_("How it was solved"), "text"), _DAY),
        ),
        "make_grievance": PlaceForm(
            "make_grievance",
            N_("Make a grievance of it"),
            N_("Lodge it as a grievance"),
            N_("It becomes a case with its own terms, and ends here. The opinion's text is its story."),
            (),
        ),
        "pass_up_opinion": PlaceForm(
            "pass_up_opinion",
            N_("Pass it up"),
            N_("Pass it up"),
            N_(
                "To a unit above. Whoever it is with solves it, passes it further up, or makes a grievance of it."
            ),
            (PlaceField("to", N_("To unit"), "above"), PlaceField("note", N_("Why"), "text")),
        ),
    }
)
"""Form → what it asks for."""

KEPT = ("resident", "finding", "number")
"""Hidden fields that a form carries on."""


def inspector_choices(
    register: Register, unit: str, at: int, name_of: Callable[[Register, str], str]
) -> list[tuple[str, str]]:
    """Who may be named as an inspector, with the unit: as choices. `at`: milliseconds since the epoch."""
    found = []
    for one in inspectors_at_hand(register, unit, at):
        of = register.unit(one.unit, at)
        found.append(
            (f"{one.person}@{one.unit}", f"{name_of(register, one.person)} · {of.name if of else one.unit}")
        )
    return found


def inspectors_in(sent: Mapping[str, str]) -> list[dict[str, str]] | str:
    """The inspectors of a form, the one who led first; else the field in which one is missing or none of the choices."""
    told = [sent.get(f"inspector_{number}", "") for number in range(1, MOST_INSPECTORS + 1)]
    while told and not told[-1]:
        told.pop()
    found = []
    for number, text in enumerate(told, 1):
        person, _, unit = text.partition("@")
        if not unit:
            return f"inspector_{number}"
        found.append({"person": person, "unit": unit})
    return found
