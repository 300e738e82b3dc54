"""The catalogue of all commands and events, as a page and as JSON Schema, made from the models.

`python -m barograph.reference` writes docs/reference; a test holds that what is there is up to date.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType, NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contracts import base, evidence, grievance
from contracts.catalogue import COMMANDS, EVENTS
from contracts.envelope import Decision, DecisionBody, EventBody, Submission
from contracts.evidence import LEDGER_RECORDS, ProvenReceipt, SignedReceipt
from contracts.genesis import Genesis
from contracts.personal import Sealed, SubjectRole, personal_fields
from contracts.reasons import REASONS, UNREADABLE
from contracts.register import Category

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_INTRODUCTION = """\
# Commands and events

Made by `python -m barograph.reference` from the models in `contracts/`; do not edit it.

Somebody says something: that is a **submission**, which holds one command and stands for ever on
`<family>.submissions`. What the workflow makes of it is a **decision** on `<family>.events`, which holds
the events where the command was accepted. Both are CloudEvents 1.0 in structured JSON, at most 60 KiB.
What a command or an event is about, and when, is in the envelope.

A field marked *sealed* is filled in as the type that stands beside it, and is on the log only as
ciphertext under the key of the person whose it is; destroying that key erases it.

JSON Schema of every type: [schemas/](schemas/).
"""

_WHOSE: Mapping[SubjectRole, str] = {
    "case": "of the case",
    "reporter": "of who lodged it",
    "person": "of the member of staff",
    "subject": "of the data subject",
    "representatives": "of the representatives",
    "concerned": "of the person concerned",
    "party_a": "of the mediation's first party",
    "party_b": "of the mediation's second party",
    "donor": "of who gave to the fund",
    "applicant": "of who is helped",
    "proxy": "of who speaks for the applicant",
    "objector": "of who objects",
    "helper": "of who helps",
    "party": "of a further party",
    "interpreter": "of the interpreter",
}
_FAMILIES: Mapping[str, str] = {
    "control": "Every family: a partition itself",
    "register": "Register",
    "grievance": "Grievances (诉求)",
    "people": "People: personal data",
    "accusation": "Accusations (检举控告)",
    "mediation": "Mediations (调解)",
    "aid": "Aid (救助)",
    "fund": "Funds (专项资金、互助金、捐赠)",
}
_ENVELOPES: Mapping[str, type[BaseModel]] = {
    "submission": Submission,
    "decision": Decision,
    "ledger.genesis.v1": Genesis,
}
_EVIDENCE: Mapping[str, type[BaseModel]] = {
    **LEDGER_RECORDS,
    "barograph.receipt.v1": SignedReceipt,
    "barograph.proven_receipt.v1": ProvenReceipt,
}
_PARTS: Sequence[type[BaseModel]] = (DecisionBody, EventBody, Sealed, Category)


class Kind(NamedTuple):
    """A named kind of value, such as `Code`: its annotation, and what the source says of it."""

    name: str
    annotation: Any
    meaning: str


def reference_files() -> dict[str, str]:
    """Path below docs/reference → the text that belongs there."""
    files = {"events.md": events_page()}
    for name, model in {**COMMANDS, **EVENTS, **_ENVELOPES, **_EVIDENCE}.items():
        files[f"schemas/{name}.json"] = _schema(name, model)
    return files


def events_page() -> str:
    """The page of all commands and events, in Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_contents(),
            *_section("Envelopes", [*_ENVELOPES.items(), *((part.__name__, part) for part in _PARTS)]),
            *_section("Keys, topics and receipts", _EVIDENCE.items()),
            *_families(),
            *_kinds_section(),
            *_codes("Reasons of refusals and no-ops", REASONS),
            *_codes("Reasons of unreadable records", UNREADABLE),
        ]
    )


def _contents() -> Iterator[str]:
    for family, title in _FAMILIES.items():
        yield f"**{title}**\n"
        for kind, types in (("Commands", COMMANDS), ("Events", EVENTS)):
            links = [f"[{name}](#{_anchor(name)})" for name in types if name.startswith(f"{family}.")]
            yield f"{kind}: {', '.join(links)}\n"


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _families() -> Iterator[str]:
    for family, title in _FAMILIES.items():
        for kind, types in (("commands", COMMANDS), ("events", EVENTS)):
            of_family = [(name, model) for name, model in types.items() if name.startswith(f"{family}.")]
            yield from _section(f"{title}: {kind}", of_family)


def _section(title: str, models: Iterable[tuple[str, type[BaseModel]]]) -> Iterator[str]:
    yield f"## {title}\n"
    for name, model in models:
        yield f"### {name}\n"
        yield f"{inspect.getdoc(model)}\n"
        yield from _fields_table(model)


