"""Forms: what was sent, what is wrong with it, and both together as a page shows them again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.i18n import N_, Gettext

MAX_FIELDS = 200
MAX_FIELD_BYTES = 1024 * 1024

_TOO_MUCH = ("Field exceeded", "Part exceeded", "Too many")
"""How Starlette's sentences begin where a limit was passed; it answers 400, as for malformed bodies."""

TAKEN_FORM = "barograph.form"
"""Where a request's scope holds its form, once it has been read (web.uploads)."""

Values = Mapping[str, Any]
"""Field → what the field shows: text, or a list of texts where several are chosen."""

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "missing": N_("Fill in this field."),
        "blank": N_("Fill in this field."),
        "control_character": N_(
            "Remove the control characters; they often come with text pasted from other programs."
        ),
        "string_type": N_("Enter text here."),
        "string_unicode": N_("Enter text here."),
        "string_too_short": N_("Enter at least %(min_length)s characters."),
        "string_too_long": N_("Shorten this to at most %(max_length)s characters."),
        "string_pattern_mismatch": N_(
            "This is not in the form that is needed. See the example beside the field."
        ),
        "too_short": N_("Choose at least %(min_length)s."),
        "too_long": N_("Choose at most %(max_length)s."),
        "enum": N_("Choose one of the options in the list."),
        "literal_error": N_("Choose one of the options in the list."),
        "bool_type": N_("Choose yes or no."),
        "bool_parsing": N_("Choose yes or no."),
        "int_type": N_("Enter a whole number."),
        "int_parsing": N_("Enter a whole number."),
        "int_parsing_size": N_("This number is too large."),
        "int_from_float": N_("Enter a whole number."),
        "float_type": N_("Enter a number."),
        "float_parsing": N_("Enter a number."),
        "decimal_type": N_("Enter a number."),
        "decimal_parsing": N_("Enter a number."),
        "decimal_max_places": N_("Give at most %(decimal_places)s decimal places."),
        "finite_number": N_("Enter a number."),
        "greater_than": N_("Enter a number above %(gt)s."),
        "greater_than_equal": N_("Enter %(ge)s or more."),
        "less_than": N_("Enter a number below %(lt)s."),
        "less_than_equal": N_("Enter %(le)s or less."),
        "date_type": N_("Enter a date such as 2026-07-03."),
        "date_parsing": N_("Enter a date such as 2026-07-03."),
        "date_from_datetime_parsing": N_("Enter a date such as 2026-07-03."),
        "date_from_datetime_inexact": N_("Enter a date without a time, such as 2026-07-03."),
        "date_past": N_("Enter a date in the past."),
        "date_future": N_("Enter a date in the future."),
        "datetime_type": N_("Enter a date and time such as 2026-07-03 14:05."),
        "datetime_parsing": N_("Enter a date and time such as 2026-07-03 14:05."),
        "datetime_from_date_parsing": N_("Enter a date and time such as 2026-07-03 14:05."),
        "datetime_object_invalid": N_("Enter a date and time such as 2026-07-03 14:05."),
        "datetime_past": N_("This time lies in the future. Enter when it happened."),
        "datetime_future": N_("Enter a time in the future."),
        "local_time_skipped": N_("The clock was put forward over this time. Enter a time before or after."),
        "timezone_aware": N_("State the time with its offset from UTC, such as +08:00."),
        "extra_forbidden": N_("This field is not known here. Leave it out."),
        "json_invalid": N_("The request is not valid JSON."),
        "dict_type": N_("Send a JSON object here."),
        "model_type": N_("Send a JSON object here."),
        "model_attributes_type": N_("Send a JSON object here, with the content type application/json."),
        "list_type": N_("Send a list here."),
        "uuid_parsing": N_("This is not a valid identifier."),
    }
)
"""Kind of error (pydantic's, or our own) → sentence that says what to do."""

ANY_OTHER = N_("This cannot be right. Check it, please.")
ERASED = N_("This person has been erased, so that nothing more can be recorded about them.")


