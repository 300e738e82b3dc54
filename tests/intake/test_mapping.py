"""Map files: what a malformed one is told, and that the examples are of the form."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.mapping import MESSAGE_BOARD, ImportMap, MapError, read_map

EXAMPLES = Path(__file__).parents[2] / "examples" / "maps"
SMALLEST = """\
name: office
channel: letter
dates: dmy
columns:
  source_id: No
  lodged_at: Day
  story: Text
"""


def read(folder: Path, text: str) -> ImportMap:
    """Read this text as a map file."""
    path = folder / "map.yaml"
    path.write_text(text, "utf-8")
    return read_map(path)


def test_the_smallest_map(tmp_path: Path) -> None:
    """Number, day and text are enough; one heading stands for a list of one."""
    plan = read(tmp_path, SMALLEST)
    assert plan.columns.headings() == {"source_id": ("No",), "lodged_at": ("Day",), "story": ("Text",)}


@pytest.mark.parametrize(
    "path", [*sorted(EXAMPLES.glob("*.yaml")), MESSAGE_BOARD], ids=lambda path: path.stem
)
def test_the_maps_at_hand_are_of_the_form(path: Path) -> None:
    """Each map that comes with the software can be read."""
    assert read_map(path).name == path.stem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "map.yaml: a map is a list of keys with values"),
        ("- a", "map.yaml: a map is a list of keys with values"),
        (SMALLEST.replace("dmy", "mdyy"), "map.yaml, line 3, dates: Input should be 'ymd', 'mdy' or 'dmy'"),
        (SMALLEST + "colour: red\n", "map.yaml, line 8, colour: no such key"),
        (SMALLEST + "  storry: Text\n", "map.yaml, line 8, columns.storry: no such key"),
        (SMALLEST.replace("  story: Text\n", ""), "map.yaml, line 4, columns.story: this key is needed"),
        (SMALLEST + "time_zone: Mars/Base\n", "map.yaml, line 8, time_zone: no such time zone"),
        (SMALLEST + "encoding: utf-99\n", "map.yaml, line 8, encoding: no such encoding"),
        (SMALLEST + "place_pattern: '['\n", "map.yaml, line 8, place_pattern: not a regular expression"),
        (SMALLEST + "values:\n  status:\n    Done: maybe\n", "map.yaml, line 10, values.status.Done: "),
        (SMALLEST + "name: other\n", "map.yaml, line 8: 'name' is there twice"),
        (SMALLEST + "about: [\n", "map.yaml, line 9: not YAML"),
        (SMALLEST + "about: &a x\nabsent: *a\n", "map.yaml, line 9: write the value out"),
        ("\t", "map.yaml, line 1: not YAML"),
        ("[" * 5000 + "]" * 5000, "map.yaml, line 1: nested too deeply"),
        ("#" * 70_000, "map.yaml has more than 64 KiB"),
    ],
)
def test_a_malformed_map_is_told_by_line_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    """One sentence with the file, the line, the key, and what is wrong there."""
    with pytest.raises(MapError) as raised:
        read(tmp_path, text)
    assert str(raised.value).startswith(sentence)


def test_words_stay_words(tmp_path: Path) -> None:
    """YAML's truths, numbers and dates are texts here: a source's word `No` is the word `No`."""
    plan = read(tmp_path, SMALLEST + "absent: [No, 0, 2024-01-01, ~]\n")
    assert plan.absent == ("No", "0", "2024-01-01", "~")


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and one that is no UTF-8 are told as such."""
    with pytest.raises(MapError, match="there is no map file"):
        read_map(tmp_path / "none.yaml")
    (tmp_path / "map.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(MapError, match="not UTF-8"):
        read_map(tmp_path / "map.yaml")
