"""The forms of the register: what each command asks for, on which page it stands, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from web.i18n import N_

Page = Literal["overview", "unit", "people", "calendar"]
Kind = Literal[
    "text", "words", "json", "number", "first_day", "last_day", "days", "codes", "tier", "organisation_kind",
    "unit", "parent", "zone", "person", "role", "post", "cycle", "each",
    "money", "documents", "fund", "fund_kind", "aid_kind", "method", "yes_no",
]  # fmt: skip


class Field(NamedTuple):
    """One field: its name in the command's body, its label, what kind of thing it holds, and advice."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    help: str = ""


class Command(NamedTuple):
    """One command: the page that offers it, its title, the button's word, advice, and its fields.

    `here`: the body's field that names the page's own unit, if there is one.
    """

    page: Page
    title: str
    button: str
    help: str
    fields: tuple[Field, ...]
    here: str | None = None


_SINCE = Field("since", N_("From this day on"), "first_day", help=N_("Leave it empty for now."))
_UNTIL = Field("until", N_("Last day"), "last_day", help=N_("Leave it empty for no set end."))
_PERSON = Field("person", N_("Person"), "person", required=True)
_ROLE = Field("role", N_("Role"), "role", required=True)
_NAME = Field("name", N_("Official name"), "text", required=True)
_PERSONS_NAME = Field("name", N_("Name"), "text", required=True)
_TIER = Field("tier", N_("Tier"), "tier", required=True)
_KIND = Field("kind", N_("Kind of organisation"), "organisation_kind", help=N_("Only for an organisation."))
_AMOUNT = N_("The sum, the most, or the line for a person and month; such as 1200 or 1200.50.")
_CODE = N_("Letters, digits and . / - only; it stays for ever.")

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "define_unit": Command(
            "overview",
            N_("Enter or change a unit"),
            N_("Record the unit"),
            N_("With the id of a unit that exists, its name or the unit above changes from that day on."),
            (
                Field("unit", N_("Id"), "text", required=True, help=_CODE),
                _NAME,
                _TIER,
                _KIND,
                Field("parent", N_("Unit above"), "parent"),
                _SINCE,
            ),
        ),
        "succeed_units": Command(
            "overview",
            N_("Merge or split"),
            N_("Record the successors"),
            N_("Several into one, or one into several. Enter the successors first. Old ids and cases stay."),
            (
                Field("of", N_("Old units"), "codes", required=True, help=N_("One id a line.")),
                Field("into", N_("Successors"), "codes", required=True, help=N_("One id a line.")),
                Field("since", N_("From this day on"), "first_day", required=True),
            ),
        ),
        "define_zone": Command(
            "unit",
            N_("Enter or change a zone"),
            N_("Record the zone"),
            N_("A boundary may be told in words, drawn as GeoJSON, or both."),
            (
                Field("zone", N_("Id"), "text", required=True, help=_CODE),
                _NAME,
                Field("boundary", N_("Boundary in words"), "words"),
                Field(
                    "area",
                    N_("Boundary as GeoJSON"),
                    "json",
                    help=N_("A geometry of type Polygon or MultiPolygon, longitude first."),
                ),
                _SINCE,
            ),
            "unit",
        ),
        "define_inspection": Command(
            "unit",
            N_("Enter or change a kind of inspection"),
            N_("Record the kind of inspection"),
            N_("It holds here and in all communities below. What is due follows from it, from that day on."),
            (
                Field("inspection", N_("Id"), "text", required=True, help=_CODE),
                Field("name", N_("Name"), "text", required=True),
                Field("cycle", N_("How often"), "cycle", required=True),
                Field("each", N_("What is inspected"), "each", required=True),
                _SINCE,
            ),
            "unit",
        ),
        "define_fund": Command(
            "unit",
            N_("Enter or change a fund"),
            N_("Record the fund"),
            N_("A fund keeps its unit and its kind; its name may change."),
            (
                Field("fund", N_("Id"), "text", required=True, help=_CODE),
                _NAME,
                Field("kind", N_("Kind"), "fund_kind", required=True),
            ),
            "unit",
        ),
        "define_programme": Command(
            "unit",
            N_("Enter an aid programme or a new version of it"),
            N_("Record the programme"),
            N_(
                "It is open here and in all communities below. Requests stand under the version of their day."
            ),
            (
                Field("programme", N_("Id"), "text", required=True, help=_CODE),
                _NAME,
                Field("kind", N_("Kind"), "aid_kind", required=True),
                Field("criteria", N_("Who is helped"), "words", required=True),
                Field("fund", N_("Fund that pays"), "fund", required=True),
                Field("method", N_("How a grant is worked out"), "method", required=True),
                Field("amount", N_("Sum, in yuan"), "money", required=True, help=_AMOUNT),
                Field("per_person", N_("For each person"), "yes_no"),
                Field("percent", N_("Percent of the cost"), "number", help=N_("Only for a share of a cost.")),
                Field("threshold", N_("Of what lies above, in yuan"), "money"),
                Field("income_limit", N_("Income limit for a person and month, in yuan"), "money"),
                Field(
                    "documents",
                    N_("Documents"),
                    "documents",
                    help=N_("One a line: an id, a space, the name."),
                ),
                Field("months", N_("Months that a grant covers"), "number"),
                Field("review_months", N_("Look at the need again after months"), "number"),
                Field(
                    "notice_days",
                    N_("Days of public notice"),
                    "number",
                    help=N_("0 for none; 7 where left out."),
                ),
                Field("emergency_limit", N_("Most that is paid before approval, in yuan"), "money"),
                Field("justify_days", N_("Days to justify it"), "number"),
                Field("source", N_("Norm it follows"), "text", required=True),
                Field("retired", N_("No longer open"), "yes_no"),
                _SINCE,
            ),
            "unit",
        ),
        "name_responsible": Command(
            "unit",
            N_("Name the responsible person"),
            N_("Record the name"),
            N_("Residents see who answers for their zone. Without a person a gap is shown."),
            (
                Field("zone", N_("Zone"), "zone", required=True),
                Field("person", N_("Person"), "person"),
                _SINCE,
            ),
            "unit",
        ),
        "define_post": Command(
            "unit",
            N_("Enter or change a post"),
            N_("Record the post"),
            N_("A post with a role is filled by appointment, one without by membership."),
            (
                Field("post", N_("Id"), "text", required=True, help=_CODE),
                _NAME,
                Field("role", N_("Role"), "role"),
                Field("zone", N_("Zone"), "zone"),
                Field("above", N_("Id of the post above"), "text"),
                Field("above_unit", N_("Unit of the post above"), "parent"),
                Field("seats", N_("Seats"), "number"),
                Field("scheme", N_("Scheme"), "text"),
            ),
            "unit",
        ),
        "appoint": Command(
            "unit",
            N_("Appoint"),
            N_("Record the appointment"),
            N_("The role holds in this unit and everything below it, or in one zone."),
            (
                _PERSON,
                _ROLE,
                Field("zone", N_("Zone"), "zone"),
                Field("post", N_("Post"), "post"),
                _SINCE,
                _UNTIL,
            ),
            "unit",
        ),
        "end_appointment": Command(
            "unit",
            N_("End an appointment"),
            N_("Record the end"),
            N_("Ask for a handover of open work before the last day."),
            (_PERSON, _ROLE, Field("zone", N_("Zone"), "zone"), _UNTIL._replace(help=N_("Empty: today."))),
            "unit",
        ),
        "enter_membership": Command(
            "unit",
            N_("Enter a member"),
            N_("Record the membership"),
            N_("Who belongs here without a role, perhaps in a post of service."),
            (_PERSON, Field("post", N_("Post"), "post"), _SINCE, _UNTIL),
            "unit",
        ),
        "end_membership": Command(
            "unit",
            N_("End a membership"),
            N_("Record the end"),
            N_("Who belongs here no longer."),
            (_PERSON, Field("post", N_("Post"), "post"), _UNTIL._replace(help=N_("Empty: today."))),
            "unit",
        ),
        "define_person": Command(
            "people",
            N_("Enter a person"),
            N_("Record the person"),
            N_("The name is encrypted before it is recorded. An account is made on the command line."),
            (_PERSONS_NAME,),
        ),
        "record_leave": Command(
            "people",
            N_("Leave with a deputy"),
            N_("Record the leave"),
            N_("Meanwhile the deputy holds the same roles beside the person."),
            (
                _PERSON,
                Field("deputy", N_("Deputy"), "person", required=True),
                Field("since", N_("First day"), "first_day", required=True),
                Field("until", N_("Last day"), "last_day", required=True),
            ),
        ),
        "end_leave": Command(
            "people",
            N_("End a leave"),
            N_("Record the return"),
            N_("The deputy's time ends with it."),
            (_PERSON, _UNTIL._replace(help=N_("Empty: today."))),
        ),
        "define_calendar": Command(
            "calendar",
            N_("Enter a year"),
            N_("Record the year"),
            N_("Days off, weekends aside, and weekend days that are worked. A year that exists is replaced."),
            (
                Field("year", N_("Year"), "number", required=True),
                Field(
                    "source", N_("Source"), "text", required=True, help=N_("The notice that sets the days.")
                ),
                Field("days_off", N_("Days off"), "days", help=N_("One a line, such as 2026-07-03.")),
                Field(
                    "days_worked",
                    N_("Weekend days worked"),
                    "days",
                    help=N_("One a line, such as 2026-07-03."),
                ),
            ),
        ),
    }
)
"""Command name → its form."""

