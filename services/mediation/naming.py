"""Whether a name that is entered is somebody's who is known already: of the staff, or a party."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from contracts.people import telephone_handle
from contracts.reasons import REASONS
from contracts.reference import Register
from services.mediation.telling import NameOf, Teller
from web.forms import FormErrors
from web.i18n import N_, Gettext

NOT_STAFF = "-"
"""What a form sends where a party is nobody on the staff."""

SAME_NAME = N_(
    "Somebody on the staff has this name. Choose them below if it is the same person, or say that it is somebody else."
)


def plain_name(name: str) -> str:
    """A name without white space and what stands in brackets after it, for comparing."""
    bare = unicodedata.normalize("NFKC", name).split("(")[0]
    return "".join(bare.casefold().split())


def staff_named(register: Register, name_of: NameOf, now: int) -> frozenset[str]:
    """The names of the staff, for comparing."""
    return frozenset(plain_name(name_of(register, one.person)) for one in register.appointments(now))


def about_added_party(
    teller: Teller, unit: str, body: Mapping[str, Any], now: int, gettext: Gettext
) -> FormErrors:
    """What has to be asked about a party that is to be added, before it is.

    Whoever has the name and the telephone of a party on another side is that party; so is who has the name alone where
    neither has a telephone. Of names that this reader may not see nothing is asked.
    """
    errors, name = FormErrors(), plain_name(str(body.get("name", "")))
    if not name:
        return errors
    if "staff" not in body and name in staff_named(teller.register, teller.name_of, now):
        errors = errors.plus("staff", gettext(SAME_NAME))
    told = telephone_handle(unit, str(body.get("telephone") or ""))
    others = (one for one in teller.named.values() if one.party.side != body.get("side"))
    for other in others:
        telephone = other.telephone.plain if other.telephone is not None else ""
        if telephone_handle(unit, telephone) == told and plain_name(other.name.plain) == name:
            both = REASONS["on_both_sides"]
            errors = errors.plus("name", gettext(both))
    return errors
