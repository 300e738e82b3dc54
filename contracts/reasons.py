"""Why a command was refused or changed nothing: code on the log → sentence that says what to do.

The sentences are the message ids of the translations; the codes are for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "not_entitled": "You do not hold a role that may do this here. Ask the administrator for an appointment.",
        "no_policy": "No policy for this family is in the register. An administrator must enter one first.",
        "unknown_unit": "This community is not in the register. Choose one that is.",
        "unknown_zone": "This zone is not in the register of the community. Choose one from the list.",
        "unknown_category": "This category is not in the tree in force. Choose one from the list.",
        "unknown_handler": "This person is not a handler here. Choose one from the list.",
        "unknown_person": "This person is not in the register. Enter the person first.",
        "unknown_parent": "The unit above is not in the register. Enter it first.",
        "cycle": "A unit cannot stand above itself. Choose another unit above.",
        "bad_policy": "The policy's terms are not of the form that this family reads.",
        "no_appointment": "This person does not hold this role in this unit.",
        "unknown_post": "This post is not in the register of the unit. Enter it first.",
        "organisation_kind": "Say of what kind the organisation is; a unit of the four tiers has no kind.",
        "other_tier": "A unit keeps its tier, and is succeeded by units of the same tier.",
        "wrong_tier": "The unit above must be of a higher tier: city, district, street, community.",
        "unit_gone": "This unit has been merged or split by then. Choose its successor.",
        "out_of_scope": "This person holds no post there at that time. Appoint them first, or choose another.",
        "named_twice": "This is named twice. Name it once.",
        "succeeds_itself": "Nothing can succeed itself. For what goes on smaller or larger, enter a new unit.",
        "many_into_many": "Enter a merger into one, or a split of one. Several into several is done step by step.",
        "already_succeeded": "This has been merged or split already.",
        "succession_cycle": "This would make a circle of successors. Choose another successor.",
        "chain_cycle": "A post cannot stand above itself. Choose another post above.",
        "post_fixed": "A post keeps its role and its zone. Enter a new post instead.",
        "post_has_role": "This post gives a role. Appoint the person to it.",
        "other_role": "This post gives another role. Choose the role of the post.",
        "other_zone": "This post is of another zone. Choose the zone of the post.",
        "no_seat": "All seats of this post are taken in that time. End an appointment first.",
        "ends_before_it_begins": "The end must lie after the beginning.",
        "overlapping_appointment": "The person holds this role here already in part of that time. Choose another time.",
        "overlapping_membership": "The person belongs here already in part of that time. Choose another time.",
        "no_membership": "This person does not belong to this unit at that time.",
        "overlapping_leave": "The person is away already in part of that time. Choose another time.",
        "no_leave": "This person is not on leave, and will not be.",
        "deputy_away": "The deputy is away too in part of that time. Choose another.",
        "same_person": "The second person must be another than the first.",
        "no_handover": "Nothing has been offered to you by this person. Ask them to sign first.",
        "handover_changed": "The list of open work has changed since it was signed. Ask for a new offer.",
        "occurred_in_future": "This time lies in the future. Enter when it happened.",
        "occurred_before_case": "This time lies before the case was lodged. Check the date.",
        "wrong_stream": "The case number does not belong to this submission. Start again from the form.",
        "other_unit": "This case belongs to another community.",
        "already_exists": "This already exists.",
        "not_found": "There is no such case. Check the number.",
        "not_lodged_state": "The case has been accepted or declined already.",
        "not_accepted_yet": "The case has not been accepted. Accept it first.",
        "was_not_accepted": "The case was not accepted; nothing more can be done on it here.",
        "already_closed": "The case is closed already. Reopen it first if there is more to do.",
        "not_closed": "The case is not closed, so it cannot be reopened.",
        "not_answered": "The case has neither a reply nor a resolution. Record one of them before closing.",
        "already_resolved": "The case is recorded as resolved already.",
        "same_zone": "The case is in this zone already. Choose another.",
        "only_in_import": "This can be said only inside an import.",
        "duplicate_of_itself": "A case cannot repeat itself. Name the earlier case.",
        "batch_not_open": "The import batch is not open. Open it, or import the file again.",
        "batch_exists": "This import batch exists already.",
        "batch_other_unit": "The import batch belongs to another community.",
        "unknown_rules": "These rules have not been announced in the register. Check their name.",
        "early": "The deadline has not passed yet.",
        "stale": "The deadline has been met or moved.",
        "hour_passed": "This hour is on record already.",
    }
)
"""Codes of refusals and no-ops."""

UNREADABLE: Mapping[str, str] = MappingProxyType(
    {
        "empty": "The record has no value.",
        "oversized": "The record is longer than 59 KiB, or its decision would be longer than 60 KiB.",
        "not_json": "The record is not JSON.",
        "not_an_object": "The record is JSON but not an object.",
        "bad_envelope": "The record is not a submission: an attribute is missing, unknown or of the wrong type.",
        "bad_time": "The record's time is not a time with its offset from UTC.",
        "key_mismatch": "The record's key is not the unit that it names.",
        "wrong_partition": "The unit of the record belongs to another partition.",
        "basis_ahead": "The record names a register offset that did not exist when it was written.",
        "bad_data": "The record's data are not of the form that its type declares.",
    }
)
"""Codes of unreadable records."""
