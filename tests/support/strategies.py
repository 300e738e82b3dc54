"""Arbitrary messages of any model, drawn from the model's own JSON Schema."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.base import Message

M = TypeVar("M", bound=Message)
Schema = dict[str, Any]

_WORDS = st.characters(exclude_categories=["Cc", "Cs"])


def messages(model: type[M]) -> st.SearchStrategy[M]:
    """Messages of this model; what its own validators refuse is drawn anew."""
    schema = model.model_json_schema()
    drawn = _of(schema, schema.get("$defs", {}))
    return drawn.filter(lambda data: _valid(model, data)).map(model.model_validate)


def _valid(model: type[Message], data: Any) -> bool:
    try:
        model.model_validate(data)
    except ValidationError:
        return False
    return True


def _of(schema: Schema, parts: dict[str, Schema]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _of(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    if "anyOf" in schema:
        return st.one_of([_of(option, parts) for option in schema["anyOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 2**53))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            items = _of(schema["items"], parts)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=3)
        case _:
            return _object(schema, parts)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True, alphabet=_WORDS)
    return st.text(_WORDS, min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 40), 40))


def _object(schema: Schema, parts: dict[str, Schema]) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        rest = schema.get("additionalProperties")
        values = (
            _of(rest, parts) if isinstance(rest, dict) else st.integers(0, 9) | st.text(_WORDS, max_size=9)
        )
        return st.dictionaries(st.text(_WORDS, max_size=9), values, max_size=3)
    required = set(schema.get("required", ()))
    fields = {name: _of(field, parts) for name, field in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: drawn for name, drawn in fields.items() if name in required},
        optional={name: drawn for name, drawn in fields.items() if name not in required},
    )