FAULTS = (
    N_("Give a GeoJSON geometry of type Polygon or MultiPolygon, without other members."),
    N_("A boundary needs at least one ring."),
    N_("A boundary has at most 1,000 points. Simplify it."),
    N_("Each ring of a boundary has four points or more and ends where it begins."),
    N_("Each point is a longitude from -180 to 180 and a latitude from -90 to 90, in at most 7 decimals."),
    N_("A calendar's days lie in its year. Move the others to theirs."),
    N_("A day stands in a calendar once, as a day off or as one that is worked."),
)
"""What the contracts say of a boundary or a calendar, to be translated."""

TIER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "city": N_("City"),
        "district": N_("District or company"),
        "street": N_("Street or section"),
        "community": N_("Community"),
        "organisation": N_("Organisation"),
    }
)
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "police_post": N_("Police post"),
        "property_company": N_("Property company"),
        "school": N_("School"),
        "hospital": N_("Hospital"),
        "employer": N_("Employer"),
        "enterprise": N_("Enterprise"),
        "office": N_("Office"),
        "other": N_("Other"),
    }
)


AID_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "subsistence": N_("Subsistence allowance"),
        "illness": N_("Major illness"),
        "tuition": N_("Autumn tuition"),
        "winter": N_("Winter cold"),
        "temporary": N_("Temporary relief"),
        "employment": N_("Employment help"),
        "home_repair": N_("Home repair"),
        "elderly_care": N_("Elderly care"),
        "mutual_aid": N_("Mutual aid"),
    }
)
METHOD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "fixed": N_("The same sum for all"),
        "up_to": N_("Any sum up to the most"),
        "top_up": N_("What income lacks of a line"),
        "share": N_("A share of a cost"),
    }
)
CYCLE_WORDS: Mapping[str, str] = MappingProxyType(
    {"month": N_("Every month"), "quarter": N_("Every quarter"), "year": N_("Every year")}
)
EACH_WORDS: Mapping[str, str] = MappingProxyType(
    {"zone": N_("Each zone"), "unit": N_("The community as a whole")}
)


def labels(command: str) -> dict[str, str]:
    """Field → label (a message id) of one command's form. Raises KeyError."""
    return {field.name: field.label for field in COMMANDS[command].fields}
