"""What every model keeps to: frozen, closed, strict, and no person's words in plain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts import (
    accusation,
    aid,
    aid_policy,
    base,
    control,
    employment,
    envelope,
    fund,
    genesis,
    grievance,
    mediation,
    mediation_outcome,
    mediation_policy,
    pairing,
    people,
    personal,
    programmes,
    reference,
    register,
    workflow,
)
from contracts.base import BirthYear, Message
from contracts.catalogue import COMMANDS, EVENTS
from contracts.danger import DangerOverdueV1
from contracts.envelope import Decision, DecisionBody, EventBody, Submission
from contracts.genesis import Genesis
from contracts.letters import LetterMadeV1
from contracts.mediation_outcome import InForceV1
from contracts.personal import Personal, Sealed, personal_fields, plain_model
from tests.support.given import SEALED, TRACKING

TYPES = {**COMMANDS, **EVENTS}
MODULES = (
    accusation,
    aid,
    aid_policy,
    base,
    control,
    employment,
    envelope,
    fund,
    genesis,
    grievance,
    mediation,
    mediation_outcome,
    mediation_policy,
    pairing,
    people,
    personal,
    programmes,
    reference,
    register,
    workflow,
)
MODELS = sorted(
    {
        model
        for module in MODULES
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel
    },
    key=lambda model: model.__name__,
)

PLAIN_TEXT = {
    "register.define_unit.v1/name": "an official name of a place",
    "register.define_unit.v1/time_zone": "a time zone's name",
    "register.define_zone.v1/name": "an official name of a place",
    "register.define_categories.v1/categories/name": "an official name of a category",
    "register.define_policy.v1/source": "the norm that a policy follows",
    "register.define_policy.v1/terms": "read by the family's policy model, which has no text",
    "register.define_zone.v1/boundary": "where a zone ends, in words",
    "register.define_zone.v1/area": "a GeoJSON geometry, of which nothing but numbers is taken",
    "register.define_post.v1/name": "an official name of a post",
    "register.define_inspection.v1/name": "an official name of a kind of inspection",
    "register.define_calendar.v1/source": "the notice that sets a year's days off",
    "control.open_import.v1/source": "the name of a file, given by who imports it",
    "grievance.lodge.v1/source_id": "a record's number in another system",
    "mediation.start.v1/source_id": "a record's number in another system",
    "register.define_fund.v1/name": "an official name of a fund",
    "register.define_programme.v1/name": "an official name of a programme",
    "register.define_programme.v1/criteria": "whom a programme helps, as its norm says",
    "register.define_programme.v1/source": "the norm that a programme follows",
    "register.define_programme.v1/documents/name": "what a document is called",
    "aid.apply.v1/source_id": "a record's number in another system",
    "aid.register_seeker.v1/source_id": "a record's number in another system",
    "fund.receive.v1/items/name": "what goods are called",
    "fund.receive.v1/items/measure": "the unit that goods are counted in",
    "people.erased.v1/law": "an article of a law, from the policy",
}
"""Every field of a command that may hold free text in plain, and why no person's words belong in it.

The same fields of the events that answer them are meant too.
"""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_are_frozen_closed_and_strict(model: type[BaseModel]) -> None:
    """No model takes a field that it does not declare, converts a value, or lets a field be changed."""
    assert model.model_config.get("frozen") is True
    assert model.model_config.get("extra") == "forbid"
    assert model.model_config.get("strict") is True


@pytest.mark.parametrize("name", TYPES)
def test_messages_name_their_version(name: str) -> None:
    """Every type on a topic ends in its version, as its model does, and says in a sentence what it means."""
    model = TYPES[name]
    assert name.rsplit(".v", 1)[1] == model.__name__.rsplit("V", 1)[1]
    assert (model.__doc__ or "").strip().endswith(".")


@pytest.mark.parametrize("name", TYPES)
def test_no_field_holds_a_persons_words_in_plain(name: str) -> None:
    """Text that a person could fill with words is sealed, but for the fields that are listed above."""
    schema = TYPES[name].model_json_schema()
    found = {f"{name}/{path}" for path in _free_text(schema, schema.get("$defs", {}))}
    assert found == {field for field in _listed() if field.startswith(f"{name}/")}


def _listed() -> set[str]:
    answers = dict(zip(COMMANDS.values(), _answers(), strict=True))
    listed = set()
    for field in PLAIN_TEXT:
        name, path = field.split("/", 1)
        if name in EVENTS:
            listed.add(field)
            continue
        event = next(key for key, model in EVENTS.items() if model is answers[COMMANDS[name]])
        listed |= {field, f"{event}/{path}"}
    return listed


BESIDE_ANSWERS = frozenset({LetterMadeV1, DangerOverdueV1, InForceV1})
"""Events that go with the answer to a command, or answer one that another event answers."""


def _answers() -> Iterator[type[Message]]:
    """The event that answers each command, in the commands' order."""
    for module in (control, register, grievance, people, accusation, mediation):
        yield from (event for event in get_args(module.Event) if event not in BESIDE_ANSWERS)
    for module in (aid, fund):
        for command in get_args(module.Command):
            yield next((e for e in get_args(module.Event) if issubclass(e, command)), aid.FundAskedV1)


