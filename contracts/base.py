"""The kinds of value that commands and events are made of."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: no time is later."""

LEDGER_UNIT = "-"
"""The ledger itself: it stands above every unit that names none above it."""


class Message(BaseModel):
    """A command or an event: frozen, and closed to fields that it does not declare."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def clean(text: str) -> str:
    """Return the text as it is; raise ValueError for control characters and lone surrogates.

    Line feed, carriage return and tab are allowed.
    """
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in "\n\r\t"):
            raise ValueError("control_character")
    return text


def not_blank(text: str) -> str:
    """Return the text; raise ValueError where it is white space only."""
    if not text.strip():
        raise ValueError("blank")
    return text


_TextRules = (AfterValidator(clean), AfterValidator(not_blank))

Line = Annotated[str, Field(min_length=1, max_length=200), *_TextRules]
"""One line of text: a title, a reason code's detail, a name."""

Text = Annotated[str, Field(min_length=1, max_length=10_000), *_TextRules]
"""Free text of up to 10,000 characters: sealed, with every other field at its longest, it fits one record."""

Remark = Annotated[str, Field(min_length=1, max_length=1_000), *_TextRules]
"""A remark of up to 1,000 characters."""

Telephone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 \-]{4,19}$")]
"""A telephone number: digits, with spaces and hyphens between, after a plus sign or not."""

BirthYear = Annotated[str, Field(pattern=r"^(18|19|20)[0-9]{2}$")]
"""A year of birth, as four digits."""

Code = Annotated[str, Field(pattern=r"^[\w./\-]{1,64}$")]
"""A short name used by machines: a unit id, a zone id, a category code."""

Identifier = Annotated[str, Field(pattern=r"^[a-z]{3}_[0-9a-z]{8,40}$")]
"""A three-letter kind, an underscore, and letters and digits that mean nothing."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, in lower-case hexadecimal."""

Milliseconds = Annotated[int, Field(ge=0, le=LAST_MS)]
"""A time, in milliseconds since the epoch (UTC), up to the end of the year 9999."""


def sha256_hex(data: bytes) -> str:
    """SHA-256 of the bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def to_rfc3339(milliseconds: int) -> str:
    """Write a time as CloudEvents wants it: RFC 3339, UTC, three decimals."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def from_rfc3339(text: str) -> int:
    """Read a time with its offset; return milliseconds since the epoch.

    Raises ValueError where it is no time, or states no offset from UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time must state its offset from UTC")
    return (moment - EPOCH) // timedelta(milliseconds=1)
