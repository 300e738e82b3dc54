"""A witness cosigns only growth, and the notary publishes what witnesses cosigned: c2sp.org/tlog-witness."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle
from ledger.merkle import EMPTY_ROOT
from ledger.notes import (
    MAX_NOTE_BYTES,
    Checkpoint,
    Signature,
    cosigned_at,
    hash_lines,
    open_note,
    parse_vkey,
    sign_note,
    signer_of,
    verifier_of,
)
from ledger.tree_file import origin_of, trees_path
from services.notary.witness import Witness, WitnessError, read_logs, witness_app
from services.notary.witnessing import WitnessesError, Witnessing, parse_witnesses
from tests.notary.house import KEY, LEDGER, TREE, drafts, notary_over, opened_log

ORIGIN, NAME, SECONDS = "log.example/1", "witness.example/w1", 1_767_225_600
LEAVES = [hashlib.sha256(b"\x00" + bytes([number])).digest() for number in range(40)]
FORK = [hashlib.sha256(b"fork").digest(), *LEAVES[1:]]
OTHER = signer_of(b"\x09" * 32)
OK, BAD, FORBIDDEN, UNKNOWN, CONFLICT, INCONSISTENT = 200, 400, 403, 404, 409, 422


def opened(folder: Path) -> Witness:
    """A witness of one log."""
    return Witness(folder, NAME, {ORIGIN: [verifier_of(ORIGIN, KEY)]}, lambda: SECONDS)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    """A new one."""
    ours = opened(tmp_path)
    yield ours
    ours.close()


def note(size: int, leaves: list[bytes] = LEAVES) -> str:
    """A checkpoint of the log."""
    return sign_note(Checkpoint(ORIGIN, size, merkle.root(leaves[:size])).encode(), ORIGIN, KEY)


def asked(old: int, size: int, leaves: list[bytes] = LEAVES, proof: list[bytes] | None = None) -> bytes:
    """A request to cosign."""
    if proof is None:
        proof = merkle.consistency_path(merkle.nodes_of(leaves), old, size) if 0 < old <= size else []
    return f"old {old}\n{hash_lines(proof)}\n{note(size, leaves)}".encode()


def test_growth_is_cosigned(witness: Witness) -> None:
    """First use, growth, and the same tree again."""
    for old, size in ((0, 0), (0, 3), (3, 8), (8, 8), (8, 33)):
        answer = witness.add_checkpoint(asked(old, size))
        assert answer.status == OK
        (line,) = open_note(note(size) + answer.text, [parse_vkey(witness.vkey)]).signatures
        assert (line.name, cosigned_at(line)) == (NAME, SECONDS)


def test_what_was_cosigned_is_kept_over_a_restart(tmp_path: Path) -> None:
    """Size and root; and the key, which nobody else may read."""
    first = opened(tmp_path)
    assert first.add_checkpoint(asked(0, 8)).status == OK
    first.close()
    again = opened(tmp_path)
    assert again.vkey == first.vkey
    assert again.add_checkpoint(asked(0, 9)) == (CONFLICT, "8\n", "text/x.tlog.size")
    assert again.add_checkpoint(asked(8, 9, FORK)).status == INCONSISTENT
    assert again.add_checkpoint(asked(8, 9)).status == OK
    again.close()
    assert stat.S_IMODE((tmp_path / "witness.key").stat().st_mode) == 0o600


def test_it_never_goes_back(witness: Witness) -> None:
    """A smaller tree is answered with the size that it has."""
    witness.add_checkpoint(asked(0, 8))
    for old, size in ((0, 3), (3, 3), (0, 8), (7, 9)):
        assert witness.add_checkpoint(asked(old, size)) == (CONFLICT, "8\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asked(8, 3, proof=[])).status == BAD


@pytest.mark.parametrize(
    "body",
    [
        asked(8, 9, FORK),
        asked(8, 8, FORK),
        asked(8, 9, proof=[]),
        asked(8, 9, proof=[LEAVES[0]]),
        asked(8, 8, proof=[LEAVES[0]]),
    ],
    ids=range(5),
)
def test_a_tree_that_did_not_grow_from_the_last_is_not_cosigned(witness: Witness, body: bytes) -> None:
    """A fork, another tree of one size, a proof that proves nothing."""
    witness.add_checkpoint(asked(0, 8))
    assert witness.add_checkpoint(body).status == INCONSISTENT
    assert witness.add_checkpoint(asked(8, 9)).status == OK


def test_nothing_proves_growth_from_an_empty_tree(witness: Witness) -> None:
    """A proof is not asked for, so none may come; an empty tree has one root."""
    assert witness.add_checkpoint(asked(0, 8, proof=[LEAVES[0]])).status == INCONSISTENT
    wrong = sign_note(Checkpoint(ORIGIN, 0, LEAVES[0]).encode(), ORIGIN, KEY)
    assert witness.add_checkpoint(f"old 0\n\n{wrong}".encode()).status == INCONSISTENT


def test_another_log_is_not_known(witness: Witness) -> None:
    """Its origin is not in the list."""
    other = sign_note(Checkpoint("other", 0, EMPTY_ROOT).encode(), "other", KEY)
    assert witness.add_checkpoint(f"old 0\n\n{other}".encode()).status == UNKNOWN


def test_a_signature_of_another_key_is_not_enough(witness: Witness) -> None:
    """None by the log's key, or a wrong one under its name and id."""
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode()
    foreign = sign_note(text, ORIGIN, OTHER)
    forged = note(0) + Signature(ORIGIN, verifier_of(ORIGIN, KEY).key_id, b"x" * 64).line()
    for bad in (foreign, forged):
        assert witness.add_checkpoint(f"old 0\n\n{bad}".encode()).status == FORBIDDEN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        f"old 0\n{note(0)}".encode(),
        f"old 00\n\n{note(0)}".encode(),
        f"old -1\n\n{note(0)}".encode(),
        f"size 0\n\n{note(0)}".encode(),
        f"old 0\nAAAA\n\n{note(0)}".encode(),
        b"old 0\n" + hash_lines([LEAVES[0]] * 64).encode() + b"\n" + note(0).encode(),
        b"old 0\n\n" + note(0).encode("utf-16"),
        b"old 0\n\n" + note(0).encode()[:-1],
        b"\xff",
    ],
    ids=range(12),
)
def test_a_malformed_request_is_refused(witness: Witness, body: bytes) -> None:
    """Nothing is kept of it."""
    assert witness.add_checkpoint(body).status == BAD
    assert witness.add_checkpoint(asked(0, 1)).status == OK


