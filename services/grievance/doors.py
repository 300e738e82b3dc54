"""Petition petitions and grievances on behalf of others. Pure.

Source: 信访工作条例 (2022): at most five representatives when petitioners come in person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import doors as d
from contracts import grievance as g
from contracts.base import Message
from contracts.transfer import TransferredInV1
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import Alarm, Case, Life, Petition, made


def refuse_lodging(body: g.LodgeV1) -> Refused | None:
    """Why a lodging contradicts itself; a sixth representative does not: it is recorded, and five are asked for."""
    if body.representatives is not None and body.petitioners is None:
        return Refused("not_petition", "petitioners")
    if body.representative_names is not None and body.representatives is None:
        return Refused("representatives_uncounted", "representatives")
    if body.petitioners is not None and (body.representatives or 0) > body.petitioners:
        return Refused("more_representatives", "representatives")
    if body.anonymous and body.representative_names is not None:
        return Refused("anonymous_case", "representative_names")
    if body.person_concerned is not None and body.on_behalf_of is None:
        return Refused("relation_missing", "on_behalf_of")
    return None


def life_of(event: g.LodgedV1) -> Life:
    """What the rules keep of how a case came in."""
    alarm = None if event.danger_due_at is None else Alarm(event.danger_due_at)
    return Life(petition=petition_of(event), alarm=alarm, result_owed=True if event.source else None)


def petition_of(event: g.LodgedV1 | TransferredInV1) -> Petition | None:
    """What the rules keep of a joint petition; None for a case of one person."""
    if event.petitioners is None:
        return None
    return Petition(event.petitioners, event.channel in d.IN_PERSON)


def _name_representatives(state: Case, command: Command, reference: Reference) -> Answer:
    body, petition, policy = command.body, state.life.petition, g.policy_in(reference.register)
    if not isinstance(body, d.NameRepresentativesV1) or petition is None or policy is None:
        return Refused("not_petition")
    if body.representatives > petition.petitioners:
        return Refused("more_representatives", "representatives")
    if petition.in_person and body.representatives > policy.representatives_in_person:
        return Refused("choose_representatives", "representative_names")
    return Accepted((made(d.RepresentativesNamedV1, body),))


HANDLERS: Mapping[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    d.NameRepresentativesV1: _name_representatives,
}
"""Command → its rule."""
