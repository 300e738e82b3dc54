"""Who may read what: a reader's roles in each community, and the sealed texts that these roles open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson
from pydantic import ValidationError

from contracts.personal import Sealed
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from web.actor import Actor
from web.problems import ProblemError

CASEWORK = frozenset({"clerk", "grid_worker", "handler", "supervisor"})
"""Roles that read what is said in a case, in the communities where they are held."""

OVERSIGHT = frozenset({"auditor", "administrator", "data_protection_officer"})
"""Roles that see that a case exists and what became of it, but neither names nor what was said."""

NameOf = Callable[[Register, str], str]
"""Gives a member of staff's name on display."""


class Redaction(NamedTuple):
    """A redaction of a text: why, by whom as the reader sees them, when (milliseconds), and the sealed copy."""

    reason: str
    by: str
    at: int
    readable: Any = None


class Words(NamedTuple):
    """A text that is on the log as ciphertext, as this reader sees it.

    `open`: `text` is the plain text, or the readable copy after a `redaction`. Else it is empty: `sealed` for
    this reader, `redacted` without a copy, `erased` with its subject's key, or `damaged`: not sealed under
    that key. `handle`: the text key by which it may be redacted (again).
    """

    state: Literal["open", "sealed", "redacted", "erased", "damaged"]
    text: str = ""
    handle: str | None = None
    redaction: Redaction | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads pages, with the roles that they hold in each community, or above it."""

    actor: Actor
    register: Register
    roles: Mapping[str, frozenset[str]]

    def communities(self, roles: frozenset[str] | None = None) -> list[UnitDefinedV1]:
        """The communities where one of these roles is held, any role by default, in the order of entry."""
        return [
            unit
            for unit in self.register.units()
            if unit.unit in self.roles and (roles is None or not roles.isdisjoint(self.roles[unit.unit]))
        ]

    def holds_any(self, roles: Iterable[str], unit: str) -> bool:
        """Whether one of these roles is held in this community."""
        return not self.roles.get(unit, frozenset()).isdisjoint(roles)

    def knows_staff(self, unit: str) -> bool:
        """Whether members of staff of this community appear by name: an audit goes by their ids."""
        return self.holds_any(CASEWORK | {"administrator", "data_protection_officer"}, unit)

    def choose(self, unit: str, roles: frozenset[str] | None = None) -> UnitDefinedV1 | None:
        """The community of this id; the first one where none is named; None where there is none at all.

        Raises ProblemError 404 for one that is not in the register, 403 where none of the roles is held.
        """
        mine = self.communities(roles)
        if not unit:
            return mine[0] if mine else None
        found = next((one for one in mine if one.unit == unit), None)
        if found is None:
            raise ProblemError(404 if self.register.unit(unit) is None else 403)
        return found


def reader_of(register: Register, actor: Actor, now: int | None = None) -> Reader:
    """The reader that this actor is, as the register stands at a time."""
    held = register.roles(actor.id, now)
    operator = register.history.administrator == actor.id
    roles: dict[str, frozenset[str]] = {}
    for unit in register.units():
        if unit.tier == "community":
            above = register.lineage(unit.unit, now)
            found = {appointment.role for appointment in held if appointment.unit in above}
            if found or operator:
                roles[unit.unit] = frozenset(found | ({"administrator"} if operator else set()))
    return Reader(actor, register, roles)


class Opener:
    """Opens sealed texts for one reader of one case. `redactions`: text key → what became of it."""

    def __init__(
        self, vault: Vault, *, may_open: bool, redactions: Mapping[str, Redaction] = MappingProxyType({})
    ) -> None:
        self.may_open = may_open
        self._vault = vault
        self._redactions = redactions

    def stored(self, text: str | None, field: str, redacted: str = "") -> Words | None:
        """A sealed field as the read model stores it, in JSON; None where it was left out.

        `redacted`: the text keys of the case that were redacted.
        """
        if text is None:
            return None
        value = _parsed(text)
        if self.may_open and value.get("text") in redacted.split():
            return Words("redacted")
        return self.words(value, field)

    def words(self, value: Any, field: str) -> Words | None:
        """A field of an event's data, or the copy that stands in its place; None where it was left out."""
        if value is None:
            return None
        if not self.may_open:
            return Words("sealed")
        redaction = None
        try:
            sealed = Sealed.model_validate(value)
            while sealed.text is not None and sealed.text in self._redactions:
                redaction = self._redactions[sealed.text]
                if redaction.readable is None:
                    return Words("redacted", redaction=redaction)
                sealed, field = Sealed.model_validate(redaction.readable), "readable"
            plain = self._vault.read(sealed, field)
        except (VaultError, ValidationError):
            return Words("damaged")
        if plain is None:
            return Words("erased", redaction=redaction)
        return Words("open", plain, sealed.text, redaction)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
