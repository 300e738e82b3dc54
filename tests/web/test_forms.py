"""Forms: what is read from them, and what is said about what is wrong."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from contracts.base import Text
from tests.web.visitor import Visitor
from web.forms import ANY_OTHER, Form, FormErrors, Submitted, form_errors
from web.i18n import LOCALE_DIR, load_translations


class Colour(StrEnum):
    """Two colours."""

    RED = "red"
    BLUE = "blue"


class Asked(BaseModel):
    """A field of each kind that a form may ask for."""

    line: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    code: Annotated[str, Field(min_length=2, pattern="^[a-z]+$")] = "ab"
    story: Text = "x"
    number: Annotated[int, Field(ge=0, lt=100)] = 1
    colour: Colour = Colour.RED
    letter: Literal["a", "b"] = "a"
    day: date = date(2026, 7, 3)
    moment: datetime | None = None
    aware: AwareDatetime | None = None
    agreed: bool = True
    several: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]


def sentence(field: str, value: object, language: str = "en") -> str:
    """What is said about this value in this field."""
    gettext = load_translations(LOCALE_DIR)[language].gettext
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate({field: value})
    errors = form_errors(caught.value, gettext)
    assert list(errors) == [field]
    return errors[field][0]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("line", "", "Fill in this field."),
        ("line", "six...", "Shorten this to at most 5 characters."),
        ("line", 5, "Enter text here."),
        ("code", "a", "Enter at least 2 characters."),
        ("code", "AB", "This is not in the form that is needed. See the example beside the field."),
        ("story", "  ", "Fill in this field."),
        (
            "story",
            "a\x07b",
            "Remove the control characters; they often come with text pasted from other programs.",
        ),
        ("number", "many", "Enter a whole number."),
        ("number", "1.5", "Enter a whole number."),
        ("number", "9" * 5000, "This number is too large."),
        ("number", "-1", "Enter 0 or more."),
        ("number", "100", "Enter a number below 100."),
        ("colour", "green", "Choose one of the options in the list."),
        ("letter", "c", "Choose one of the options in the list."),
        ("day", "3 July", "Enter a date such as 2026-07-03."),
        ("day", "2026-02-30", "Enter a date such as 2026-07-03."),
        ("moment", "yesterday", "Enter a date and time such as 2026-07-03 14:05."),
        ("aware", "2026-07-03T14:05", "State the time with its offset from UTC, such as +08:00."),
        ("agreed", "perhaps", "Choose yes or no."),
        ("several", [], "Fill in this field."),
        ("several", ["a", "b", "c"], "Choose at most 2."),
    ],
)
def test_each_kind_of_error_says_what_to_do(field: str, value: object, said: str) -> None:
    """Each kind of wrong value gets a sentence that says what to do."""
    assert sentence(field, value) == said


def test_errors_are_told_in_chinese() -> None:
    """The same sentence is there in Chinese, with its number."""
    assert sentence("line", "six...", "zh-CN") == "请缩短到 5 字以内。"


def test_missing_field_is_named_by_its_path() -> None:
    """An error inside a part is at the field named with dots."""

    class Outer(BaseModel):
        inner: list[Asked]

    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": [{"number": "x"}]})
    assert list(form_errors(caught.value, str)) == ["inner.0.number"]


def test_form_may_name_fields_its_own_way() -> None:
    """A form whose fields are named otherwise maps the locations itself."""
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate({"number": "x"})
    assert list(form_errors(caught.value, str, names=lambda loc: f"f_{loc[0]}")) == ["f_number"]


def test_service_may_add_its_own_sentences() -> None:
    """A code that a service's validator raises is looked up in the messages that the service brings."""

    def odd(value: int) -> int:
        if value % 2 == 0:
            raise ValueError("even")
        return value

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Annotated[int, AfterValidator(odd)]).validate_python(2)
    assert form_errors(caught.value, str, messages={"even": "Odd ones only."})[""] == ("Odd ones only.",)


def test_unknown_kind_of_error_is_still_told() -> None:
    """An error of a kind that nobody foresaw gets a general sentence."""
    raised = ValidationError.from_exception_data("x", [{"type": "recursion_loop", "loc": ("a",), "input": 0}])
    assert form_errors(raised, str)["a"] == (ANY_OTHER,)


def test_sentence_with_a_missing_value_is_still_told() -> None:
    """A sentence whose value the error does not carry gives way to the general one."""
    raised = ValidationError.from_exception_data("x", [{"type": "recursion_loop", "loc": ("a",), "input": 0}])
    own = {"recursion_loop": "At most %(depth)s levels."}
    assert form_errors(raised, str, messages=own)["a"] == (ANY_OTHER,)


