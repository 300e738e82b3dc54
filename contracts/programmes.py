"""Aid programmes (救助项目) and the funds that pay for them, as versioned entries of the register. Version 1 of every type.

What a fund holds is in contracts.fund; here stands only that there is one. Sums are in fen.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Code, Line, Message, Milliseconds, Remark
from contracts.money import Fen, PaidFen

FundKind = Literal["hardship", "mutual_aid", "donations"]
"""A special fund for hardship (专项资金), a mutual-aid fund (互助金), or gifts (捐赠)."""

AidKind = Literal[
    "subsistence",
    "illness",
    "tuition",
    "winter",
    "temporary",
    "employment",
    "home_repair",
    "elderly_care",
    "mutual_aid",
]
"""What a programme helps with: 最低生活保障, 大病救助, 金秋助学, 冬季送暖, 临时救助, 就业援助, 住房修缮, 养老照料, 互助互济."""

Method = Literal["fixed", "up_to", "top_up", "share"]
"""How a grant is worked out: the same sum for all; any sum up to the most; what income lacks of a line; a share of a cost."""

MOST_DOCUMENTS = 20


class DefineFundV1(Message):
    """Enter a fund of a unit, or change its name. A code is one fund in the whole ledger."""

    fund: Code
    unit: Code
    name: Line
    kind: FundKind


class FundDefinedV1(DefineFundV1):
    """The fund was entered or renamed."""


class Benefit(Message):
    """How much a grant may come to, in fen.

    `amount`: the sum (`fixed`), the most (`up_to`, `share`), or the line per person and month (`top_up`); `per_person`: the
    sum is for each person helped. `percent` of a cost above `threshold` is given where the method is `share`.
    """

    method: Method
    amount: PaidFen
    per_person: bool = False
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    threshold: Fen = 0


def entitled(benefit: Benefit, months: int, persons: int, income: int | None, cost: int | None) -> int:
    """The most that a grant may come to, in fen, for so many persons and one period.

    `income`: of the household, in fen per month (None: not declared, nothing is topped up); `cost`: of which a share is given.
    """
    heads = persons if benefit.per_person else 1
    match benefit.method:
        case "fixed" | "up_to":
            return benefit.amount * heads
        case "top_up":
            if income is None:
                return 0
            return max(benefit.amount * persons - income, 0) * months
        case "share":
            above = max((cost or 0) - benefit.threshold, 0)
            return min(above * (benefit.percent or 0) // 100, benefit.amount * heads)


class Document(Message):
    """A document that an application needs."""

    document: Code
    name: Line


class DefineProgrammeV1(Message):
    """Enter an aid programme for a unit and all below it, or a new version of it from a date on.

    `criteria`: who is helped, in words; `income_limit`: the most that a household may have, in fen per person and month (None:
    no means test). `months`: what period one grant covers; `review_months`: how often need is looked at again (None: once only).
    `notice_days`: how long a proposal stands in public before it is approved (0: none). `emergency_limit`: what may be
    paid before approval, to be justified within `justify_days`. `source`: the norm it follows.
    """

    programme: Code
    unit: Code
    name: Line
    kind: AidKind
    criteria: Remark
    fund: Code
    benefit: Benefit
    documents: Annotated[tuple[Document, ...], Field(strict=False, max_length=MOST_DOCUMENTS)] = ()
    income_limit: Fen | None = None
    months: Annotated[int, Field(ge=1, le=120)] = 1
    review_months: Annotated[int, Field(ge=1, le=120)] | None = None
    notice_days: Annotated[int, Field(ge=0, le=365)] = 7
    emergency_limit: Fen = 0
    justify_days: Annotated[int, Field(ge=1, le=365)] = 10
    source: Line
    since: Milliseconds | None = None
    retired: bool = False


class ProgrammeDefinedV1(DefineProgrammeV1):
    """This version of the programme was entered. `version`: 1 for the first."""

    version: Annotated[int, Field(ge=1, le=10_000)]