@dataclass(frozen=True, slots=True)
class FormErrors(Mapping[str, Sequence[str]]):
    """Field → sentences about it, already in the visitor's language; the key `""` is for the whole form."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """The sentences about a field. Raises KeyError where there are none."""
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        """The fields that have errors, in the order in which they were found."""
        return iter(self.fields)

    def __len__(self) -> int:
        """How many fields have errors."""
        return len(self.fields)

    def plus(self, name: str, *sentences: str) -> FormErrors:
        """These errors and further sentences about one field."""
        return FormErrors({**self.fields, name: (*self.fields.get(name, ()), *sentences)})


@dataclass(frozen=True, slots=True)
class Form:
    """What the macros of forms.html show: values to keep, errors, and each field's label (a message id).

    The error summary lists fields in the order of `labels`. `prefix` keeps the element ids of several forms
    on one page apart.
    """

    labels: Mapping[str, str]
    values: Values = field(default_factory=dict)
    errors: FormErrors = field(default_factory=FormErrors)
    prefix: str = "field"

    def id(self, name: str) -> str:
        """The id of the field's element."""
        return f"{self.prefix}-{name}"

    def value(self, name: str) -> Any:
        """What the field shows: empty text where nothing was entered."""
        found = self.values.get(name)
        return "" if found is None else found

    def problems(self) -> Sequence[tuple[str, str, str]]:
        """Every error as (field, label, sentence), those of the whole form first, with no field and label."""
        order = {"": -1, **{name: at for at, name in enumerate(self.labels)}}
        names = sorted(self.errors, key=lambda name: order.get(name, len(order)))
        return [
            (name if name in self.labels else "", self.labels.get(name, name), sentence)
            for name in names
            for sentence in self.errors[name]
        ]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a form sent. `values`: as entered, for showing it again. `filled`: for validation.

    In `filled`, outer white space and fields left blank are gone, and line ends are line feeds.
    """

    values: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]

    @property
    def filled(self) -> dict[str, str]:
        """Field → its text, where something was entered."""
        return {name: text.strip() for name, text in self.values.items() if text.strip()}

    def get(self, name: str) -> str:
        """The text of one field as entered, empty where it was not sent."""
        return self.values.get(name, "")


async def read_form(request: Request) -> Submitted:
    """Read a form's text fields; of a field sent twice `values` has the last. Files are passed over.

    Raises HTTPException 413 for a field of more than 1 MiB or too many fields, 400 for a malformed body.
    """
    form = await _form_data(request)
    lists: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            lists[name] = (*lists.get(name, ()), value.replace("\r\n", "\n").replace("\r", "\n"))
    return Submitted(values={name: texts[-1] for name, texts in lists.items()}, lists=lists)


async def _form_data(request: Request) -> FormData:
    taken: FormData | None = request.scope.get(TAKEN_FORM)
    if taken is not None:
        return taken
    try:
        return await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except HTTPException as error:
        raise HTTPException(413 if is_too_much(error.detail) else error.status_code) from None


def is_too_much(sentence: str) -> bool:
    """Whether this sentence of Starlette's form parsers says that a limit was passed."""
    return sentence.startswith(_TOO_MUCH)


def form_errors(
    error: ValidationError,
    gettext: Gettext,
    *,
    messages: Mapping[str, str] = MESSAGES,
    names: Callable[[tuple[int | str, ...]], str] | None = None,
) -> FormErrors:
    """Turn pydantic's errors into sentences at their fields.

    `messages` may add to or replace MESSAGES; `names` maps an error's location to the form's field name, by
    default its parts joined by dots.
    """
    found = FormErrors()
    for detail in error.errors(include_url=False, include_input=False):
        name = names(detail["loc"]) if names else field_name(detail["loc"])
        sentence = error_sentence(detail, gettext, messages)
        if sentence not in found.get(name, ()):
            found = found.plus(name, sentence)
    return found


def field_name(location: tuple[int | str, ...]) -> str:
    """The name of the field at a location: its parts joined by dots."""
    return ".".join(str(part) for part in location)


def error_sentence(
    detail: Mapping[str, Any], gettext: Gettext, messages: Mapping[str, str] = MESSAGES
) -> str:
    """The sentence for one of pydantic's error details.

    A validator's own ValueError is looked up by its text: a code such as `blank`, or a message id.
    """
    kind, context = str(detail["type"]), dict(detail.get("ctx") or {})
    known = messages if messages is MESSAGES else {**MESSAGES, **messages}
    if kind == "value_error":
        told = str(context.get("error", ""))
        sentence = known.get(told, told)
        return gettext(sentence) if sentence else gettext(ANY_OTHER)
    if kind in {"string_too_short", "too_short"} and context.get("min_length") == 1:
        kind = "missing"
    if kind not in known:
        return gettext(ANY_OTHER)
    try:
        return gettext(known[kind]) % context
    except (KeyError, TypeError, ValueError):
        return gettext(ANY_OTHER)


def new_form_key() -> str:
    """A fresh Idempotency-Key for a form, made by the server."""
    return secrets.token_urlsafe(18)
