"""Map files: what the columns of another system's export mean, in YAML.

A map names, for each thing that an import wants to know, the heading under which a file tells it. All
scalars are read as text (YAML's "no" is a word, not a truth). See examples/maps.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from contracts.base import Code
from contracts.employment import PostKind, WorkNeed
from contracts.grievance import Channel, CloseOutcome
from contracts.mediation import DisputeType
from contracts.mediation_outcome import Outcome

MAX_BYTES = 64 * 1024
MAX_DEPTH = 10
MESSAGE_BOARD = Path(__file__).parent / "maps" / "message-board.yaml"
"""The map of a message board's export: what is meant where no map is named."""

DateOrder = Literal["ymd", "mdy", "dmy"]


class MapError(Exception):
    """A map file cannot be used; the sentence names the line and the key."""


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError("no such encoding: utf-8, gb18030 and cp1252 are some") from None


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError):
        raise ValueError("no such time zone: write one such as Asia/Shanghai") from None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from None
    return text


MapFamily = Literal["grievance", "mediation", "aid", "employment"]
"""What the rows of a map are."""

AidOutcome = Literal["granted", "refused", "not_told"]
Heading = Annotated[str, Field(min_length=1, max_length=200)]
Headings = Annotated[tuple[Heading, ...], BeforeValidator(_several), Field(min_length=1, max_length=12)]
Pattern = Annotated[str, AfterValidator(_pattern), Field(max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Part):
    """Heading of the column that tells each thing; several headings make one text.

    `place` is a place code or holds one (see ImportMap.place_pattern); `latitude` and `longitude` are kept as a
    place code of a cell, never as they are; `duplicate_of` holds the source id of the case that is repeated.
    Of aid alone: `amount` in yuan, and what was given in kind, each in its own unit; `persons` of the household that were helped,
    `person_times`: how often somebody was.
    """

    source_id: Heading
    lodged_at: Heading
    story: Headings
    title: Headings | None = None
    reporter: Heading | None = None
    accepted_at: Heading | None = None
    replied_at: Heading | None = None
    closed_at: Heading | None = None
    target_at: Heading | None = None
    reply: Headings | None = None
    status: Heading | None = None
    outcome: Heading | None = None
    category: Heading | None = None
    zone: Heading | None = None
    place: Heading | None = None
    latitude: Heading | None = None
    longitude: Heading | None = None
    duplicate_of: Heading | None = None
    household: Heading | None = None
    amount: Heading | None = None
    persons: Heading | None = None
    person_times: Heading | None = None
    goods: Heading | None = None
    trips: Heading | None = None
    services: Heading | None = None
    hours: Heading | None = None

    def headings(self) -> dict[str, tuple[str, ...]]:
        """What is wanted → the headings that tell it, for all that the map names."""
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: _tuple(value) for name, value in told.items() if value is not None}


def _tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


class Values(_Part):
    """What the words of the source are here. A word that is not listed stays unknown, and is reported."""

    status: Mapping[str, Literal["open", "closed"]] = {}
    outcome: Mapping[str, CloseOutcome | Outcome | AidOutcome | PostKind] = {}
    category: Mapping[str, Code] = {}
    zone: Mapping[str, Code] = {}


