"""The catalogue page and the schemas say what the models say."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # no stubs among the locked packages
import pytest

from barograph.reference import FOLDER, reference_files, write
from contracts.catalogue import COMMANDS, EVENTS
from contracts.personal import personal_fields
from tests.golden.write_missing import FOLDER as GOLDEN

TYPES = {**COMMANDS, **EVENTS}
FILES = reference_files()


@pytest.mark.parametrize("path", sorted(FILES))
def test_the_reference_is_up_to_date(path: str) -> None:
    """What stands in docs/reference is what the models give: run `python -m barograph.reference`."""
    assert (FOLDER / path).read_text() == FILES[path]


def test_no_schema_is_left_over() -> None:
    """docs/reference/schemas holds no schema of a type that does not exist."""
    assert {f"schemas/{path.name}" for path in FOLDER.glob("schemas/*.json")} == FILES.keys() - {"events.md"}


@pytest.mark.parametrize("name", TYPES)
def test_the_page_explains_every_type(name: str) -> None:
    """Each command and event has a section with its meaning and all of its fields."""
    section = FILES["events.md"].split(f"\n### {name}\n")[1].split("\n### ")[0]
    assert (TYPES[name].__doc__ or "").splitlines()[0] in section
    for field in TYPES[name].model_fields:
        assert f"| `{field}` |" in section
    for field, mark in personal_fields(TYPES[name]).items():
        (row,) = (line for line in section.splitlines() if line.startswith(f"| `{field}` |"))
        whose = {
            "case": "of the case",
            "reporter": "of who lodged it",
            "person": "member of staff",
            "subject": "of the data subject",
            "representatives": "of the representatives",
            "concerned": "of the person concerned",
            "party_a": "of the mediation's first party",
            "party_b": "of the mediation's second party",
            "party": "of a further party",
            "interpreter": "of the interpreter",
            "donor": "of who gave to the fund",
            "applicant": "of who is helped",
            "proxy": "of who speaks for the applicant",
            "objector": "of who objects",
            "helper": "of who helps",
        }
        assert whose[mark.subject] in row


@pytest.mark.parametrize("path", sorted(FILES.keys() - {"events.md"}))
def test_each_schema_is_a_json_schema(path: str) -> None:
    """Each schema is valid JSON Schema of the draft that it names, with its keys in order."""
    schema = json.loads(FILES[path])
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == Path(path).stem
    assert json.dumps(schema, sort_keys=True) == json.dumps(schema)


@pytest.mark.parametrize("name", TYPES)
def test_each_golden_file_meets_its_schema(name: str) -> None:
    """The golden file of each type is valid under the type's schema, and an unknown field is not."""
    validator = jsonschema.Draft202012Validator(json.loads(FILES[f"schemas/{name}.json"]))
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    validator.validate(golden)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(golden | {"unknown": 1})


def test_writing_makes_the_folder_what_it_should_be(tmp_path: Path) -> None:
    """Writing makes every file, removes the schemas of types that are gone, and then changes nothing."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "old.shout.v1.json").write_text("{}")
    (tmp_path / "events.md").write_text("old")
    assert len(write(tmp_path)) == len(FILES) + 1
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == FILES.keys()
    assert write(tmp_path) == []
