"""verify.py as an auditor runs it, and as it must agree with the software that it does not use."""

from __future__ import annotations

import ast
import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import LAST_MS
from contracts.evidence import Promise, key_id
from contracts.figures_definition import DEFINITION
from ledger import merkle, notes
from ledger.entry import entry_of, leaf_hash
from ledger.keys import ring_of
from ledger.log import Record
from ledger.notes import Checkpoint, sign_note
from ledger.signing import split_ledger_record, split_submission
from services.audit import verify
from tests.audit.bundles import SECOND, VERIFIER, Files, run
from tests.support.keys import (
    INTAKE,
    NOTARY,
    ends_of,
    key_of,
    ledger_topic,
    retirement,
    rotation,
    topic_added,
)
from tests.support.partitions import GENESIS

OLDEST = (3, 9)


# --- as an auditor runs it --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["whole", "part"])
def test_an_honest_bundle_holds(kind: str, request: pytest.FixtureRequest) -> None:
    """Everything is checked in another process, without this project on its path, and holds."""
    found = run(str(request.getfixturevalue(f"{kind}_bundle")), "--json")
    assert (found.returncode, found.stderr) == (0, "")
    checks = json.loads(found.stdout)["checks"]
    left_out = {name for name, check in checks.items() if check["left_out"]}
    assert left_out == {"witnesses", "held", "receipts"} | ({"figures"} if kind == "part" else set())
    assert all(check["checked"] for name, check in checks.items() if name not in left_out)


def test_the_report_speaks_both_languages(whole_bundle: Path) -> None:
    """Each check has a line with its title in Chinese and in English, and the end says what it came to."""
    found = run(str(whole_bundle))
    for zh, en in verify.TITLES.values():
        assert f"{zh} / {en}" in found.stdout
    assert found.stdout.endswith("Everything that was checked holds. 已查各项全部一致。\n")


def test_without_cryptography_it_says_what_it_left_out(
    whole_bundle: Path, whole: Files, tmp_path: Path
) -> None:
    """Where the package is not installed the rest is checked, and what was left out is named."""
    held = tmp_path / "held.txt"
    held.write_bytes(whole["checkpoints/ledger/0.txt"])
    program = (
        "import runpy, sys\n"
        "sys.modules['cryptography'] = None\n"
        f"sys.argv = ['verify.py', {str(whole_bundle)!r}, '--json', '--checkpoint', {str(held)!r}]\n"
        f"runpy.run_path({str(VERIFIER)!r}, run_name='__main__')\n"
    )
    (tmp_path / "blocked.py").write_text(program)
    found = run(program=tmp_path / "blocked.py")
    assert (found.returncode, found.stderr) == (0, "")
    checks = json.loads(found.stdout)["checks"]
    for name in ("checkpoints", "signatures", "witnesses"):
        assert "cryptography" in checks[name]["left_out"]
    for name in ("genesis", "held"):
        assert checks[name]["notes"] == ["signatures were not verified: see above"]
    assert checks["integrity"]["checked"]


def test_a_reader_that_leaves_is_no_error(whole_bundle: Path) -> None:
    """Where the report goes into a pipe that is closed, the exit code still tells, without a traceback."""
    command = f"{sys.executable} -I {VERIFIER} {whole_bundle} | true; echo ${{PIPESTATUS[0]}}"
    found = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert (found.stdout, found.stderr) == ("0\n", "")


