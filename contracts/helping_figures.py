"""The figures of pairs and of employment help: what they count. Persons and placements are never added together."""

from __future__ import annotations

from typing import NamedTuple


class PairFigures(NamedTuple):
    """What was done in pairs in a period.

    `begun`, `ended`: pairs that began and ended in it; `standing`: that stand now; `visits` that were made in it, in how many of
    them somebody was `met`; `due`: plans whose day lies in it and has passed, and how many of these were `done`.
    """

    begun: int
    ended: int
    standing: int
    visits: int
    met: int
    due: int
    done: int


class Registered(NamedTuple):
    """Who was registered in a period with one need: persons, each once.

    `cases`: how often somebody was registered; `named` of the persons have a name on record; `placed`: persons
    who have been placed since.
    """

    need: str
    imported: bool
    cases: int
    persons: int
    named: int
    placed: int


class Placed(NamedTuple):
    """Placements that began in a period, of one kind of work: how many, of how many persons, and how many of these are named."""

    kind: str
    imported: bool
    placements: int
    persons: int
    named: int


class Kept(NamedTuple):
    """Placements that began in a period and of which so many months have passed.

    `passed`: how many those are; `known`: of how many it was asked, or had been told before that the work was lost; `still`:
    how many of these were still in work then.
    """

    months: int
    passed: int
    known: int
    still: int


class EmploymentFigures(NamedTuple):
    """The figures of employment help in a period.

    `persons`: (by an import) → persons placed, each once whatever the kinds of work, and how many of these are named; a sum over
    kinds would count who was placed twice as two.
    """

    registered: tuple[Registered, ...]
    placed: tuple[Placed, ...]
    registered_persons: dict[bool, tuple[int, int]]
    placed_persons: dict[bool, tuple[int, int]]
    kept: tuple[Kept, ...]
