"""The rules of aid and of funds that a community may set, as data in the register (invariant 2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import Message
from contracts.reference import Register


class AidPolicy(Message):
    """The rules of aid that a community may set. What differs between programmes stands in the programme.

    `permissions`: command name → roles. In calendar days up to the end of the last one as `utc_offset_minutes` tells it:
    `decide_days`, from application to decision; `reserve_days`, how long a fund's answer is waited for; `appeal_days`,
    from a decision to an appeal, and `answer_days`, to its answer. `ends_on_working_day`: up to the end of the next working day
    where that is a day off. `follow_up_months`: when those placed in work are asked after. `attachments`: how
    many files a request may have, of at most `attachment_bytes` each. `sources`: where a term comes from, by its field.
    """

    permissions: dict[str, list[str]]
    decide_days: Annotated[int, Field(ge=1, le=3650)] = 30
    reserve_days: Annotated[int, Field(ge=1, le=365)] = 3
    appeal_days: Annotated[int, Field(ge=1, le=3650)] = 60
    answer_days: Annotated[int, Field(ge=1, le=3650)] = 60
    follow_up_months: Annotated[tuple[int, ...], Field(strict=False, max_length=12)] = (3, 12)
    ends_on_working_day: bool = True
    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)] = 480
    attachments: Annotated[int, Field(ge=0, le=1000)] = 50
    attachment_bytes: Annotated[int, Field(ge=1, le=2**30)] = 10 * 1024 * 1024
    sources: dict[str, str] = Field(default_factory=dict)


class FundPolicy(Message):
    """Who may say what of a fund. `permissions`: command name → roles; a month ends as `utc_offset_minutes` tells it."""

    permissions: dict[str, list[str]]
    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)] = 480
    sources: dict[str, str] = Field(default_factory=dict)


def aid_policy(register: Register) -> AidPolicy | None:
    """The policy of aid in force, read once for each state of the register; None where there is none."""
    return register.derived(_read_aid)


def fund_policy(register: Register) -> FundPolicy | None:
    """The policy of funds in force, read once for each state of the register; None where there is none."""
    return register.derived(_read_fund)


def _read_aid(register: Register) -> AidPolicy | None:
    entry = register.policy("aid")
    return AidPolicy.model_validate(entry.terms) if entry else None


def _read_fund(register: Register) -> FundPolicy | None:
    entry = register.policy("fund")
    return FundPolicy.model_validate(entry.terms) if entry else None
