"""Orders from outside: a 12345 or petition-office order comes in with its number, and its result goes back.

Commands and events of the family `grievance`, version 1.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from contracts.base import Message, sha256_hex
from contracts.casework import SealedText

ReturnManner = Literal["system", "letter", "telephone", "in_person"]


class RecordResultReturnedV1(Message):
    """Record that the result was sent back to where the order came from, how, and what it said."""

    manner: ReturnManner
    note: SealedText


class ResultReturnedV1(RecordResultReturnedV1):
    """It was sent back."""


Command = RecordResultReturnedV1
Event = ResultReturnedV1


def order_stream(unit: str, source: str, number: str) -> str:
    """The case that an order is, whoever enters it and how often: case, width and spaces of its number do not count."""
    plain = "".join(unicodedata.normalize("NFKC", number).casefold().split())
    told = f"order\0{unit}\0{source}\0{plain}"
    return f"grv_{sha256_hex(told.encode())[:32]}"
