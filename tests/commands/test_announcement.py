"""A release announces the rules that it brings, once."""

from __future__ import annotations

from barograph.families import announcement, family_rules
from contracts import register as r
from contracts.reference import RegisterHistory
from runtime.control import announced_rules
from tests.support.given import announced
from tests.support.partitions import register


def entered(history: RegisterHistory, command: r.DefinePolicyV1) -> RegisterHistory:
    """The register after an announcement."""
    history.fold(0, [r.PolicyDefinedV1.model_validate(command.model_dump())])
    return history


def test_a_release_announces_its_rules() -> None:
    """Every version of every family at hand is announced; after that there is nothing to announce."""
    history = register()
    command = announcement(history.at(history.end))
    assert command is not None
    after = entered(history, command)
    versions = announced_rules(after.at(after.end))
    assert {family: set(rules.versions) for family, rules in family_rules().items()} == {
        family: set(names) for family, names in versions.items()
    }
    assert announcement(after.at(after.end)) is None


def test_an_older_release_takes_nothing_back() -> None:
    """What a newer release has announced stays announced."""
    history = register()
    history.fold(0, [announced("grievance-1", "grievance-99")])
    command = announcement(history.at(history.end))
    assert command is not None
    after = entered(history, command)
    assert announced_rules(after.at(after.end))["grievance"] == ["grievance-1", "grievance-99"]
