"""What every adapter refuses before it touches a log, so that all of them refuse the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ledger.log import MAX_RECORD_BYTES, Draft, RecordTooLargeError

MAX_TIMESTAMP = 2**63 - 1
"""Largest CreateTime that either log can hold, in milliseconds since the epoch."""

MAX_PARTITIONS = 10_000

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,180}")


def check_drafts(drafts: Sequence[Draft]) -> None:
    """Raise RecordTooLargeError, ValueError or TypeError where a draft could not be kept as it is.

    A draft needs a key or a value, bytes in both, and a timestamp from 0 to MAX_TIMESTAMP.
    """
    for index, draft in enumerate(drafts):
        for name, content in (("key", draft.key), ("value", draft.value)):
            if content is None:
                continue
            if not isinstance(content, bytes):
                raise TypeError(f"Draft {index}: the {name} is {type(content).__name__}; give bytes or None.")
            if len(content) > MAX_RECORD_BYTES:
                raise RecordTooLargeError(
                    f"Draft {index}: the {name} has {len(content)} bytes, the limit is {MAX_RECORD_BYTES}; "
                    "store the content as a blob and append its hash."
                )
        if draft.key is None and draft.value is None:
            raise ValueError(f"Draft {index} has neither key nor value; give at least one.")
        if not isinstance(draft.timestamp, int) or not 0 <= draft.timestamp <= MAX_TIMESTAMP:
            raise ValueError(
                f"Draft {index}: timestamp {draft.timestamp!r} is not a number of milliseconds "
                f"since the epoch, from 0 to {MAX_TIMESTAMP}."
            )


def check_topics(topics: Mapping[str, int]) -> None:
    """Raise ValueError where a topic's name or partition count would not do on every log."""
    for topic, count in topics.items():
        if not _TOPIC.fullmatch(topic) or topic.startswith("__") or set(topic) == {"."}:
            raise ValueError(
                f"{topic!r} cannot name a topic: use 1 to 180 letters, digits, dots, hyphens and "
                "underscores, without two underscores at the start."
            )
        if not 1 <= count <= MAX_PARTITIONS:
            raise ValueError(f"Topic {topic} cannot have {count} partitions; use 1 to {MAX_PARTITIONS}.")


def check_span(offset: int, limit: int) -> None:
    """Raise ValueError where no read can start at this offset or return this many records."""
    if offset < 0 or limit < 1:
        raise ValueError(
            f"Cannot read {limit} records from offset {offset}; use a limit from 1, an offset from 0."
        )