def test_it_may_come_through_a_pipe(whole_bundle: Path) -> None:
    """A program that has no file of its own verifies as well."""
    command = f"{sys.executable} -I - {whole_bundle} < {VERIFIER}"
    found = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_terminal_without_chinese_is_no_error(whole_bundle: Path) -> None:
    """Where the output cannot show a character, a question mark stands for it."""
    found = subprocess.run(
        [sys.executable, str(VERIFIER), str(whole_bundle)],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    assert b"The files are those of the manifest" in found.stdout


def test_assertions_are_not_what_it_relies_on() -> None:
    """It has no assert, which python -O would leave out."""
    tree = ast.parse(VERIFIER.read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]


# --- on its own -------------------------------------------------------------------------------------------


def test_it_needs_the_standard_library_alone() -> None:
    """Every import but that of `cryptography` is of the standard library."""
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=OLDEST)
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def older_pythons() -> Iterator[str]:
    """Pythons on this machine that are older than the project's, the oldest that is supported first."""
    for minor in range(OLDEST[1], 11):
        found = [*Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3")]
        on_path = shutil.which(f"python3.{minor}")
        yield from [*map(str, found), *([on_path] if on_path else [])][:1]


@pytest.mark.parametrize("kind", ["whole", "part"])
def test_it_runs_on_an_old_python(kind: str, request: pytest.FixtureRequest) -> None:
    """On the oldest Python at hand it comes to the same."""
    python = next(older_pythons(), None)
    if python is None:
        pytest.skip(
            "NOT RUN: no Python 3.9 or 3.10 is here; test_it_needs_the_standard_library_alone still looks"
        )
    found = run(str(request.getfixturevalue(f"{kind}_bundle")), "--json", python=python)
    assert (found.returncode, found.stderr) == (0, "")


# --- in agreement with the software -----------------------------------------------------------------------


def test_constants_are_those_of_the_contracts() -> None:
    """The definition that it computes, and the last time that can be stated."""
    assert (DEFINITION.id, DEFINITION.version, DEFINITION.hash) == verify.FIGURES
    assert verify.LAST_MS == LAST_MS


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_trees_have_the_same_roots(leaves: list[bytes]) -> None:
    """At every size."""
    tree = verify.Tree()
    for size, leaf in enumerate(leaves):
        assert tree.root() == merkle.root(leaves[:size])
        tree.add(leaf)
    assert (tree.root(), tree.size) == (merkle.root(leaves), len(leaves))


CONTENT = st.none() | st.binary(max_size=20)


@given(st.integers(0, 2**63 - 1), st.integers(-(2**63), 2**63 - 1), CONTENT, CONTENT)
def test_records_have_the_same_leaves(
    offset: int, timestamp: int, key: bytes | None, value: bytes | None
) -> None:
    """The entry and leaf of any record."""
    entry = verify.Record(offset, timestamp, key, value).entry()
    assert entry == entry_of(Record(offset, timestamp, key, value))
    assert verify.leaf_of(entry) == leaf_hash(entry)


@given(st.integers(0, 2**63 - 1), st.integers(0, LAST_MS), st.integers(0, 86_400_000))
def test_receipts_are_signed_over_the_same_lines(offset: int, recorded_at: int, delay: int) -> None:
    """What `Promise.signed_text` says."""
    promise = Promise(
        origin="barograph/led_demo0000/grievance.submissions/3",
        topic="grievance.submissions",
        partition=3,
        offset=offset,
        recorded_at=recorded_at,
        submission_id="00000000-0000-8000-8000-000000000018",
        leaf_hash="ab" * 32,
        max_merge_delay_ms=delay,
        key_id=INTAKE.id,
    )
    assert verify.receipt_text(promise.model_dump()) == promise.signed_text()


def test_keys_have_the_same_ids() -> None:
    """In each role."""
    for key in (INTAKE, NOTARY):
        assert verify.key_id(key.role, key.public) == key_id(key.role, key.public) == key.id


GOOD = sign_note(
    Checkpoint("origin.example/x", 7, b"r" * 32, ("an extension",)).encode(), "n", NOTARY.private
)
NOTE_TEXT = st.lists(
    st.sampled_from(
        [
            *("origin.example/x", "7", "07", "-1", "7 ", "18446744073709551615", "18446744073709551616", "٧"),
            *("\n", "\n\n", "", " ", "+", "\u2014 ", "\u2014", "n", "\t", "\x00", "\r\n", "\u2028", "\x7f"),
            base64.b64encode(b"r" * 32).decode(),
            base64.b64encode(b"s" * 68).decode(),
            base64.b64encode(b"k" * 4).decode(),
            "QR==",
            *GOOD.splitlines(keepends=True),
        ]
    ),
    max_size=12,
).map("".join)


def _changed(draw: st.DrawFn) -> str:
    text = GOOD
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(st.sampled_from(["", " ", "\n", "A", "=", "\u2014", "+", "\x01"]))
            + text[at + 1 :]
        )
    return text


