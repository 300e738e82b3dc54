"""Which rules a partition is under, and what becomes of a worker that does not have them."""

from __future__ import annotations

import pytest

from contracts import control as c
from contracts import grievance as g
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from ledger.log import Record
from runtime.kernel import FamilyRules, Partition, Rules, RulesMissingError
from services.grievance import domain
from tests.support.given import ADMINISTRATOR, Who, announced, community, lodge
from tests.support.partitions import (
    GRIEVANCES,
    RULES,
    bodies,
    body_of,
    decide_all,
    look,
    partition,
    register,
    say,
)


def _strict(state: object, command: Command, _reference: Reference) -> Answer:
    """Other rules, to be told apart by their answer."""
    if isinstance(command.body, g.LodgeV1) and state is None:
        return Accepted((g.LodgedV1(**command.body.__dict__, accept_due_at=1),))
    return Refused("not_entitled")


NEWER = Rules("grievance-2", _strict, domain.evolve)
BOTH = FamilyRules("grievance", {"grievance-1": RULES, "grievance-2": NEWER})


ENTRIES = (*community(), announced("grievance-1", "grievance-2"))


def house(rules: FamilyRules = BOTH) -> Partition:
    """A partition of a ledger whose register announces both versions."""
    return partition(register(ENTRIES), rules)


def activation(name: str, rules: str, by: Who = ADMINISTRATOR) -> Record:
    """The administrator activates rules."""
    said = c.ActivateRulesV1(rules=rules)
    return say(name, said, by=by, subject="rules", unit="-", basis=len(ENTRIES))


RECORDS = [say("a", lodge()), activation("up", "grievance-2"), say("b", lodge()), say("c", g.AcceptV1())]


def test_each_decision_names_its_rules() -> None:
    """Activation is decided under the old rules; what comes after it, under the new."""
    found = bodies(house(), *RECORDS)
    assert [body.rules for body in found] == ["grievance-1", "grievance-1", "grievance-2", "grievance-2"]
    assert [body.outcome for body in found] == ["accepted", "accepted", "accepted", "refused"]
    assert found[2].events[0].data["accept_due_at"] == 1


def test_a_partition_comes_back_to_retired_rules() -> None:
    """Rules that were replaced can be put in force again by another decided activation."""
    found = bodies(house(), *RECORDS, activation("down", "grievance-1"), say("d", lodge()))
    assert (found[-1].rules, found[-1].outcome) == ("grievance-1", "accepted")
    assert found[-1].events[0].data["accept_due_at"] != 1


def test_a_reader_that_folds_is_under_the_same_rules() -> None:
    """Folding an activation puts the rules in force, as deciding it does."""
    decided, folded = house(), house()
    for value in decide_all(decided, RECORDS):
        assert folded.admit(value) is not None
    assert look(folded) == look(decided)
    assert folded.rules is NEWER


def test_a_worker_without_the_rules_stops() -> None:
    """A worker that does not have the rules in force neither decides nor folds, and says which it lacks."""
    newer = house()
    values = decide_all(newer, RECORDS)
    older = house(FamilyRules("grievance", {"grievance-1": RULES}))
    for value in values[:2]:
        assert older.admit(value) is not None
    before = look(older)
    with pytest.raises(RulesMissingError, match="grievance-2"):
        older.decide(RECORDS[2]._replace(offset=2))
    with pytest.raises(RulesMissingError, match="grievance-2"):
        older.admit(values[2])
    assert look(older) == before


def test_what_is_still_under_the_old_rules_goes_on() -> None:
    """Having newer rules at hand changes nothing before their activation."""
    records = [say("a", lodge()), say("b", lodge(zone="nowhere"))]
    assert decide_all(house(), records) == decide_all(partition(), records)


def test_an_activation_is_decided_alike_by_every_version_of_the_software() -> None:
    """The decision on an activation depends on the log alone, not on what the software can execute."""
    records = [activation("up", "grievance-2"), activation("typo", "grievance-3")]
    newer, older = house(), house(GRIEVANCES)
    values = decide_all(newer, records[:1])
    assert values == decide_all(older, records[:1])
    assert [body.outcome for body in map(body_of, values)] == ["accepted"]
    with pytest.raises(RulesMissingError, match="grievance-2"):
        decide_all(older, records[1:])
    assert bodies(newer, records[1])[0].reason == "unknown_rules"


def test_rules_in_force_come_from_the_genesis() -> None:
    """A partition begins under the rules that the genesis names for its family."""
    state: Partition = house()
    assert state.rules is RULES
