"""Aid programmes and funds as an administrator types and reads them: nested fields flat, sums in yuan, versions in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts.programmes import Benefit, DefineFundV1, DefineProgrammeV1, ProgrammeDefinedV1
from contracts.reference import Register
from contracts.spells import FOREVER
from web.entries import fen, yuan
from web.formats import Formats
from web.i18n import N_, Gettext

_BENEFIT = ("method", "amount", "per_person", "percent", "threshold")
_MONEY = ("amount", "threshold", "income_limit", "emergency_limit")
_DOCUMENT = re.compile(r"(\S+)[\s:：]+(\S.*)")
BAD_DOCUMENT = N_("Each line is a code and a name, such as: income Proof of income.")
BAD_TICK = N_("Write yes or no, or leave it empty.")
BENEFITS: Mapping[str, str] = MappingProxyType(
    {
        "fixed": N_("%(amount)s yuan"),
        "up_to": N_("Up to %(amount)s yuan"),
        "top_up": N_("Up to a line of %(amount)s yuan per person and month"),
        "share": N_("%(percent)s%% of the cost above %(threshold)s yuan, at most %(amount)s yuan"),
    }
)
WHOLE_SHARE = N_("%(percent)s%% of the cost, at most %(amount)s yuan")
FOR_EACH = N_("%(grant)s for each person")
_YES_NO = {"yes": True, "是": True, "no": False, "否": False}
FIELD_OF: Mapping[str, str] = MappingProxyType({"benefit": "percent"})
"""Where the form shows what the rules say of a field that it has not."""


class Version(NamedTuple):
    """A version of a programme, and its first and last moment in milliseconds; None where it has no end."""

    said: ProgrammeDefinedV1
    since: int
    until: int | None


def documents(text: str) -> tuple[dict[str, str], ...]:
    """Documents, one a line as code and name. Raises ValueError with the message id of what is wrong."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _DOCUMENT.fullmatch(line)
        if match is None:
            raise ValueError(BAD_DOCUMENT)
        found.append({"document": match[1], "name": match[2]})
    return tuple(found)


def ticked(text: str) -> bool:
    """Whether a cell says yes. Raises ValueError with the message id of what is wrong."""
    if text.lower() not in _YES_NO:
        raise ValueError(BAD_TICK)
    return _YES_NO[text.lower()]


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The flat fields of a form as the body of `define_programme`."""
    benefit = {name: values[name] for name in _BENEFIT if name in values}
    return {**{name: value for name, value in values.items() if name not in _BENEFIT}, "benefit": benefit}


def field_at(location: tuple[int | str, ...]) -> str:
    """The form's field for a place in a body."""
    parts = [str(part) for part in location]
    return parts[1] if parts[:1] == ["benefit"] and len(parts) > 1 else next(iter(parts), "")


def versions(register: Register) -> list[Version]:
    """Every version of every programme, the newest of each first."""
    found: dict[str, list[Version]] = {}
    for key, spell in register.all_spells("programme"):
        until = None if spell.until >= FOREVER else spell.until - 1
        found.setdefault(key[1], []).insert(0, Version(spell.said, spell.since, until))
    return [version for one in found.values() for version in one]


def latest(register: Register, code: str) -> ProgrammeDefinedV1 | None:
    """The last version of a programme, though it may not be in force yet; None where there is none."""
    spells = register.spells("programme", code)
    found: ProgrammeDefinedV1 | None = spells[-1].said if spells else None
    return found


def grant(benefit: Benefit, formats: Formats, gettext: Gettext) -> str:
    """What a programme gives, in a sentence."""
    told = {
        "amount": yuan(benefit.amount, formats),
        "threshold": yuan(benefit.threshold, formats),
        "percent": benefit.percent,
    }
    whole = benefit.method == "share" and not benefit.threshold
    grant = gettext(WHOLE_SHARE if whole else BENEFITS[benefit.method]) % told
    each = benefit.per_person and benefit.method != "top_up"
    return gettext(FOR_EACH) % {"grant": grant} if each else grant


def as_typed(held: DefineFundV1 | DefineProgrammeV1) -> dict[str, str]:
    """What an administrator would type to enter it again; without the day, since a change holds from now on."""
    flat = held.model_dump(exclude_none=True, exclude={"version", "since"})
    flat |= flat.pop("benefit", {})
    if isinstance(held, DefineProgrammeV1):
        flat["documents"] = "\n".join(f"{one.document} {one.name}" for one in held.documents)
    return {name: _typed(name, value) for name, value in flat.items()}


def _typed(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _yuan(value) if name in _MONEY else str(value)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {**dict.fromkeys(_MONEY, fen), "documents": documents, "per_person": ticked, "retired": ticked}
)
"""Column of a sheet → how its cell is read; each raises ValueError with the message id of what is wrong."""
