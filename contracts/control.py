"""What is said about a partition rather than about a case: clocks, import batches, rules in force."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import Code, Hash, Message, Milliseconds


class HeartbeatV1(Message):
    """A clock was running in this hour (hours since the epoch); it moves only the partition's `now`."""

    hour: Annotated[int, Field(ge=0)]


class HeartbeatRecordedV1(HeartbeatV1):
    """This hour was watched by a clock."""


class OpenImportV1(Message):
    """Open an import batch: inside it, rules run on the times that the source tells (invariant 10)."""

    source: Annotated[str, Field(max_length=120)]
    content: Hash


class ImportOpenedV1(OpenImportV1):
    """The batch is open."""


class CloseImportV1(Message):
    """Close the batch of this stream."""

    rows: Annotated[int, Field(ge=0)]
    bad_rows: Annotated[int, Field(ge=0)]


class ImportClosedV1(CloseImportV1):
    """The batch is closed; open cases in it get live deadlines from this time on."""

    closed_at: Milliseconds


class ActivateRulesV1(Message):
    """From the next record of this partition on, decide under these rules, which have been announced."""

    rules: Code


class RulesActivatedV1(ActivateRulesV1):
    """These rules are in force."""


class AnnouncedRules(Message):
    """The rules that may be put in force: family → versions. The register holds it as policy `rules`.

    A release announces the versions that it brings, so that none is activated by a slip of the pen.
    """

    versions: dict[str, list[Annotated[str, Field(pattern=r"^[a-z]+-[1-9][0-9]{0,3}$")]]]


RULES_POLICY = "rules"

Command = HeartbeatV1 | OpenImportV1 | CloseImportV1 | ActivateRulesV1
Event = HeartbeatRecordedV1 | ImportOpenedV1 | ImportClosedV1 | RulesActivatedV1
