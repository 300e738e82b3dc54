"""The norm defaults about personal data, entered into the register at init; others may be set.

Erasure: 个人信息保护法 (2021), article 47, items 1 to 5. Retention: article 19 asks for the shortest time that
the purpose needs; files of an authority's petition work with a result are kept for 30 years
(机关文件材料归档范围和文书档案保管期限规定, 国家档案局令第8号, 2006), contact data for as long as a case can come back.
"""

from __future__ import annotations

from contracts.people import PeoplePolicy, RetentionPolicy, Schedule
from contracts.register import DefinePolicyV1

_CASEWORK = ["clerk", "grid_worker", "handler", "supervisor"]
_GUARDS = ["data_protection_officer", "supervisor"]
_OF_ZONES = ["clerk", "grid_worker", "supervisor"]
_INSPECTORS = [*_OF_ZONES, "handler", "patroller"]
_OF_ZONES_AND_HANDLERS = [*_OF_ZONES, "handler"]
_OF_VISITS = ("record_visit", "add_opinion", "solve_opinion", "make_grievance", "pass_up_opinion")
_OF_HOUSEHOLDS = (
    "enter_household",
    "correct_household",
    "end_household",
    "enter_resident",
    "correct_resident",
    "move_resident",
    "receive_resident",
)
_LAW = "个人信息保护法第四十七条第一款第（{}）项"


def default_policies() -> tuple[DefinePolicyV1, ...]:
    """The policies that `init` enters: on personal data, and on how long they are kept."""
    return _people(), _retention()


def _people() -> DefinePolicyV1:
    terms = PeoplePolicy(
        permissions={
            "erase": [*_GUARDS, "administrator"],
            "place_hold": _GUARDS,
            "lift_hold": _GUARDS,
            "request_correction": [*_CASEWORK, "data_protection_officer"],
            "propose_retention": [*_GUARDS, "administrator"],
            "confirm_retention": _GUARDS,
            "record_reading": [
                "resident",
                "block_leader",
                "patroller",
                *_CASEWORK,
                "auditor",
                "data_protection_officer",
                "administrator",
            ],
            "request_disclosure": ["auditor"],
            "grant_disclosure": ["auditor", "data_protection_officer"],
            "end_disclosure": ["auditor", "data_protection_officer"],
            **dict.fromkeys(_OF_HOUSEHOLDS, _OF_ZONES),
            "carry_out_inspection": _INSPECTORS,
            "put_right": _INSPECTORS,
            "make_finding_grievance": _OF_ZONES_AND_HANDLERS,
            **dict.fromkeys(_OF_VISITS, _OF_ZONES_AND_HANDLERS),
        },
        laws={
            "purpose_achieved": _LAW.format("一"),
            "retention_ended": _LAW.format("二"),
            "consent_withdrawn": _LAW.format("三"),
            "unlawful": _LAW.format("四"),
            "other_law": _LAW.format("五"),
        },
        disclosure_days=30,
    )
    return DefinePolicyV1(
        policy="people", version="2021-1", source="个人信息保护法 (2021)", terms=terms.model_dump()
    )


def _retention() -> DefinePolicyV1:
    grievance = Schedule(
        reporter_days=3650,
        case_days=10_950,
        source="个人信息保护法 (2021) 第十九条；国家档案局令第8号 (2006)",
    )
    terms = RetentionPolicy(schedules={"grievance": grievance})
    return DefinePolicyV1(
        policy="retention",
        version="2021-1",
        source="个人信息保护法 (2021) 第十九条、第四十七条",
        terms=terms.model_dump(),
    )
