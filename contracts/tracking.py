"""Tracking numbers: what a complainant holds to follow a case and to speak of it, and what the log keeps of it.

Who holds the number speaks as the complainant, so no topic, row or page of the office has it: only its digest.
"""

from __future__ import annotations

import hashlib
import re

_NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{20}")
_ALIKE = str.maketrans("ILO", "110")


def as_printed(text: str) -> str | None:
    """The number as it was meant: twenty Crockford base-32 digits in groups of four; None where it is none.

    Letters may be small, groups may be parted by anything, and I, L and O stand for 1, 1 and 0.
    """
    digits = "".join(character for character in text[:100].upper() if character.isalnum()).translate(_ALIKE)
    if _NUMBER.fullmatch(digits) is None:
        return None
    return "-".join(digits[at : at + 4] for at in range(0, 20, 4))


def digest_of(number: str) -> str:
    """SHA-256 of a number as it is printed, in hex. It has 100 bits of chance, so nobody finds it by trying."""
    return hashlib.sha256(number.encode()).hexdigest()