@given(
    st.binary(max_size=200),
    st.integers(0, len(asked(3, 8))),
    st.integers(0, 40),
)
def test_any_bytes_are_only_refused(
    tmp_path_factory: pytest.TempPathFactory, new: bytes, at: int, cut: int
) -> None:
    """A true request with bytes put in the place of others; cosigned only where it is true still."""
    ours = opened(tmp_path_factory.mktemp("witness"))
    assert ours.add_checkpoint(asked(0, 3)).status == OK
    body = asked(3, 8)
    changed = body[:at] + new + body[at + cut :]
    answer = ours.add_checkpoint(changed)
    assert answer.status != OK or note(8).partition("\n\n")[0].encode() in changed
    ours.close()


async def test_it_answers_over_http(witness: Witness) -> None:
    """Cosigning, the last checkpoint for monitors, and a body that is too long."""
    transport = httpx.ASGITransport(witness_app(witness))
    async with httpx.AsyncClient(transport=transport, base_url="http://w") as client:
        path = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
        assert (await client.get(path)).status_code == UNKNOWN
        answer = await client.post("/add-checkpoint", content=asked(0, 5))
        assert answer.status_code == OK
        assert (await client.get(path)).text == note(5) + answer.text
        answer = await client.post("/add-checkpoint", content=asked(0, 6))
        assert answer.status_code == CONFLICT
        assert answer.headers["content-type"] == "text/x.tlog.size"
        long = b"old 0\n\n" + b"a" * MAX_NOTE_BYTES * 2
        assert (await client.post("/add-checkpoint", content=long)).status_code == BAD
        assert (await client.get("/add-checkpoint")).status_code in (UNKNOWN, 405)


