"""Who is behind a session, as the pages show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who may sign in: id, name on display, and the ids of the roles they hold at the moment."""

    id: str
    display: str
    roles: frozenset[str]


Directory = Callable[[str], Awaitable[Actor | None]]
"""Finds an actor by id in the register; None where there is no such person any more."""
