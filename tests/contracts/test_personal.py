"""Nothing that names a person fits into what is not sealed: attributes, keys, ids, and the fields of people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.catalogue import COMMANDS, EVENTS
from contracts.envelope import Decision, DecisionBody, Submission
from contracts.genesis import Genesis
from contracts.personal import Sealed, personal_fields
from tests.golden.examples import submission

TYPES = {**COMMANDS, **EVENTS}

PERSONAL_WORDS = re.compile(
    r"(^|_)(name|telephone|phone|mobile|address|email|story|note|reply|remedy|title|text|birth|identity|"
    r"id_number|gender|ethnicity|religion|health|ip|user_agent|device|browser|location|latitude|longitude)(_|$)"
)
"""What fields that hold a person's data are called."""

OF_THINGS = {
    "register.define_unit.v1": {"name"},
    "register.unit_defined.v1": {"name"},
    "register.define_zone.v1": {"name"},
    "register.zone_defined.v1": {"name"},
    "register.define_post.v1": {"name"},
    "register.post_defined.v1": {"name"},
    "register.define_inspection.v1": {"name"},
    "register.inspection_defined.v1": {"name"},
    "register.define_fund.v1": {"name"},
    "register.fund_defined.v1": {"name"},
    "register.define_programme.v1": {"name"},
    "register.programme_defined.v1": {"name"},
    "grievance.redact.v1": {"text"},
    "grievance.redacted.v1": {"text"},
    "grievance.rated.v1": {"reply"},
    "Sealed": {"text"},
}
"""Fields with such a name that are about places and posts, or hold the id of a text or the number of a reply."""

WRITTEN_BY_US = {
    "Submission": {"specversion", "source", "time", "datacontenttype", "causationid", "bodytag"},
    "Decision": {"specversion", "id", "source", "time", "datacontenttype", "subject"},
    "DecisionBody": {
        "rules",
        "submission_id",
        "submission_type",
        "actor",
        "role",
        "unit",
        "batch",
        "bodytag",
        "reason",
        "field",
        "sha256",
    },
    "Genesis": {"type"},
}
"""Texts of envelopes whose form their types leave open: the software writes them, and nobody types them in.

A decision repeats what it found in the submission, or in a code of ours.
"""


@pytest.mark.parametrize("name", TYPES)
def test_what_is_called_personal_is_sealed(name: str) -> None:
    """A field whose name speaks of a person's data is sealed, in every command and event."""
    called = {field for field in TYPES[name].model_fields if PERSONAL_WORDS.search(field)}
    assert called - OF_THINGS.get(name, set()) <= personal_fields(TYPES[name]).keys()


@pytest.mark.parametrize("name", TYPES)
def test_a_sealed_field_takes_no_plain_text(name: str) -> None:
    """A personal field takes ciphertext with its subject's id, and refuses text as it was said."""
    for field in personal_fields(TYPES[name]):
        with pytest.raises(ValidationError) as refused:
            TYPES[name].model_validate({field: "虚构居民"})
        assert (field,) in {error["loc"][:1] for error in refused.value.errors()}


@pytest.mark.parametrize("model", [Submission, Decision, DecisionBody, Genesis, Sealed])
def test_no_attribute_is_called_personal(model: type[Any]) -> None:
    """No attribute of an envelope, and no part of a sealed field, is called after a person's data."""
    called = {field for field in model.model_fields if PERSONAL_WORDS.search(field)}
    assert called <= OF_THINGS.get(model.__name__, set())


@pytest.mark.parametrize("model", [Submission, Decision, DecisionBody, Genesis])
def test_every_attribute_has_a_form(model: type[Any]) -> None:
    """A text attribute is held to a pattern or to a list of values, or is one that only we write."""
    schema = model.model_json_schema()
    open_ones = {
        name
        for name, field in schema["properties"].items()
        if any(
            option.get("type") == "string" and not option.keys() & {"pattern", "enum", "const"}
            for option in (field, *field.get("anyOf", ()))
        )
    }
    assert open_ones <= WRITTEN_BY_US[model.__name__]


@pytest.mark.parametrize("attribute", ["id", "type", "subject", "actor", "role", "unit", "batch"])
@pytest.mark.parametrize(
    "words", ["虚构居民 甲", "虚构路0号，三单元", "name@example.test", "13800000000 （虚构）"]
)
def test_an_attribute_refuses_words(attribute: str, words: str) -> None:
    """A name with a space, an address, an e-mail address or a remark fits no attribute that comes from outside."""
    with pytest.raises(ValidationError):
        Submission.model_validate(submission().model_dump() | {attribute: words})
