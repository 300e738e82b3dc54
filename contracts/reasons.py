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
        "occurred_in_future": "This time lies in the future. Enter when it happened.",
        "occurred_before_case": "This time lies before the case was lodged. Check the date.",
        "wrong_stream": "The case number does not belong to this submission. Start again from the form.",
        "other_unit": "This case belongs to another community.",
        "already_exists": "This already exists.",
        "not_found": "There is no such case. Check the number.",
        "not_lodged_state": "The case has been accepted or declined already.",
        "triaged_already": "The case has been triaged already.",
        "import_open": "The case came by an import that is still open. Close the import first.",
        "term_has_ended": "The handling term has ended, so it cannot be extended any more.",
        "extension_asked_already": "An extension has been asked for already: it can be once in a handling term.",
        "no_extension_asked": "No extension waits for a decision.",
        "not_referred": "The case was not referred here, or the referral was returned already.",
        "return_too_late": "The time in which a referral can be returned has passed. Refer the case instead.",
        "nobody_above": "Nobody stands further up the chain who could be called upon.",
        "in_review": "The case is under review. Answer the review first.",
        "nothing_to_serve": "There is no reply and no opinion that could be served.",
        "served_already": "The last letter has been served already.",
        "not_served": "The reply or opinion has not been served, so no time for a review has started. Record its service first.",
        "review_too_late": "The time in which a review can be asked for has passed.",
        "review_exhausted": "The case has been re-reviewed: there is no further review.",
        "no_review_asked": "No review waits for an answer.",
        "handler_may_not_review": "Whoever handled the case cannot answer its review. Ask somebody else.",
        "not_accepted_yet": "The case has not been accepted. Accept it first.",
        "was_not_accepted": "The case was not accepted; nothing more can be done on it here.",
        "already_closed": "The case is closed already. Reopen it first if there is more to do.",
        "not_closed": "The case is not closed, so it cannot be reopened.",
        "not_answered": "The case has neither a reply nor a resolution. Record one of them before closing.",
        "already_resolved": "The case is recorded as resolved already.",
        "same_zone": "The case is in this zone already. Choose another.",
        "too_many_attachments": "The case has as many files as the policy allows. Redact one that is not needed, or combine files.",
        "attachment_too_large": "The file is larger than the policy allows. Send a smaller copy.",
        "attached_already": "This file is attached to the case already.",
        "no_attaching_when_closed": "The case is closed, and the policy lets no file be added. Reopen it first.",
        "unknown_text": "There is no such text or file in the case, or it has been redacted already.",
        "no_copy_of_file": "A file that is redacted leaves no readable copy. Clear this field.",
        "nothing_to_correct": "Nothing was entered. Fill in what is to be corrected.",
        "anonymous_case": "The case was lodged anonymously: nothing about who lodged it is recorded here.",
        "other_person": "The correction is about another person than who lodged the case.",
        "only_in_import": "This can be said only inside an import.",
        "duplicate_of_itself": "A case cannot repeat itself. Name the earlier case.",
        "held": "A legal hold keeps this person's data. They can be erased once it is lifted.",
        "already_erased": "This person has been erased already.",
        "erased_person": "This person has been erased; nothing is left that could be kept or corrected.",
        "no_basis_in_law": "The policy names no basis in law for this reason. Choose another.",
        "hold_exists": "The data are held for this matter already.",
        "no_such_hold": "The data are not held for this matter.",
        "too_many_holds": "The data are held for twenty matters already. Lift one that has ended.",
        "unknown_schedule": "The retention policy has no schedule for this family.",
        "until_in_future": "A retention run looks back: give a time that has passed.",
        "no_such_run": "There is no such retention run. Check its number.",
        "already_confirmed": "This retention run has been confirmed already.",
        "second_person": "Whoever proposed or asked for this cannot confirm it. Ask a second person.",
        "other_list": "The list has changed since it was proposed. Propose a new run.",
        "no_such_disclosure": "Nobody has asked for this disclosure. Check its number.",
        "disclosure_settled": "This disclosure has been granted or ended already.",
        "disclosure_ended": "This disclosure has ended already.",
        "asker_may_not_grant": "Whoever asked for it cannot grant it. Ask another auditor, or the data protection officer.",
        "in_audited_chain": "You hold a post whose work is audited here, so you cannot grant this. Ask somebody who holds none.",
        "bad_term": "The term must end in the future, and within the days that the policy allows.",
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
