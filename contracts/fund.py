"""What a fund (专项资金、互助金、捐赠) takes in, sets aside, pays out and closes: commands and events, version 1.

A fund is one stream, so that its money is reserved in one order (invariant 8). Which funds there are stands in the register.
Sums are in fen. A purpose is the code of an aid programme for which money is earmarked; None: for whatever the fund is for.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Code, Hash, Identifier, Line, Message, Milliseconds, Telephone, sha256_hex
from contracts.casework import MaybeSealedText, SealedText
from contracts.money import Fen, PaidFen, SignedFen
from contracts.personal import Personal, Sealed

MOST_ITEMS, MOST_ROUNDS, MOST_TRANCHES = 20, 100, 60

Source = Literal["allocation", "dues", "donation", "interest", "other"]
"""An allocation from a budget, members' dues, a gift, interest of the bank, or another."""

Round = Annotated[int, Field(ge=1, le=MOST_ROUNDS)]
Count = Annotated[int, Field(ge=1, le=10**6)]
GiftNumber = Annotated[int, Field(ge=1, le=10**7)]
ItemNumber = Annotated[int, Field(ge=1, le=MOST_ITEMS)]

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A month of the community's calendar: 2026-11."""

Voucher = Annotated[str, Field(pattern=r"^[\w./\-]{1,40}$")]
"""The number of a voucher or bank transfer, by which a payment is found on a statement."""


class Item(Message):
    """Goods that are given: what, how many, in which unit of count (件, 袋, 台)."""

    name: Line
    count: Count
    measure: Annotated[str, Field(min_length=1, max_length=20)]


_Items = Annotated[tuple[Item, ...], Field(strict=False, max_length=MOST_ITEMS)]


class ReceiveV1(Message):
    """Record what came in: money, goods, or both. `purpose`: earmarked for this programme only.

    A gift names its donor, unless it was put in without a name; `anonymous`: the public is not told the name. `tracking`: the
    digest of the number by which the donor follows the gift (contracts.tracking).
    """

    source: Source
    amount: PaidFen | None = None
    items: _Items = ()
    purpose: Code | None = None
    voucher: Voucher | None = None
    donor: Annotated[Sealed | None, Personal(Line, subject="donor")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="donor")] = None
    anonymous: bool = False
    tracking: Hash | None = None


class ReceivedV1(ReceiveV1):
    """It came in, under this number, and is in the books of this month."""

    number: GiftNumber
    month: Month


class ReserveV1(Message):
    """Ask that a sum be set aside for an aid request in its round; at most one answer each (request, round)."""

    request: Identifier
    round: Round
    unit: Code
    programme: Code
    amount: PaidFen


class ReservedV1(ReserveV1):
    """It is set aside: so much of it from what is earmarked for the programme, the rest from the general money."""

    earmarked: Fen
    month: Month


class InsufficientV1(ReserveV1):
    """It is not: no more than `available` may be spent on this programme."""

    available: Fen


class SpendV1(Message):
    """Pay a tranche out of what is set aside for a request."""

    request: Identifier
    round: Round
    tranche: Annotated[int, Field(ge=1, le=MOST_TRANCHES)]
    amount: PaidFen
    voucher: Voucher | None = None


class SpentV1(SpendV1):
    """It was paid; what is earmarked goes first."""

    unit: Code
    programme: Code
    earmarked: Fen
    month: Month


class ReleaseV1(Message):
    """Give back what is still set aside for a request: it ended, or nobody waited for the answer any more."""

    request: Identifier
    round: Round


class ReleasedV1(ReleaseV1):
    """So much is free again, of it so much earmarked; none where nothing was set aside, and then nothing will be."""

    programme: Code | None = None
    amount: Fen
    earmarked: Fen
    month: Month


class TakeBackV1(Message):
    """Record that a recipient paid back: the money is free again for whatever it was for."""

    request: Identifier
    repayment: Annotated[int, Field(ge=1, le=1_000)]
    amount: PaidFen
    voucher: Voucher | None = None


class TakenBackV1(TakeBackV1):
    """It was paid back, so much of it earmarked for the programme."""

    programme: Code
    earmarked: Fen
    month: Month


class AllocateItemV1(Message):
    """Give so many of a gift's goods to an aid request, or to a place or occasion that the note tells."""

    gift: GiftNumber
    item: ItemNumber
    count: Count
    request: Identifier | None = None
    note: MaybeSealedText = None


class ItemAllocatedV1(AllocateItemV1):
    """They were given. `purpose` as of the gift."""

    purpose: Code | None = None


class CloseMonthV1(Message):
    """Close a month: nothing is entered into it any more. December's close closes the year."""

    month: Month


class MonthClosedV1(CloseMonthV1):
    """It is closed: what came in and went out since the close before, what is set aside, and what there is."""

    income: SignedFen
    expense: SignedFen
    committed: SignedFen
    cash: SignedFen
    postings: Annotated[int, Field(ge=0)]


class YearClosedV1(Message):
    """Income and expense of a year were closed into the balance, which is carried over."""

    year: Annotated[int, Field(ge=1900, le=9999)]
    income: SignedFen
    expense: SignedFen
    carried: SignedFen


class EnterStatementLineV1(Message):
    """Enter a line of a bank statement: in or out, on what day, by which voucher; what else it says is sealed."""

    statement: Code
    line: Annotated[int, Field(ge=1, le=1_000_000)]
    direction: Literal["in", "out"]
    amount: PaidFen
    booked_at: Milliseconds
    voucher: Voucher | None = None
    note: MaybeSealedText = None


class StatementLineEnteredV1(EnterStatementLineV1):
    """It was entered."""


class ExplainLineV1(Message):
    """Say why a line of a statement, or a voucher of the books, stands alone: a difference that is explained."""

    voucher: Voucher
    note: SealedText


class LineExplainedV1(ExplainLineV1):
    """It is explained; it stays listed as explained."""


Command = (
    ReceiveV1
    | ReserveV1
    | SpendV1
    | ReleaseV1
    | TakeBackV1
    | AllocateItemV1
    | CloseMonthV1
    | EnterStatementLineV1
    | ExplainLineV1
)
Event = (
    ReceivedV1
    | ReservedV1
    | InsufficientV1
    | SpentV1
    | ReleasedV1
    | TakenBackV1
    | ItemAllocatedV1
    | MonthClosedV1
    | YearClosedV1
    | StatementLineEnteredV1
    | LineExplainedV1
)


def stream_of_fund(fund: str) -> str:
    """The stream of the fund of this code."""
    return f"fnd_{sha256_hex(f'fund{chr(0)}{fund}'.encode())[:32]}"
