"""The checks by name, and what each of them and of their differences means, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from services.audit.findings import CheckName, Difference
from web.i18n import N_


class Meaning(NamedTuple):
    """A check's title, and what it claims. `fails`: whether what it finds makes the audit fail."""

    title: str
    claim: str
    fails: bool = True


CHECKS: Mapping[CheckName, Meaning] = MappingProxyType(
    {
        "log": Meaning(
            N_("The log is whole"),
            N_("Each partition holds every offset from 0 on; a decision bears its submission's time."),
        ),
        "completeness": Meaning(
            N_("Every submission is decided once"),
            N_("Each decision follows the one before it, and none is missing in between."),
        ),
        "determinism": Meaning(
            N_("Decisions come out the same"),
            N_("Every submission, decided again under the rules on record, gives the same bytes."),
        ),
        "read_model": Meaning(
            N_("The read model follows the log"), N_("Every row equals that of a fresh fold of the log.")
        ),
        "figures": Meaning(
            N_("The figures can be recomputed"),
            N_("Every figure that is stated equals the audit's own, computed from its replay."),
        ),
        "basis": Meaning(
            N_("Submissions saw a fresh register"),
            N_("Listed is a submission that had not seen a register entry over 60 seconds old."),
            fails=False,
        ),
        "clock": Meaning(
            N_("No record lies ahead"),
            N_("Listed is a record whose time lay over 60 seconds after the next one's, or the audit's."),
            fails=False,
        ),
        "unreadable": Meaning(
            N_("Unreadable records"),
            N_("Listed is a record that was no submission. It stays in the log, and changes nothing."),
            fails=False,
        ),
    }
)

DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "missing_record": N_("A record is missing from the log."),
        "timestamp": N_("The decision does not bear its submission's time."),
        "genesis": N_("Record 0 is not the genesis record that this installation follows."),
        "partitions": N_("The topic does not have the partitions that the genesis record names."),
        "missing_decision": N_("The decision of this submission is missing, though later ones are there."),
        "no_decision": N_("In the place of this submission's decision stands a record that is none."),
        "unknown_version": N_(
            "The decision that comes next is of a version that this software does not know: "
            "nothing after it was checked."
        ),
        "broken_chain": N_("This decision does not follow the one on record before it."),
        "decision_without_submission": N_("There is a decision of a submission that is not in the log."),
        "bytes": N_("The decision says the same, but is written in other bytes."),
        "value": N_("The decision is of another kind altogether."),
        "as_of": N_("The figures claim to rest on more records than the log has."),
    }
)
"""What a difference is, by its code; any other names the field that differs."""

FIELD_DIFFERS = N_("This field differs.")
ROW = "row"
"""What a difference of the read model names in place of a column where one side lacks the whole row."""

ROW_DIFFERS = N_("This row is in the read model or in the fresh fold, but not in both.")


def sentence(difference: Difference) -> str:
    """The message id of what a difference is."""
    if difference.what.endswith(f".{ROW}"):
        return ROW_DIFFERS
    return DIFFERENCES.get(difference.what, FIELD_DIFFERS)


def place(difference: Difference) -> str:
    """Where a difference stands, as topic/partition/offset; a dash where it has no place in the log."""
    known = (difference.topic, difference.partition, difference.offset)
    return "/".join(str(part) for part in known if part is not None) or "–"
