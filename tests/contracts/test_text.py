"""What people may write: texts, names, numbers and times at their bounds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.base import (
    LAST_MS,
    Code,
    Identifier,
    Line,
    Milliseconds,
    Telephone,
    Text,
    from_rfc3339,
    sha256_hex,
    to_rfc3339,
)

FORMS = {
    "line": TypeAdapter(Line),
    "text": TypeAdapter(Text),
    "telephone": TypeAdapter(Telephone),
    "code": TypeAdapter(Code),
    "identifier": TypeAdapter(Identifier),
}
LONGEST = {"line": 200, "text": 10_000}
CONTROL = [chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))]


def allows(form: str, text: object) -> bool:
    """Whether this text has this form."""
    try:
        FORMS[form].validate_python(text, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("form", LONGEST)
@pytest.mark.parametrize("character", CONTROL, ids=lambda character: f"U+{ord(character):04X}")
def test_control_characters_are_refused(form: str, character: str) -> None:
    """No control character but line feed, carriage return and tab may stand in a text."""
    assert not allows(form, f"a{character}b")


@pytest.mark.parametrize("form", LONGEST)
@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"], ids=ascii)
def test_lone_surrogates_are_refused(form: str, text: str) -> None:
    """Half of a surrogate pair is no character, and is refused without an error of its own."""
    assert not allows(form, text)


@pytest.mark.parametrize("form", LONGEST)
@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000\u3000", "\u00a0"], ids=ascii)
def test_blank_text_is_refused(form: str, text: str) -> None:
    """White space alone, the full-width space too, says nothing."""
    assert not allows(form, text)


@pytest.mark.parametrize("form", LONGEST)
@pytest.mark.parametrize("character", ["a", "永", "𠀀", "👨"])
def test_texts_end_at_their_length(form: str, character: str) -> None:
    """A text may have its longest length, in characters of any kind, and not one more."""
    assert allows(form, character * LONGEST[form])
    assert not allows(form, character * (LONGEST[form] + 1))


@pytest.mark.parametrize(
    "text", ["甲\n乙\r\n丙\t丁", " a ", "e\u0301", "\U0001f468\u200d\U0001f469", "<b>&amp;"]
)
def test_texts_stay_as_they_are(text: str) -> None:
    """A text that is allowed is kept character for character."""
    assert FORMS["text"].validate_python(text) == text


@pytest.mark.parametrize("value", [1, None, b"a", ["a"]], ids=repr)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_but_text_is_text(form: str, value: object) -> None:
    """Numbers, bytes and lists are not taken for text."""
    assert not allows(form, value)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("13800000000", True), ("+86 138-0000-0000", True), ("021-5555 0000", True), ("12345", True),
        ("1234", False), ("1" * 21, False), ("1" * 20, True), ("telephone", False), ("+", False),
        ("138\n0000000", False), ("13800000000\n", False), ("１３８００００００００", False),
    ],
)  # fmt: skip
def test_a_telephone_number(text: str, allowed: bool) -> None:
    """A telephone number has 5 to 20 digits, spaces and hyphens, with a plus sign before them or not."""
    assert allows("telephone", text) is allowed


@pytest.mark.parametrize("text", ["a b", "", "a" * 65, "a\n", "a:b", "a,b", "\ud800"])
def test_a_code_has_no_room_for_sentences(text: str) -> None:
    """A code has at most 64 letters, digits, underscores, points, hyphens and strokes."""
    assert not allows("code", text)
    assert allows("code", "a/b.c-1_Z" + "a" * 55)


@pytest.mark.parametrize(
    "text", ["act_1234567", "act_" + "a" * 41, "ACT_12345678", "act_1234567X", "act12345678"]
)
def test_an_identifier_has_its_form(text: str) -> None:
    """An identifier is three small letters, an underscore, and 8 to 40 small letters and digits."""
    assert not allows("identifier", text)
    assert allows("identifier", "act_12345678")
    assert allows("identifier", "act_" + "a" * 40)


@given(st.integers(0, LAST_MS))
def test_times_are_written_as_rfc_3339(milliseconds: int) -> None:
    """Every time is written with its date, three decimals and Z, and read back to the millisecond."""
    text = to_rfc3339(milliseconds)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert from_rfc3339(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1970-01-01T00:00:00Z", 0), ("1970-01-01T08:00:00+08:00", 0), ("1970-01-01T00:00:00.0019Z", 1),
     ("1969-12-31T23:59:59.999Z", -1)],
)  # fmt: skip
def test_times_are_read_with_their_offset(text: str, expected: int) -> None:
    """A time with any offset from UTC is read, down to whole milliseconds."""
    assert from_rfc3339(text) == expected


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00", "2026-01-01", "now", ""])
def test_a_time_without_an_offset_is_none(text: str) -> None:
    """A time that does not say its offset from UTC is refused."""
    with pytest.raises(ValueError, match=r".+"):
        from_rfc3339(text)


@pytest.mark.parametrize(
    ("value", "allowed"), [(0, True), (LAST_MS, True), (-1, False), (LAST_MS + 1, False)]
)
def test_a_time_has_bounds(value: int, allowed: bool) -> None:
    """Times run from 1970 to the end of 9999, and neither text nor a fraction is a time."""
    milliseconds = TypeAdapter(Milliseconds)
    if allowed:
        assert milliseconds.validate_python(value) == value
    for wrong in [*([] if allowed else [value]), str(value), value + 0.5, True]:
        with pytest.raises(ValidationError):
            milliseconds.validate_python(wrong, strict=True)


def test_hashes_are_sha_256() -> None:
    """The hash of nothing is SHA-256's."""
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
