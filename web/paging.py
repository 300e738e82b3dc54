"""Where a reader stands in a list that is shown page by page: after a row, or before one.

The address of a page says between which rows it begins, so that a page costs the same however far it is, and
rows that come or go elsewhere move nothing. It holds times, numbers and ids, never what is personal.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import NamedTuple

import orjson

from web.i18n import N_
from web.problems import ProblemError

Kinds = tuple[type[int] | type[str], ...]
"""Of what kind each value is by which a list is ordered."""

DAMAGED = N_("This link into a list is damaged or out of date. Open the list anew from the menu.")
MOST_COUNTED = 10_000
"""How far a list is counted: beyond it the list is said to be longer."""

_LONGEST = 400
_LARGEST = 2**63 - 1


class Cursor(NamedTuple):
    """A place in a list: what the row that it follows is ordered by; `back`: the rows before that one are meant."""

    values: tuple[int | str, ...]
    back: bool = False

    @property
    def text(self) -> str:
        """The place as an address holds it."""
        return urlsafe_b64encode(orjson.dumps([self.back, *self.values])).decode().rstrip("=")


class Page(NamedTuple):
    """Which part of a list: what stands at a place, its beginning where there is none, and how much of it."""

    at: Cursor | None = None
    size: int = 50


class Steps(NamedTuple):
    """The addresses of the pages before and after the one that is shown; empty where there is none.

    `most`: how far the list is counted.
    """

    previous: str
    next: str
    most: int = MOST_COUNTED


def read_cursor(text: str, kinds: Kinds) -> Cursor | None:
    """The place that an address holds; None where it names none.

    Raises ProblemError 400 where it is none of a list ordered by values of these kinds.
    """
    if not text:
        return None
    found = _parsed(text)
    if isinstance(found, list) and found and isinstance(found[0], bool):
        back, *values = found
        if len(values) == len(kinds) and all(map(_is_of, values, kinds)):
            return Cursor(tuple(values), back)
    raise ProblemError(400, DAMAGED)


def steps(before: Cursor | None, after: Cursor | None, address: Callable[[str], str]) -> Steps:
    """The addresses of both neighbouring pages. `address` gives the one of a place."""
    previous, following = (address(at.text) if at else "" for at in (before, after))
    return Steps(previous, following)


def _parsed(text: str) -> object:
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        return orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, orjson.JSONDecodeError):
        return None


def _is_of(value: object, kind: type) -> bool:
    # A database takes no NUL in a text, and no number of more than 64 bits.
    if isinstance(value, str):
        return kind is str and "\0" not in value
    return type(value) is kind and isinstance(value, int) and abs(value) <= _LARGEST
