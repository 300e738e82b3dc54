"""Every message type that may stand on a topic, by its name and version."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, get_args

from contracts import accusation, aid, control, fund, grievance, mediation, people, register
from contracts.base import Message

_NAME = re.compile(r"^(?P<name>[A-Za-z]+?)V(?P<version>[0-9]+)$")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def type_name(family: str, model: type[Message]) -> str:
    """The type of a model on the log: `LodgeV1` of grievance is `grievance.lodge.v1`."""
    match = _NAME.match(model.__name__)
    if match is None:
        raise ValueError(f"{model.__name__} does not end in its version")
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", match["name"]).lower()
    return f"{family}.{snake}.v{match['version']}"


def _named(family: str, union: object) -> dict[str, type[Message]]:
    return {type_name(family, model): model for model in get_args(union)}


_MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("control", control),
    ("register", register),
    ("grievance", grievance),
    ("people", people),
    ("accusation", accusation),
    ("mediation", mediation),
    ("aid", aid),
    ("fund", fund),
)

COMMANDS: Mapping[str, type[Message]] = MappingProxyType(
    {k: v for family, module in _MODULES for k, v in _named(family, module.Command).items()}
)
EVENTS: Mapping[str, type[Message]] = MappingProxyType(
    {k: v for family, module in _MODULES for k, v in _named(family, module.Event).items()}
)
UPCASTERS: Mapping[str, tuple[str, Upcaster]] = MappingProxyType({})
"""Old event type → (next type, function over its data). Empty while every type is at version 1."""

TYPE_OF: Mapping[type[Message], str] = MappingProxyType(
    {model: name for name, model in (*COMMANDS.items(), *EVENTS.items())}
)


def current_event(event_type: str, data: dict[str, Any]) -> Message:
    """Read an event's data in its newest version.

    Raises KeyError for an unknown type and pydantic.ValidationError for data of another shape.
    """
    while event_type in UPCASTERS:
        event_type, upcast = UPCASTERS[event_type]
        data = upcast(data)
    return EVENTS[event_type].model_validate(data)