def _fields_table(model: type[BaseModel]) -> Iterator[str]:
    personal = personal_fields(model)
    hints = get_type_hints(model, include_extras=True)
    rows = []
    for name, field in model.model_fields.items():
        mark = personal.get(name)
        hint = hints[name] if mark is None else mark.plain
        whose = "" if mark is None else f"sealed, {_WHOSE[mark.subject]}"
        rows.append((f"`{name}`", _type_text(hint), _presence(field), _limits(hint), whose))
    if not rows:
        yield "No fields.\n"
        return
    yield from _table(("Field", "Type", "Given", "Limits", "Personal"), rows)


def _presence(field: FieldInfo) -> str:
    if field.is_required():
        return "always"
    if field.default is None:
        return "where known"
    return f"{_json(field.default)} if absent"


def _type_text(hint: Any) -> str:
    """A type in words: the name of its kind, or what it is made of."""
    kind = _kind_of(hint)
    if kind is not None:
        return f"[{kind.name}](#kinds-of-value)"
    origin, args = get_origin(hint), [arg for arg in get_args(hint) if arg is not NoneType]
    if origin is Annotated:
        return _type_text(args[0])
    if origin is Literal:
        return " · ".join(f"`{value}`" for value in args)
    if origin in (tuple, list):
        return f"list of {_type_text(args[0])}"
    if origin is dict:
        return f"object: name → {_type_text(args[1])}"
    if args:
        return " or ".join(_type_text(arg) for arg in args)
    plain = {str: "text", int: "whole number", bool: "true or false", Any: "any JSON"}
    return plain.get(hint) or _link(hint)


def _link(model: type[BaseModel]) -> str:
    """A link to where a model is described: under its type's name, or its own."""
    name = next((name for name, other in _EVIDENCE.items() if other is model), model.__name__)
    return f"[{name}](#{_anchor(name.lower())})"


def _limits(hint: Any) -> str:
    """What bounds a value, where its kind does not say so already."""
    if _kind_of(hint) is not None:
        return ""
    if get_origin(hint) is Annotated:
        return ", ".join(_bounds(hint))
    return ", ".join(found for arg in get_args(hint) if (found := _limits(arg)))


def _bounds(hint: Any) -> Iterator[str]:
    count = "items" if get_origin(get_args(hint)[0]) is tuple else "characters"
    for bound in _constraints(get_args(hint)[1:]):
        match bound:
            case Ge(ge=least):
                yield f"from {least}"
            case Le(le=most):
                yield f"up to {most}"
            case MinLen(min_length=least):
                yield f"at least {least} {count}"
            case MaxLen(max_length=most):
                yield f"at most {most} {count}"
            case _ if getattr(bound, "pattern", None):
                yield f"`{bound.pattern}`".replace("|", "\\|")


def _constraints(metadata: Sequence[Any]) -> Iterator[Any]:
    for entry in metadata:
        yield from entry.metadata if isinstance(entry, FieldInfo) else [entry]


def _kind_of(hint: Any) -> Kind | None:
    return next((kind for kind in _kinds() if kind.annotation is hint), None)


@cache
def _kinds() -> tuple[Kind, ...]:
    return (*_kinds_in(base), *_kinds_in(evidence), *_kinds_in(grievance))


def _kinds_in(module: ModuleType) -> Iterator[Kind]:
    """The public annotated types of a module, with the text literal that follows each in the source."""
    body = ast.parse(inspect.getsource(module)).body
    for at, node in enumerate(body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            annotation = getattr(module, name)
            if get_origin(annotation) is Annotated and get_args(annotation)[0] in (str, int):
                yield Kind(name, annotation, _text_of(body[at + 1 : at + 2]))


def _text_of(nodes: Sequence[ast.stmt]) -> str:
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return inspect.cleandoc(str(node.value.value))
    return ""


def _kinds_section() -> Iterator[str]:
    yield "## Kinds of value\n"
    rows = [
        (name, _type_text(get_args(annotation)[0]), meaning, ", ".join(_bounds(annotation)))
        for name, annotation, meaning in _kinds()
    ]
    yield from _table(("Kind", "Type", "Meaning", "Limits"), rows)


def _codes(title: str, codes: Mapping[str, str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from _table(("Code", "Shown"), [(f"`{code}`", sentence) for code, sentence in codes.items()])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |".replace("\n", " ")
    yield ""


def _json(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _schema(name: str, model: type[BaseModel]) -> str:
    schema = {"$schema": _DIALECT, **model.model_json_schema(), "title": name}
    for field, mark in personal_fields(model).items():
        whose = {"subject": mark.subject, "plain": _kind_name(mark.plain)}
        schema["properties"][field] = {**schema["properties"][field], "x-personal": whose}
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _kind_name(plain: Any) -> str:
    kind = _kind_of(plain)
    if kind is None:
        raise ValueError(f"{plain!r} is no named kind of value")
    return kind.name


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the page and the schemas, remove schemas of types that are gone; return what changed."""
    files = {folder / path: text for path, text in reference_files().items()}
    stale = [path for path in folder.glob("schemas/*.json") if path not in files]
    changed = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        path.unlink()
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path])
    return [*changed, *stale]


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path}\n" for path in write()))