def _free_text(schema: dict[str, Any], parts: dict[str, Any], path: str = "") -> Iterator[str]:
    """The paths of all texts that no pattern and no list of values holds to a form."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rsplit("/", 1)[1]]
    for option in schema.get("anyOf", ()):
        yield from _free_text(option, parts, path)
    for name, field in schema.get("properties", {}).items():
        yield from _free_text(field, parts, f"{path}/{name}".strip("/"))
    if "items" in schema:
        yield from _free_text(schema["items"], parts, path)
    held = schema.keys() & {"pattern", "enum", "const"}
    if (schema.get("type") == "string" and not held) or schema.get("additionalProperties"):
        yield path


@pytest.mark.parametrize("name", TYPES)
def test_sealed_fields_say_whose_they_are(name: str) -> None:
    """Every sealed field is declared with its plain type and its subject, and nothing else is."""
    hints = get_type_hints(TYPES[name], include_extras=True)
    sealed = {field for field, hint in hints.items() if "Sealed" in str(hint)}
    assert sealed == set(personal_fields(TYPES[name]))
    for mark in personal_fields(TYPES[name]).values():
        told = "1958" if mark.plain is BirthYear else "13800000000"
        assert TypeAdapter(mark.plain).validate_python(told) == told


def test_the_personal_fields_are_these() -> None:
    """What is personal in a lodging, and whose it is."""
    marks = personal_fields(COMMANDS["grievance.lodge.v1"])
    assert {field: mark.subject for field, mark in marks.items()} == {
        "title": "case",
        "story": "case",
        "reporter_name": "reporter",
        "telephone": "reporter",
        "address": "reporter",
        "representative_names": "representatives",
        "person_concerned": "concerned",
        "split_note": "case",
    }
    assert personal_fields(EVENTS["grievance.lodged.v1"]) == marks


@pytest.mark.parametrize("name", [name for name in TYPES if personal_fields(TYPES[name])])
def test_the_plain_form_has_the_same_fields(name: str) -> None:
    """A message as it is filled in has the fields of the sealed one, required where those are."""
    plain = plain_model(TYPES[name])
    assert plain.model_fields.keys() == TYPES[name].model_fields.keys()
    for field, info in TYPES[name].model_fields.items():
        assert plain.model_fields[field].is_required() == info.is_required()


def test_the_plain_form_checks_what_is_filled_in() -> None:
    """A plain lodging keeps the rules of texts, telephones and unknown fields."""
    plain = plain_model(COMMANDS["grievance.lodge.v1"])
    good = {"tracking": TRACKING, "channel": "counter", "story": "灯坏了"}
    assert plain.model_validate(good).model_dump(exclude_none=True) == good | {"anonymous": False}
    for bad in (
        {"story": " "},
        {"story": "a" * 10_001},
        {"telephone": "none"},
        {"title": "a\0"},
        {"more": "x"},
    ):
        with pytest.raises(ValidationError):
            plain.model_validate(good | bad)


@pytest.mark.parametrize("field", ["reporter_name", "telephone", "address"])
def test_an_anonymous_lodging_names_nobody(field: str) -> None:
    """A lodging that is anonymous and yet says who lodged it is refused."""
    told = {"tracking": TRACKING, "channel": "web", "story": SEALED, field: SEALED}
    grievance.LodgeV1.model_validate(told)
    with pytest.raises(ValidationError, match="anonymous"):
        grievance.LodgeV1.model_validate(told | {"anonymous": True})


@pytest.mark.parametrize("sealed", ["", "a b", "=", "\u4e00", "a" * 60_001])
def test_sealed_text_is_base_64(sealed: str) -> None:
    """What stands in a sealed field is base 64, of bounded length."""
    with pytest.raises(ValidationError):
        Sealed(subject="sub_fictional0000", sealed=sealed)


def test_a_mark_stands_on_sealed_fields_only() -> None:
    """A field is personal by its mark, wherever it stands in a model."""
    marked = [mark for model in TYPES.values() for mark in personal_fields(model).values()]
    assert marked
    assert all(
        isinstance(mark, Personal) and mark.subject in get_args(personal.SubjectRole) for mark in marked
    )


def test_envelopes_are_messages_too() -> None:
    """Submissions, decisions, their bodies and the genesis are frozen and closed like what they carry."""
    assert {Submission, Decision, DecisionBody, EventBody, Genesis} <= set(MODELS)