def test_same_sentence_is_said_once() -> None:
    """Two errors of one field with the same sentence, such as those of a union, are told once."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Literal["a"] | Colour).validate_python("x")
    errors = form_errors(caught.value, str, names=lambda _: "field")
    assert len(errors["field"]) == 1


def test_blank_fields_are_left_out_for_validation() -> None:
    """What was left blank is missing, and outer white space is gone; what was typed is kept to be shown."""
    sent = Submitted({"a": "  x ", "b": "  "}, {})
    assert sent.filled == {"a": "x"}
    assert sent.values["a"] == "  x "


def test_problems_come_in_the_order_of_the_labels() -> None:
    """The summary lists the form's own errors first, then those of the fields as they stand on the page."""
    form = Form({"a": "A", "b": "B"}, errors=FormErrors({"b": ("2",), "a": ("1",), "": ("0",), "z": ("9",)}))
    assert [text for _, _, text in form.problems()] == ["0", "1", "2", "9"]


async def test_accepted_form_leads_on_with_a_notice(visitor: Visitor) -> None:
    """After an accepted form the next page says so, once."""
    response = await visitor.fill("/form", {"story": "x", "count": "3"})
    assert response.status_code == 303
    assert "taken: 3" in (await visitor.get("/form")).text
    assert "taken: 3" not in (await visitor.get("/form")).text


async def test_refused_form_keeps_what_was_entered(visitor: Visitor) -> None:
    """A form with errors comes back with 422 and everything that was entered."""
    fields = {"story": "line 1\r\nline 2", "count": "x", "zone": "z2", "channel": "web", "anonymous": "yes"}
    page = (await visitor.fill("/form", fields)).text
    assert "line 1\nline 2</textarea>" in page
    assert 'value="x"' in page
    assert '<option value="z2" selected>' in page
    assert re.search('value="web" checked', page)
    assert re.search('name="anonymous" value="yes" checked', page)


async def test_error_stands_at_its_field(visitor: Visitor) -> None:
    """A field with an error is marked invalid and described by the sentence."""
    page = (await visitor.fill("/form", {"story": "x", "count": "many"})).text
    field = re.search(r'<input id="field-count"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="field-count-error"' in field[0]
    assert re.search(r'id="field-count-error">.*Enter a whole number\.', page, re.DOTALL)


async def test_summary_leads_to_the_field(visitor: Visitor) -> None:
    """The summary names the field and links to it."""
    page = (await visitor.fill("/form", {"story": "x"})).text
    assert '<a href="#field-count">Count</a>: Fill in this field.' in page


async def test_error_of_the_whole_form_has_no_link(visitor: Visitor) -> None:
    """An error of no field is in the summary, without a link."""
    page = (await visitor.get("/form-errors")).text
    assert "<li>In all.</li>" in page


async def test_what_was_entered_is_shown_as_text(visitor: Visitor) -> None:
    """Markup that somebody enters is shown, not obeyed."""
    page = (await visitor.fill("/form", {"story": "<script>x</script>", "count": '"><b>'})).text
    assert "<script>x" not in page
    assert html.escape('"><b>').replace("&quot;", "&#34;") in page


async def test_help_describes_its_field(visitor: Visitor) -> None:
    """A field's help is tied to it for screen readers."""
    page = (await visitor.get("/form")).text
    assert 'aria-describedby="field-title-help"' in page
    assert 'id="field-title-help">A line<' in page


async def test_malformed_multipart_form_is_refused(visitor: Visitor) -> None:
    """A form body that is not what it says gets 400, never a failure."""
    token = await visitor.token("/form")
    headers = {"Content-Type": "multipart/form-data; boundary=b", "X-CSRF-Token": token}
    response = await visitor.post("/form", content=b"nonsense", headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "application/x-www-form-urlencoded; charset=x", "a/b"]
)
async def test_odd_content_types_are_no_failure(visitor: Visitor, kind: str) -> None:
    """A form without a boundary, in an unknown charset or of another type is refused with a 4xx."""
    token = await visitor.token("/form")
    headers = {"Content-Type": kind, "X-CSRF-Token": token}
    response = await visitor.post("/form", content=b"story=%ED%A0%80", headers=headers)
    assert 400 <= response.status_code < 500


async def test_too_many_fields_are_refused(visitor: Visitor) -> None:
    """A form with more fields than any of ours gets 413."""
    fields = {f"f{number}": "x" for number in range(300)}
    token = await visitor.token("/form")
    response = await visitor.post("/form", data=fields, headers={"X-CSRF-Token": token})
    assert response.status_code == 413
