"""What forms say of how a grievance came: for how many, for whom, in confidence; as a command's body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contracts.personal import SubjectRole
from contracts.reasons import REASONS
from web.i18n import N_

TICKED = ("anonymous", "confidential")
"""Fields that a form sends only where they are ticked."""

_NUMBER = re.compile(r"[0-9]{1,9}")
_OWNERS: Mapping[str, SubjectRole] = {
    "representative_names": "representatives",
    "person_concerned": "concerned",
}
TWO_OR_MORE = N_("A joint petition is of two persons or more. Leave this empty for one.")


def from_form(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with ticks as yes and numbers as numbers; what is no number is left for its field to say."""
    told = dict(body)
    for name in TICKED:
        if told.pop(name, None) is not None:
            told[name] = True
    persons = told.get("petitioners")
    if isinstance(persons, str) and _NUMBER.fullmatch(persons):
        told["petitioners"] = int(persons)
    return told


def counted(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the number of representatives that it names, one a line."""
    names = body.get("representative_names")
    if not isinstance(names, str):
        return dict(body)
    lines = sum(bool(line.strip()) for line in names.splitlines())
    return {**body, "representatives": lines} if lines else dict(body)


def owners_of(body: Mapping[str, Any], case: str) -> dict[SubjectRole, str]:
    """Whose the names of others are: people of this case alone, each kind under keys of its own."""
    return {role: f"{role}-of:{case}" for name, role in _OWNERS.items() if body.get(name)}


def faults_of(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What contradicts itself, as field and sentence (a message id)."""
    persons, speakers = body.get("petitioners"), body.get("representatives")
    found = []
    if isinstance(persons, int) and persons < 2:  # noqa: PLR2004 - of one person it is no joint petition
        found.append(("petitioners", TWO_OR_MORE))
    elif speakers and persons is None:
        found.append(("petitioners", REASONS["not_petition"]))
    elif isinstance(persons, int) and isinstance(speakers, int) and speakers > persons:
        found.append(("representative_names", REASONS["more_representatives"]))
    if body.get("person_concerned") and not body.get("on_behalf_of"):
        found.append(("on_behalf_of", REASONS["relation_missing"]))
    if body.get("anonymous") and body.get("representative_names"):
        found.append(("representative_names", REASONS["anonymous_case"]))
    return found