class ImportMap(_Part):
    """How to read one kind of export, of grievances, of mediations, of aid or of employment help.

    Of aid the category is the programme, the outcome `granted`, `refused` or `not_told`; a row that gives something is granted.

    Of employment help `lodged_at` is when somebody was registered, `closed_at` when they began to work; the category is the
    need, the outcome the kind of work (`contracts.employment`); the name may be missing.

    Of mediations the category is the kind of dispute (`contracts.mediation`); the channel tells how they began: `letter` on
    a written application, `visit` unasked, any other by word of mouth; replies and acceptances are not read.
    `name` of the source: the same person there is the same subject in every file of it. `time_zone` of
    times that state none, the community's where left out; `dates`: the order of day, month and year where
    the year does not come first. `cell_decimals`: how many decimals of a degree a cell is wide (2: about
    1 km). `absent`: words that mean that nothing is known. `duplicate_pattern` marks a reply as "closed as
    a duplicate"; its group `id`, where it has one, is the source id of the case repeated.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9\-]{0,39}$")]
    about: str = ""
    family: MapFamily = "grievance"
    format: Literal["csv", "xlsx", "json", "jsonl"] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    channel: Channel
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    dates: DateOrder
    columns: Columns
    values: Values = Values()
    absent: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    cell_decimals: Annotated[int, Field(ge=0, le=3)] = 2
    place_pattern: Pattern | None = None
    duplicate_pattern: Pattern | None = None

    @model_validator(mode="after")
    def _is_of_its_family(self) -> ImportMap:
        codes = {"mediation": (DisputeType, "kind of dispute"), "employment": (WorkNeed, "need")}
        outcomes = {
            "grievance": CloseOutcome,
            "mediation": Outcome,
            "aid": AidOutcome,
            "employment": PostKind,
        }
        known = get_args(outcomes[self.family])
        other = [word for word in self.values.outcome.values() if word not in known]
        if other:
            raise ValueError(f"values.outcome: {other[0]} is no outcome of a {self.family}")
        listed, word = codes.get(self.family, (None, ""))
        unknown = [code for code in self.values.category.values() if code not in get_args(listed)]
        if listed is not None and unknown:
            raise ValueError(f"values.category: {unknown[0]} is no {word}")
        return self


def read_map(path: Path) -> ImportMap:
    """Read a map file. Raises MapError."""
    try:
        data = path.read_bytes()
    except OSError:
        raise MapError(f"there is no map file {path}") from None
    if len(data) > MAX_BYTES:
        raise MapError(f"{path.name} has more than {MAX_BYTES // 1024} KiB: a map is a page of text")
    try:
        node, value = _parse(data.decode(), path.name)
    except UnicodeDecodeError:
        raise MapError(f"{path.name} is not UTF-8 text: save it so") from None
    try:
        return ImportMap.model_validate(value)
    except ValidationError as error:
        raise MapError(_sentence(error, node, path.name)) from None


def _parse(text: str, name: str) -> tuple[yaml.Node, Any]:
    try:
        depth = 0
        for event in yaml.parse(text, yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise MapError(f"{name}, line {_line(event)}: nested too deeply, a map has a few levels")
            if isinstance(event, yaml.AliasEvent):
                raise MapError(f"{name}, line {_line(event)}: write the value out, * is not used in a map")
        node = yaml.compose(text, yaml.BaseLoader)
        value = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - this loader makes texts, lists and mappings only
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        where = f", line {at.line + 1}" if at else ""
        raise MapError(f"{name}{where}: not YAML ({error.problem or error.context})") from None
    except yaml.YAMLError as error:
        raise MapError(f"{name}: not YAML ({' '.join(str(error).split())})") from None
    if not isinstance(node, yaml.MappingNode):
        raise MapError(f"{name}: a map is a list of keys with values, such as 'dates: ymd'")
    for key in _repeated(node):
        raise MapError(f"{name}, line {_line(key)}: {key.value!r} is there twice")
    return node, value


def _repeated(node: yaml.Node) -> Iterator[yaml.Node]:
    """Keys that a mapping has already, at any depth: the second would silently win."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                yield key
            seen.add(key.value)
        yield from _repeated(value)


def _sentence(error: ValidationError, node: yaml.Node, name: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    # pydantic names the kinds of a value that may be one of several: no key of the file.
    line, keys = _find(node, first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "no such key"
    elif first["type"] == "missing":
        keys, message = [*keys, str(first["loc"][-1])], "this key is needed"
    more = error.error_count() - 1
    others = f" ({more} more)" if more else ""
    return f"{name}, line {line}, {'.'.join(keys) or 'top'}: {message}{others}"


def _find(node: yaml.Node, location: Sequence[int | str]) -> tuple[int, list[str]]:
    """The line of what a location names, as far as the file has it, and the keys that lead there."""
    line, keys = _line(node), list[str]()
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            line, node = _line(found[0]), found[1]
            keys.append(str(part))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = _line(node)
    return line, keys


def _line(mark: Any) -> int:
    return int(mark.start_mark.line) + 1