@given(NOTE_TEXT | st.composite(_changed)())
def test_notes_are_accepted_and_rejected_alike(text: str) -> None:
    """Any text is a signed checkpoint to both, or to neither, and says the same to both."""
    try:
        note = notes.parse_note(text)
        checkpoint = notes.parse_checkpoint(note.text)
    except notes.NoteError:
        with pytest.raises(ValueError, match=r"."):
            verify.note_of(text)
    else:
        found = verify.note_of(text)
        ours = (note.text, checkpoint.origin, checkpoint.size, checkpoint.root)
        assert (found.text, found.origin, found.size, found.root) == ours
        assert [tuple(line) for line in found.signatures] == [tuple(line) for line in note.signatures]


@given(st.lists(NOTE_TEXT | st.just(GOOD), max_size=3).map("\n".join))
def test_checkpoint_files_are_accepted_and_rejected_alike(text: str) -> None:
    """A file of several notes is split by both in the same way, or by neither."""
    try:
        told = [notes.parse_note(note) for note in notes.split_notes(text)]
        for note in told:
            notes.parse_checkpoint(note.text)
    except notes.NoteError:
        with pytest.raises(verify.BundleError):
            verify.notes_in(text, "the file")
    else:
        assert [note.text for note in verify.notes_in(text, "the file")] == [note.text for note in told]


ENDS = ends_of(ring_of(ledger_topic(GENESIS)), "intake", 5)
NOTARY_2 = key_of("notary", "second")
SAID = [
    rotation(GENESIS.ledger, INTAKE, SECOND),
    rotation(GENESIS.ledger, INTAKE, key_of("intake", "third")),
    rotation(GENESIS.ledger, SECOND, key_of("intake", "third")),
    rotation(GENESIS.ledger, INTAKE, SECOND, signed_by=(INTAKE, INTAKE)),
    rotation("led_other00000", INTAKE, SECOND),
    rotation(GENESIS.ledger, NOTARY, NOTARY_2),
    retirement(GENESIS.ledger, INTAKE, SECOND, ENDS),
    retirement(GENESIS.ledger, INTAKE, SECOND, {"grievance.submissions": (1,)}),
    retirement(GENESIS.ledger, SECOND, key_of("intake", "third"), ENDS),
    retirement(GENESIS.ledger, NOTARY, NOTARY_2, ends_of(ring_of(ledger_topic(GENESIS)), "notary", 9)),
    topic_added(GENESIS.ledger, INTAKE),
    topic_added(GENESIS.ledger, SECOND),
    topic_added(GENESIS.ledger, SECOND, "weather.events"),
    topic_added(GENESIS.ledger, NOTARY, "weather.events"),
    b"nonsense",
    b"{}",
    b'{"type":"ledger.unknown.v1"}',
]


@given(st.lists(st.sampled_from(SAID), max_size=8))
def test_the_ledger_topic_is_folded_alike(values: list[bytes]) -> None:
    """Whatever stands on it, in whatever order: the same keys, ends, topics and flaws."""
    topic = ledger_topic(GENESIS, values)
    ours = ring_of(topic)
    theirs = verify.KeyRing(verify.ed25519())
    flaws = [record.offset for record in topic if theirs.take(verify.Record(*record))]
    assert flaws == [flaw.offset for flaw in ours.flaws]
    assert theirs.topics == ours.topics
    assert {known: (key.role, key.public, key.since) for known, key in theirs.keys.items()} == {
        known: (key.role, key.public, key.since) for known, key in ours.keys.items()
    }
    for known, key in ours.keys.items():
        ends = theirs.keys[known].ends
        assert (ends is None) == (key.ends is None)
        assert [(topic, tuple(each)) for topic, each in (ends or {}).items()] == list(
            (key.ends or {}).items()
        )


@given(
    st.sampled_from(SAID), st.integers(0, 3), st.integers(0, 400), st.sampled_from([b"", b"A", b'"', b"="])
)
def test_signatures_are_cut_off_alike(value: bytes, count: int, at: int, instead: bytes) -> None:
    """What a signature is over, and when a text has none."""
    value = value[:-at] + instead + value[len(value) - at + len(instead) :] if at else value
    ours, theirs = split_ledger_record(value, count), verify.split_ledger_record(value, count)
    if theirs is not None:
        assert ours is not None
        assert theirs.body == ours.body
        assert [base64.b64encode(each).decode() for each in theirs.signatures] == list(ours.signatures)
    submitted = value.replace(b',"signatures":[', b',"signature":').replace(b"]}", b"}")
    cut, verified = split_submission(submitted), verify.split_submission(submitted)
    assert verified is None or (cut is not None and cut.body == verified.body)
