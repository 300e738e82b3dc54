"""The letters of one case: which were made, whether they were served, and what each of them says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from contracts.letters import LetterTemplate, template_then
from contracts.reference import Register
from services.projections.papers import reporter_data, told
from services.projections.queries import CaseView
from services.projections.reading import Opener, Words
from services.projections.rows import CaseEventRow
from services.projections.worklist import excerpt
from web.case_forms import words
from web.formats import Formats
from web.i18n import Gettext

CHINESE = "zh-CN"
_KINDS: Mapping[str, str] = dict(words.LETTER_KINDS)
_WORDS: Mapping[str, str] = {
    "SL": "受告",
    "BY": "不受",
    "ZS": "转告",
    "YQ": "延告",
    "CL": "处意",
    "FC": "复查",
    "FH": "复核",
}
"""The first letters of a number → 代字."""
_DUES = ("handle_due_at", "answer_due_at")


class Delivery(NamedTuple):
    """One attempt to serve a letter; `result`, `manner`, `recipient`, `acknowledged` as recorded."""

    result: str
    manner: str
    recipient: str
    acknowledged: str | None
    at: int


class CaseLetter(NamedTuple):
    """A letter of a case. `word`: its number as an office writes it; `kind`: a message id; `at` in milliseconds.

    `source`: the event that made it; `template`: of which version; `deliveries`: in the order of the log.
    """

    number: str
    word: str
    code: str
    kind: str
    template: str
    at: int
    source: CaseEventRow | None
    deliveries: tuple[Delivery, ...]

    @property
    def served(self) -> bool:
        """Whether it has been served."""
        return any(one.result == "served" for one in self.deliveries)


def office_word(number: str) -> str:
    """A number as an office writes it: `CL-2026-7Q2M0000AB3D-3` is 处意〔2026〕7Q2M0000AB3D-3号."""
    code, year, digits, ordinal = number.split("-")
    return f"{_WORDS.get(code, code)}〔{year}〕{digits}-{ordinal}号"


def letters_of(view: CaseView) -> list[CaseLetter]:
    """The case's letters, in the order in which they were made."""
    deliveries: dict[str, list[Delivery]] = {}
    for row in view.events:
        if row.type == "grievance.service_recorded.v1":
            data = orjson.loads(row.data)
            one = Delivery(
                data["result"],
                data["manner"],
                data["recipient"],
                data.get("acknowledged"),
                row.recorded_at,
            )
            deliveries.setdefault(data.get("letter", ""), []).append(one)
    found = []
    for before, row in zip((None, *view.events), view.events, strict=False):
        if row.type == "grievance.letter_made.v1":
            data = orjson.loads(row.data)
            number = str(data["number"])
            made = CaseLetter(
                number=number,
                word=office_word(number),
                code=str(data["kind"]),
                kind=_KINDS.get(data["kind"], data["kind"]),
                template=str(data["template"]),
                at=row.recorded_at if row.effective_at is None else row.effective_at,
                source=before,
                deliveries=tuple(deliveries.get(number, ())),
            )
            found.append(made)
    return found


class Sheet(NamedTuple):
    """A letter as it is printed. `body`: its text, None where what it says cannot be opened for this reader."""

    title: str
    body: str | None
    unit: str
    day: str
    is_english: bool
    has_english: bool


class LetterTexts(NamedTuple):
    """Fills in the letters of one case for one reader. `formats` and `gettext` are of the letter's language.

    `names`: whether the reader may learn who lodged the case; else the letter has its general form of address.
    """

    view: CaseView
    register: Register
    opener: Opener
    formats: Formats
    gettext: Gettext
    names: bool = True

    def sheet(self, letter: CaseLetter) -> Sheet | None:
        """The letter by the template that it was made with; None where the register has none of that version."""
        recorded = letter.source.recorded_at if letter.source else letter.at
        template = template_then(self.register, letter.template, letter.code, recorded)
        if template is None:
            return None
        english = self.formats.language != CHINESE and template.body_en is not None
        unit = self.register.unit(self.view.case.unit)
        return Sheet(
            title=(template.title_en if english else None) or template.title,
            body=self._body(letter, template, english=english),
            unit=unit.name if unit else self.view.case.unit,
            day=self.formats.day(letter.at),
            is_english=english,
            has_english=template.body_en is not None,
        )

    def _body(self, letter: CaseLetter, template: LetterTemplate, *, english: bool) -> str | None:
        if letter.source is None or not self.opener.may_open:
            return None
        data = orjson.loads(letter.source.data)
        case = self.view.case
        values = {
            "name": self._name(),
            "unit": case.unit,
            "subject": self._subject(),
            "lodged": self.formats.day(case.lodged_at),
            "text": self._text(data),
            "reason": self._word(data.get("reason"), words.NOT_ACCEPTED_REASONS),
            "result": self._word(data.get("result"), words.REVIEW_RESULTS),
            "due": next((self.formats.day(int(data[name])) for name in _DUES if name in data), ""),
            "zone": self._zone(data.get("zone")),
        }
        return template.filled(values, english=english)

    def _word(self, value: Any, known: tuple[tuple[str, str], ...]) -> str:
        return self.gettext(dict(known).get(value, "")) if value in dict(known) else ""

    def _zone(self, zone: str | None) -> str:
        found = self.register.zone(self.view.case.unit, zone) if zone else None
        return found.name if found else zone or ""

    def _name(self) -> str:
        name = self.opener.words(reporter_data(self.view).get("reporter_name"), "reporter_name")
        stands_in = "来访（信）人" if self.formats.language == CHINESE else "To whoever lodged this matter"
        return name.text if self.names and name and name.state == "open" else stands_in

    def _subject(self) -> str:
        for field in ("title", "story"):
            found = told(self.view, self.opener, field)
            if found is not None:
                return excerpt(found.text) if found.state == "open" else self._withheld(found)
        return ""

    def _text(self, data: Mapping[str, Any]) -> str:
        for field in ("reply", "remedy", "note"):
            found = self.opener.words(data.get(field), field)
            if found is not None:
                return found.text if found.state == "open" else self._withheld(found)
        return ""

    def _withheld(self, _found: Words) -> str:
        return "（内容已删除或无法打开）" if self.formats.language == CHINESE else "(redacted or erased)"
