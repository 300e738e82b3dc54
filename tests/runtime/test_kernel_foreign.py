"""What nobody's rules came to, but stands on the chain: taken in alike by every reader, whole or not at all."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import EVENTS
from runtime.kernel import FamilyRules
from tests.golden.examples import golden_bytes
from tests.support.given import BEGINNING, accepted, lodge
from tests.support.histories import BATCHES, CASES, IMPORT, histories
from tests.support.partitions import (
    RULES,
    case_of,
    chain,
    decide_all,
    intent,
    look,
    partition,
    say,
)

ANY_EVENT = sorted(set(EVENTS) - {"control.rules_activated.v1"})
SUBJECTS = [*map(case_of, CASES), IMPORT, "clock", "grv_nobody000", None]
VALUES = decide_all(partition(), [say("a", lodge())])


def event(kind: str) -> dict[str, Any]:
    """Any event of this type."""
    return {"type": kind, "data": orjson.loads(golden_bytes()[f"{kind}.json"])}


def forged(previous: bytes, offset: int, subject: str | None, **told: Any) -> bytes:
    """A decision that comes next, whatever it says."""
    raw = orjson.loads(VALUES[0])
    place: dict[str, Any] = {
        "submission_offset": offset,
        "previous": hashlib.sha256(previous).hexdigest(),
    }
    return orjson.dumps(raw | {"subject": subject, "data": raw["data"] | place | told})


FORGED = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(SUBJECTS),
        "events": st.lists(st.sampled_from(ANY_EVENT), max_size=3).map(lambda kinds: list(map(event, kinds))),
        "outcome": st.sampled_from(["accepted", "accepted", "refused", "no_op", "duplicate"]),
        "effective_at": st.sampled_from([None, 0, BEGINNING]),
        "batch": st.sampled_from([None, *(f"imp_{intent(batch).replace('-', '')}" for batch in BATCHES)]),
    }
)


@given(histories(max_size=12), st.lists(FORGED, max_size=4), histories(max_size=6))
def test_every_reader_takes_the_same(
    records: list[Any], forgeries: list[dict[str, Any]], more: list[Any]
) -> None:
    """A foreign decision is taken by the kernel where the chain alone takes it, and never raises anywhere."""
    state, reader = partition(), chain()
    values = decide_all(state, records)
    for value in values:
        reader.take(value)
    for told in forgeries:
        if values:
            value = forged(values[-1], state.next_offset, **told)
            taken = reader.take(value)
            before = look(state)
            assert state.admit(value) == taken
            if taken is None:
                assert look(state) == before
            else:
                values.append(value)
    assert state.chain.position() == reader.position()
    decide_all(state, more)


def test_what_does_not_fit_the_state_changes_nothing() -> None:
    """Events of a case and of an import that never were leave no trace but the decision's."""
    state = partition()
    state.admit(VALUES[0])
    held = state.control
    unfit = [
        {"type": "grievance.accepted.v1", "data": accepted().model_dump()},
        event("control.import_closed.v1"),
    ]
    value = forged(VALUES[0], 1, "grv_nobody000", outcome="accepted", events=unfit)
    assert state.admit(value) is not None
    assert (state.next_offset, state.control) == (2, held)
    nobody = state.streams.get("grv_nobody000")
    assert nobody is not None
    assert nobody.state is None


def test_a_decision_is_taken_whole_or_not_at_all() -> None:
    """Where rules break on its last event, nothing of a decision has been taken in."""

    def evolve(*told: Any) -> Any:
        if told[0] is not None:
            raise ZeroDivisionError
        return RULES.evolve(*told)

    broken = FamilyRules("grievance", {"grievance-1": RULES._replace(evolve=evolve)})
    state = partition(rules=broken)
    before = look(state)
    events = [*orjson.loads(VALUES[0])["data"]["events"], event("grievance.replied.v1")]
    raw = orjson.loads(VALUES[0])
    with pytest.raises(ZeroDivisionError):
        state.admit(orjson.dumps(raw | {"data": raw["data"] | {"events": events}}))
    assert look(state) == before