def test_a_list_of_logs_is_read(tmp_path: Path) -> None:
    """Several keys of one origin, as after a rotation."""
    keys = [verifier_of(ORIGIN, KEY), verifier_of(ORIGIN, OTHER)]
    (tmp_path / "logs").write_text("".join(f"{key.vkey}\n" for key in keys))
    assert read_logs(tmp_path / "logs") == {ORIGIN: keys}
    for content in (b"nonsense\n", b"\xff\n"):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(WitnessError, match="cannot be read"):
            read_logs(tmp_path / "bad")
    with pytest.raises(WitnessError, match="cannot be read"):
        read_logs(tmp_path / "none")


def test_a_folder_or_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """With a sentence."""
    (tmp_path / "witness.key").write_bytes(b"short")
    with pytest.raises(WitnessError, match="damaged"):
        opened(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(WitnessError, match="cannot be used"):
        opened(tmp_path / "file")
    with pytest.raises(WitnessError, match="name"):
        Witness(tmp_path / "new", "two words", {}, lambda: SECONDS)


def test_a_list_of_witnesses_is_read(witness: Witness) -> None:
    """A key and an address on each line; comments and empty lines are left out."""
    (found,) = parse_witnesses(f"# ours\n\n{witness.vkey} http://127.0.0.1:1/ # here;")
    assert (found.verifier.vkey, found.url) == (witness.vkey, "http://127.0.0.1:1")
    log_key = verifier_of(ORIGIN, KEY).vkey
    for bad in (witness.vkey, f"{witness.vkey} ftp://x", f"{log_key} http://x", "a b c", "x http://x"):
        with pytest.raises(WitnessesError, match="witness 1"):
            parse_witnesses(bad)


async def test_the_notary_publishes_cosignatures(tmp_path: Path) -> None:
    """With each new checkpoint; also of a witness that has seen more than the notary remembers."""
    async with opened_log(tmp_path) as log:
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            logs = {
                notary.store.verifiers(at)[0].name: notary.store.verifiers(at) for at in notary.store.trees()
            }
            ours = Witness(tmp_path / "w", NAME, logs, lambda: SECONDS)
            verifier = parse_vkey(ours.vkey)

            def post(url: str, body: bytes) -> tuple[int, str]:
                assert url == "http://w/add-checkpoint"
                return ours.add_checkpoint(body)[:2]

            for end in (5, 300, 301):
                await log.append(*TREE, drafts(end - await log.end_offset(*TREE)))
                await notary.catch_up()
                await Witnessing(notary.store, parse_witnesses(f"{ours.vkey} http://w"), post).ask_all()
                published = notary.store.checkpoint(TREE)
                assert published is not None
                signed = open_note(published, [verifier, *notary.store.verifiers(TREE)]).signatures
                assert [line.name for line in signed] == [origin_of(LEDGER, TREE), NAME]
                assert notary.store.last_cosigned(TREE, ours.vkey) == end
            with contextlib.closing(sqlite3.connect(trees_path(tmp_path))) as file:
                file.execute("DELETE FROM cosignatures")
                file.commit()
            await Witnessing(notary.store, parse_witnesses(f"{ours.vkey} http://w"), post).ask_all()
            assert notary.store.last_cosigned(TREE, ours.vkey) == 301
            ours.close()


@pytest.mark.parametrize(
    "answer",
    [(500, ""), (403, "no\n"), (409, "999\n"), (409, "x"), (200, ""), (200, "\u2014 other AAAAAAAA\n")],
)
async def test_a_witness_that_does_not_cosign_does_no_harm(tmp_path: Path, answer: tuple[int, str]) -> None:
    """The checkpoint is published without it, and the witness is asked again later."""
    times = []

    def post(url: str, body: bytes) -> tuple[int, str]:
        times.append((url, body))
        return answer

    async with opened_log(tmp_path) as log:
        await log.append(*TREE, drafts(5))
        with notary_over(log, tmp_path) as notary:
            await notary.catch_up()
            vkey = verifier_of(NAME, OTHER, 4).vkey
            asking = Witnessing(notary.store, parse_witnesses(f"{vkey} http://w"), post)
            await asking.ask_all()
            asked_once = len(times)
            assert asked_once > 0
            await asking.ask_all()
            assert len(times) == asked_once
            published = notary.store.checkpoint(TREE)
            assert published is not None
            assert published.count("\u2014") == 1
