"""In what two decisions differ, said without showing personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

import orjson

from contracts.base import sha256_hex
from contracts.casework import CaseKind, ReviewResult, ReviewStage, ServiceResult, Severity, Verdict
from contracts.catalogue import COMMANDS, EVENTS
from contracts.envelope import DecisionBody, Outcome, Role
from contracts.figures import CaseStatus
from contracts.grievance import Channel, CloseOutcome, Deadline, NotAcceptedReason, OccurrenceKind
from contracts.reasons import REASONS, UNREADABLE
from services.audit.findings import Scalar

_WORDS = frozenset(
    {
        *get_args(Outcome),
        *get_args(Role),
        *REASONS,
        *UNREADABLE,
        *COMMANDS,
        *EVENTS,
        *DecisionBody.model_fields,
        *get_args(CaseStatus),
        *get_args(CaseKind),
        *get_args(Severity),
        *get_args(ReviewResult),
        *get_args(ReviewStage),
        *get_args(ServiceResult),
        *get_args(Verdict),
        *get_args(Channel),
        *get_args(CloseOutcome),
        *get_args(Deadline),
        *get_args(NotAcceptedReason),
        *get_args(OccurrenceKind),
        "unknown_type",
        "True",
        "False",
    }
)
_NAME = re.compile(
    r"[a-z]{3}_[0-9a-z]{8,40}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+-[0-9]+"
)
"""Ids, hashes and rules versions: they mean nothing about a person."""

SAME_CONTENT = "bytes"
"""What differs where two values say the same in other bytes."""


class Unlike(NamedTuple):
    """The first place where two JSON values differ, as a path, and what each has there."""

    what: str
    expected: Scalar
    found: Scalar


def unlike(expected: bytes, found: bytes | None) -> Unlike:
    """In what a recorded decision differs from the one that was made again."""
    first = first_unlike(_read(expected), _read(found or b""))
    return first or Unlike(SAME_CONTENT, sha256_hex(expected), sha256_hex(found or b""))


def first_unlike(expected: Any, found: Any) -> Unlike | None:
    """Where two JSON values differ first, in the order of the first one; None where they are equal."""
    first = next(_walk(expected, found, ()), None)
    if first is None:
        return None
    path, one, other = first
    return Unlike(".".join(path) or "value", shown(one), shown(other))


def shown(value: Any) -> Scalar:
    """A value as a report may show it: text that is no known word or id only by its length and hash."""
    if isinstance(value, dict):
        return f"object of {len(value)}"
    if isinstance(value, list):
        return f"list of {len(value)}"
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    if text in _WORDS or _NAME.fullmatch(text):
        return text
    return f"text of {len(text)}, SHA-256 {sha256_hex(text.encode(errors='replace'))[:16]}…"


def _read(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def _walk(one: Any, other: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every place in which two JSON values differ, in the order of the first."""
    if isinstance(one, dict) and isinstance(other, dict):
        yield from _walk_fields(one, other, path)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _walk(left, right, (*path, str(number)))
    elif type(one) is not type(other) or one != other:
        yield path, one, other


def _walk_fields(
    one: Mapping[str, Any], other: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for name in one:
        yield from _walk(one[name], other.get(name), (*path, name))
    for name in other:
        if name not in one:
            # The name itself may be anything that a forger wrote.
            known = name if name in _WORDS else "an unknown field"
            yield (*path, known), None, other[name]
