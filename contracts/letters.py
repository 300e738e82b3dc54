"""Letters (文书): numbered, made by every step that touches a right, from a template of the register.

The event that makes a letter is the fact; its text is the template of the version that the event names, filled
in with what that step said, sealed as everywhere. Commands and events of the family `grievance`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from contracts.base import EPOCH, Code, Line, Message
from contracts.reference import Register
from contracts.register import PolicyDefinedV1

LETTERS_POLICY = "letters"

LetterKind = Literal[
    "acceptance", "not_accepted", "referral", "extension", "reply", "review_opinion", "re_review_opinion"
]
"""受理告知书, 不予受理告知书, 转送告知书, 延期告知书, 处理意见书, 复查意见书, 复核意见书."""

CODES: dict[LetterKind, str] = {
    "acceptance": "SL",
    "not_accepted": "BY",
    "referral": "ZS",
    "extension": "YQ",
    "reply": "CL",
    "review_opinion": "FC",
    "re_review_opinion": "FH",
}
"""The word (代字) that a letter's number starts with, in Latin letters."""

LetterNumber = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{12}-[0-9]{1,6}$")]
"""Kind, year, twelve digits of the case, and which letter of the case it is: `CL-2026-7Q2M0000AB3D-3`."""

PLACEHOLDERS = frozenset({"name", "unit", "subject", "lodged", "text", "reason", "due", "zone", "result"})
"""What a template's text may name in braces."""

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OFFICE_TIME = timedelta(hours=8)

TemplateText = Annotated[str, Field(min_length=1, max_length=3_000)]


class LetterTemplate(Message):
    """What a letter of one kind says, in Chinese and, where there is one, in an English rendering.

    `{name}` and the other PLACEHOLDERS stand for what the letter is filled in with; the Chinese text is the letter.
    """

    title: Line
    body: TemplateText
    title_en: Line | None = None
    body_en: TemplateText | None = None

    @field_validator("body", "body_en")
    @classmethod
    def _names_what_there_is(cls, text: str | None) -> str | None:
        if text is not None and not set(_PLACEHOLDER.findall(text)) <= PLACEHOLDERS:
            raise ValueError("placeholder")
        return text

    def filled(self, values: dict[str, str], *, english: bool = False) -> str:
        """The text with its placeholders filled in; what is not told stays blank."""
        text = (self.body_en if english else self.body) or self.body
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


class LettersPolicy(Message):
    """The letters that a community sends, by kind: a kind without a template is not made."""

    templates: dict[LetterKind, LetterTemplate]


class LetterMadeV1(Message):
    """The step before it in the same decision made this letter, by the version `template` of the letters policy."""

    number: LetterNumber
    kind: LetterKind
    template: Code


Event = LetterMadeV1


def letter_number(kind: LetterKind, at: int, case: str, ordinal: int) -> str:
    """The number of a case's letter made at this time (milliseconds), the `ordinal`th of the case.

    A case's own stream is all that its decision sees (invariant 8), so the running number is within the case,
    and 60 bits of the case's id stand where an office's journal would count on. The year is that of Beijing time.
    """
    year = (EPOCH + timedelta(milliseconds=at) + _OFFICE_TIME).year
    rest, digits = int(case.split("_", 1)[1] or "0", 16) & ((1 << 60) - 1), ""
    for _ in range(12):
        rest, digit = divmod(rest, 32)
        digits = _DIGITS[digit] + digits
    return f"{CODES[kind]}-{min(year, 9999):04d}-{digits}-{ordinal}"


def letters_in(register: Register) -> tuple[str, LettersPolicy] | None:
    """The version and the templates in force; None where the register has none."""
    return register.derived(_read_letters)


def _read_letters(register: Register) -> tuple[str, LettersPolicy] | None:
    entry = register.policy(LETTERS_POLICY)
    return (entry.version, LettersPolicy.model_validate(entry.terms)) if entry else None


def template_then(register: Register, version: str, kind: str, at: int) -> LetterTemplate | None:
    """The template of this version as a letter made at this time (milliseconds) had it; None where there is none."""
    versions: list[tuple[int, Any]] = register.history.entries.get(("policy", LETTERS_POLICY), [])
    recorded = register.history.recorded_at
    named = [
        (offset, entry)
        for offset, entry in versions
        if offset < register.basis and isinstance(entry, PolicyDefinedV1) and entry.version == version
    ]
    before = [entry for offset, entry in named if recorded[offset] <= at] or [entry for _, entry in named[:1]]
    if not before:
        return None
    return LettersPolicy.model_validate(before[-1].terms).templates.get(kind)  # type: ignore[call-overload, no-any-return]
