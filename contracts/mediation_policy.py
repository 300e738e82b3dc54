"""The rules of mediation that a community may set, as data in the register (invariant 2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import Code, Message
from contracts.reference import Register


class MediationPolicy(Message):
    """The rules of mediation that a community may set, as data in the register.

    `permissions`: command name → roles. `mediate_days`: how long mediating usually takes, from the last consent;
    `confirm_days`: how long both sides can ask the court to confirm an agreement; `follow_up_days`: by when its
    performance is asked after. All in calendar days, up to the end of the last one as `utc_offset_minutes` tells it;
    `ends_on_working_day`: up to the end of the next working day where that is a day off. `attachments`: how many
    files a dossier may have, of at most `attachment_bytes` each. `duty_post`: who holds it acknowledges reports of
    risk, where anybody does. `sources`: where a term comes from, by the name of its field.
    """

    permissions: dict[str, list[str]]
    mediate_days: Annotated[int, Field(ge=1, le=3650)] = 30
    confirm_days: Annotated[int, Field(ge=1, le=3650)] = 30
    follow_up_days: Annotated[int, Field(ge=1, le=3650)] = 30
    ends_on_working_day: bool = True
    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)] = 480
    attachments: Annotated[int, Field(ge=0, le=1000)] = 50
    attachment_bytes: Annotated[int, Field(ge=1, le=2**30)] = 10 * 1024 * 1024
    duty_post: Code = "police_duty"
    sources: dict[str, str] = Field(default_factory=dict)


def policy_in(register: Register) -> MediationPolicy | None:
    """The policy in force, read once for each state of the register; None where there is none."""
    return register.derived(_read_policy)


def _read_policy(register: Register) -> MediationPolicy | None:
    entry = register.policy("mediation")
    return MediationPolicy.model_validate(entry.terms) if entry else None
