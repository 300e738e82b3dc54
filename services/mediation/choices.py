"""What the selects of a mediation's forms offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.mediation_file import Mediation
from services.mediation.naming import NOT_STAFF
from services.mediation.telling import Teller
from web.i18n import N_

_SEAL, _NOBODY = N_("The committee's seal"), N_("Nobody on the staff")


def choices_of(
    state: Mediation, teller: Teller, load: Mapping[str, int], now: int
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Kind of field → pairs of (value, label). `load`: how many cases each mediator has in hand."""
    register = teller.register
    appointed = register.appointments(now)
    mediators = dict.fromkeys(
        one.person
        for one in appointed
        if one.role == "mediator" and register.holds(one.person, "mediator", state.unit, now)
    )
    free = [one for one in mediators if one not in state.mediators and one not in state.recused]
    parties = [(str(one.number), teller.party(one.number)) for one in state.parties]
    ours = [(one, teller.staff(one)) for one in state.mediators]
    signers = [(f"party:{number}", label) for number, label in parties]
    signers += [(f"mediator:{one}", label) for one, label in ours]
    return {
        "party": parties,
        "mediator": [(one, f"{teller.staff(one)} · {load.get(one, 0)}") for one in free],
        "its_mediator": ours,
        "staff": [
            (NOT_STAFF, teller.gettext(_NOBODY)),
            *(
                (one, teller.staff(one))
                for one in dict.fromkeys(one.person for one in appointed if one.role != "clock")
            ),
        ],
        "session": [
            (str(one.number), f"{one.number} · {teller.formats.minute(one.planned_at)}")
            for one in state.sessions
            if not one.held and one.planned_at is not None
        ],
        "obligation": [
            (str(duty.number), teller.obligation(duty.number, duty.obligation.model_dump()))
            for duty in state.duties
            if duty.standing != "performed"
        ],
        "signer": [*signers, ("committee", teller.gettext(_SEAL))],
        "file": [(one.blob, one.name.plain or teller.gettext(one.paper)) for one in teller.files],
        "unit": [(one.unit, one.name) for one in register.units(now)],
    }
