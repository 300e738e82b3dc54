"""Whatever is said, what the kernel decides of it is nothing that verify.py would complain of."""

from __future__ import annotations

from hypothesis import given

from contracts.figures import compute
from contracts.genesis import encode_genesis
from ledger.log import Record
from services.audit import verify
from services.audit.cases import Books
from services.audit.happened import Collector
from tests.support import partitions
from tests.support.histories import histories
from tests.support.partitions import GENESIS, GENESIS_HASH, HERE, partition, register

EVENTS = verify.Place("grievance.events", HERE)


def ring() -> verify.KeyRing:
    """The ledger's beginning, as the verifier reads it."""
    found = verify.KeyRing(None)
    assert found.take(verify.Record(0, 0, None, encode_genesis(GENESIS))) is None
    assert found.genesis_hash == GENESIS_HASH
    return found


def decided(history: list[Record]) -> list[Record]:
    """The records of the events partition, as a worker writes them."""
    workflow = partition(register())
    return [Record(said.offset, max(said.timestamp, 0), said.key, workflow.decide(said)) for said in history]


@given(histories())
def test_honest_decisions_pass(history: list[Record]) -> None:
    """Sense, nonsense, retries and races: every decision is the next of the chain, and nothing is wrong with it."""
    chain = verify.Chain(EVENTS, ring())
    for said, record in zip(history, decided(history), strict=True):
        decision = chain.match(record.value)
        assert decision is not None
        assert chain.take(verify.Record(*record), decision, verify.Record(*said)) is None


@given(histories())
def test_figures_come_out_alike(history: list[Record]) -> None:
    """The figures that the verifier computes are those of the contracts."""
    ours, theirs, books = verify.Chain(EVENTS, ring()), verify.Figures(), Books(None)
    chain, collector = partitions.chain(), Collector("grievance", HERE, books.take)
    for said, record in zip(history, decided(history), strict=True):
        admitted, decision = chain.take(record.value), ours.match(record.value)
        assert admitted is not None
        assert decision is not None
        collector.on_record(record.offset, admitted)
        ours.take(verify.Record(*record), decision, verify.Record(*said))
        theirs.take(HERE, decision)
    stated = compute(books.facts(), books.occurrences()).model_dump(mode="json")
    stated["stability"] = {kind: claim["count"] for kind, claim in stated["stability"].items()}
    found = theirs.compute()
    assert found == {name: stated[name] for name in found}
