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
        "integrity": Meaning(
            N_("The log is what was signed"),
            N_(
                "The records lead to the root of every checkpoint that the notary has published, and to its tiles."
            ),
        ),
        "signatures": Meaning(
            N_("Intake signed every submission"),
            N_(
                "Each submission bears the signature of an intake key that was in force at its place in the log."
            ),
        ),
        "checkpoints": Meaning(
            N_("The log agrees with the checkpoints that you hold"),
            N_("Each checkpoint that was brought is of this log, and the log still begins as it did then."),
        ),
        "receipts": Meaning(
            N_("Receipts are kept"),
            N_("What each receipt that was brought promises stands at its place in the log and in the tree."),
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
        "money": Meaning(
            N_("Requests and funds agree about money"),
            N_(
                "What a request was told of its fund is what the fund itself answered, and what a fund paid is a "
                "payment of its request."
            ),
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
        "unsigned": Meaning(
            N_("Records not signed yet"),
            N_("Listed is a partition whose last records no checkpoint covers so far. Let the notary work."),
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
        "tile": N_("The record is not the one that was signed, or the notary's tile of it was changed."),
        "root": N_("The records lead to another root than the one that was signed."),
        "checkpoint_signature": N_("No notary key of this ledger signed this checkpoint."),
        "signed_record": N_("A record that was signed is gone: the log has become shorter."),
        "signed_partition": N_("A partition that was signed is not in the log."),
        "other_origin": N_(
            "The checkpoint is of another ledger, or of a partition that this one does not have."
        ),
        "held_not_signed": N_(
            "The checkpoint that you hold bears no signature of a notary key of this ledger."
        ),
        "rolled_back": N_("The log ends before a checkpoint that you hold: it was rolled back."),
        "other_history": N_(
            "The log was another when the checkpoint that you hold was signed: history was rewritten."
        ),
        "unsigned": N_("The submission bears no signature."),
        "unknown_key": N_("An unknown key signed it."),
        "bad_signature": N_("The signature is not valid: what was signed has been changed."),
        "retired": N_("A key signed it that had been retired before this place in the log."),
        "retired_key": N_(
            "The receipt's key had been retired before this place in the log: it proves nothing."
        ),
        "wrong_ledger": N_("The receipt is of another ledger, or of a topic that this one does not have."),
        "other_leaf": N_(
            "Another record stands at the place that the receipt promises: proof against the operator."
        ),
        "broken_promise": N_("The record that the receipt promises is missing: proof against the operator."),
        "answer_of_no_fund": N_("The request was told an answer that its fund has not given."),
        "payment_of_no_request": N_("The fund paid what its request does not know of."),
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
    return DIFFERENCES.get(difference.what.partition("/")[0], FIELD_DIFFERS)


def place(difference: Difference) -> str:
    """Where a difference stands, as topic/partition/offset; a dash where it has no place in the log."""
    known = (difference.topic, difference.partition, difference.offset)
    return "/".join(str(part) for part in known if part is not None) or "–"
