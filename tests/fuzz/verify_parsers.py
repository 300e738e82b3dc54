"""Whatever bytes verify.py is given, it refuses them with errors of its own.

    python -m tests.fuzz.verify_parsers [CORPUS] -max_total_time=60

Needs atheris and the standard library alone. The first byte of an input chooses what reads the rest.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from services.audit import verify


def read_bundle(data: bytes) -> None:
    """A zip, and its first file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        source = verify.Source(file.name)
        for name in list(source.sizes)[:1]:
            source.digest(name)
            list(verify.records_of(source, name))


def fold_ledger(data: bytes) -> None:
    """The records of a ledger topic, one on each line."""
    ring = verify.KeyRing(None)
    for offset, line in enumerate(data.split(b"\n")):
        ring.take(verify.Record(offset, 0, None, line))


def follow_chain(data: bytes) -> None:
    """A decision, and the submission that it decides."""
    ring, (value, _, said) = verify.KeyRing(None), data.partition(b"\n")
    ring.rules = {"grievance": "grievance-1"}
    chain = verify.Chain(verify.Place("grievance.events", 0), ring)
    decision = chain.match(value)
    if decision is not None:
        chain.take(verify.Record(0, 0, None, value), decision, verify.Record(0, 0, None, said))


def read_note(data: bytes) -> None:
    """A signed checkpoint."""
    with contextlib.suppress(ValueError):
        verify.note_of(data.decode(errors="replace"))


READERS: tuple[Callable[[bytes], object], ...] = (
    read_bundle,
    fold_ledger,
    follow_chain,
    verify.manifest_of,
    lambda data: verify.record_of(data, "it"),
    lambda data: verify.receipt_of(data, "it"),
    read_note,
    lambda data: verify.notes_in(data.decode(errors="replace"), "it"),
    lambda data: verify.witness_of(data.decode(errors="replace")),
)


def one_input(data: bytes) -> None:
    """Try one input."""
    if data:
        with contextlib.suppress(verify.BundleError):
            READERS[data[0] % len(READERS)](data[1:])


def seed(corpus: Path) -> None:
    """Put a beginning for each reader into an empty corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    note = "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 a AAAAAAAA\n".encode()
    record = b'{"offset":0,"timestamp":0,"key":null,"value64":"QQ=="}\n'
    decision = (
        b'{"type":"grievance.decision.v1","subject":"a","data":{"submission_offset":0,"previous":"",'
        b'"outcome":"accepted","now":0,"basis":0,"rules":"grievance-1","recorded_at":0,"occurred_at":0,'
        b'"effective_at":0,"events":[{"type":"control.rules_activated.v1","data":{"rules":"x"}}]}}\n'
        b'{"id":"a","basis":0}'
    )
    manifest = (
        b'{"format":"barograph-bundle-1","ledger":"a","scope":{"units":["a"],"from":1},"as_of":{"ledger":{"0":1}},'
        b'"files":{"a":{"bytes":1,"sha256":"' + b"0" * 64 + b'"}}}'
    )
    for number, content in enumerate(
        (b"PK", b"{}", decision, manifest, record, b"{}", note, note + note, b"a+0+A")
    ):
        (corpus / f"seed-{number}").write_bytes(bytes([number]) + content)


if __name__ == "__main__":
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    if folders:
        seed(Path(folders[0]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
