"""Signed notes, checkpoints and cosignatures: c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import notes
from ledger.notes import COSIGNATURE, Checkpoint, NoteError, Signature, Verifier

SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
KEY, OTHER_KEY = notes.signer_of(b"\x01" * 32), notes.signer_of(b"\x02" * 32)
LOG, WITNESS = "barograph/led_demo/t/0", "witness.example/w1"
VERIFIER = notes.verifier_of(LOG, KEY)
WITNESS_VERIFIER = notes.verifier_of(WITNESS, OTHER_KEY, COSIGNATURE)
CHECKPOINT = Checkpoint(LOG, 3, b"\x07" * 32)
NOTE = notes.sign_note(CHECKPOINT.encode(), LOG, KEY)
NOW = 1_767_225_600


def cosigned(at: int = NOW) -> str:
    """The note with the witness's line."""
    return NOTE + notes.cosign(CHECKPOINT.encode(), WITNESS, OTHER_KEY, at).line()


def test_the_specifications_example_opens() -> None:
    """Its verifier key, its note."""
    opened = notes.open_note(SPEC_NOTE, [notes.parse_vkey(SPEC_VKEY)])
    assert (opened.text, opened.encode()) == ("This is an example message.\n", SPEC_NOTE)


def test_a_checkpoint_comes_back_as_it_was_signed() -> None:
    """Origin, size, root."""
    assert notes.open_checkpoint(NOTE, [VERIFIER]) == CHECKPOINT
    assert notes.open_checkpoint(NOTE.encode(), [VERIFIER]) == CHECKPOINT


def test_a_vkey_comes_back() -> None:
    """Of both types."""
    for verifier in (VERIFIER, WITNESS_VERIFIER):
        assert notes.parse_vkey(verifier.vkey) == verifier
    assert VERIFIER.key_id != notes.verifier_of(LOG, KEY, COSIGNATURE).key_id


def test_a_cosignature_is_verified_with_its_time() -> None:
    """The time is part of what is signed."""
    opened = notes.open_note(cosigned(), [VERIFIER, WITNESS_VERIFIER])
    assert [signature.name for signature in opened.signatures] == [LOG, WITNESS]
    witness = opened.signatures[1]
    assert notes.cosigned_at(witness) == NOW
    later = witness._replace(payload=(NOW + 1).to_bytes(8, "big") + witness.payload[8:])
    with pytest.raises(NoteError, match="not valid"):
        notes.open_note(NOTE + later.line(), [VERIFIER, WITNESS_VERIFIER])


def test_a_cosignature_alone_opens_for_who_trusts_the_witness() -> None:
    """Each verifier sees the signatures that it trusts, in the note's order."""
    assert len(notes.open_note(cosigned(), [WITNESS_VERIFIER]).signatures) == 1
    assert len(notes.open_note(cosigned(), [VERIFIER]).signatures) == 1


@pytest.mark.parametrize("at", [2**63, 2**64 - 1])
def test_a_cosignature_of_an_impossible_time_is_refused(at: int) -> None:
    """At most 2^63 - 1 seconds."""
    with pytest.raises(NoteError, match="impossible time"):
        notes.open_note(cosigned(at), [WITNESS_VERIFIER])


def test_who_trusts_another_key_sees_nothing() -> None:
    """Of another name, or of the same name with another key."""
    for stranger in (notes.verifier_of("other", KEY), notes.verifier_of(LOG, OTHER_KEY)):
        with pytest.raises(NoteError, match="no trusted key"):
            notes.open_note(NOTE, [stranger])


def test_one_wrong_signature_by_a_trusted_key_spoils_the_note() -> None:
    """A right one beside it does not heal it."""
    line = Signature(LOG, VERIFIER.key_id, b"\x00" * 64).line()
    with pytest.raises(NoteError, match="not valid"):
        notes.open_note(NOTE + line, [VERIFIER])


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 7))
def test_a_flipped_bit_never_gives_another_checkpoint(place: int, bit: int) -> None:
    """Anywhere in the note."""
    changed = bytearray(NOTE.encode())
    changed[place] ^= 1 << bit
    with pytest.raises(NoteError):
        notes.open_checkpoint(bytes(changed), [VERIFIER])


def bad(text: str) -> bytes:
    """This text with a signature line."""
    return (text + NOTE[NOTE.rindex("\n\n") :]).encode()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\n\n",
        NOTE.encode()[:-1],
        NOTE.split("\n\n")[0].encode(),
        NOTE.replace("\n\n", "\n").encode(),
        NOTE.replace("\u2014 ", "- ").encode(),
        NOTE.replace("\n", "\r\n").encode(),
        NOTE.encode("utf-16"),
        bad("tab\there"),
        bad("bell\x07"),
        NOTE.encode() + b"\n",
        NOTE.replace(LOG + " ", LOG + "+ ").encode(),
        (NOTE + "\u2014 name AAAA\n").encode(),
        (NOTE + "\u2014 name AAA\n").encode(),
        (NOTE + "\u2014 name \n").encode(),
        (NOTE + "\u2014  AAAAAAAA\n").encode(),
        NOTE.encode() + Signature("n", b"1234", b"x").line().encode() * notes.MAX_SIGNATURES,
        b"a" * notes.MAX_NOTE_BYTES + NOTE.encode(),
    ],
    ids=range(18),
)
def test_a_malformed_note_is_refused(message: bytes) -> None:
    """By parser and opener alike."""
    with pytest.raises(NoteError):
        notes.open_note(message, [VERIFIER])


def test_sixteen_strangers_signatures_do_no_harm() -> None:
    """Each as long as a post-quantum one."""
    strangers = "".join(Signature(f"s{n}", b"1234", b"x" * 5_000).line() for n in range(16))
    assert notes.open_checkpoint(NOTE + strangers, [VERIFIER]) == CHECKPOINT


ROOT = CHECKPOINT.encode().split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n3\n",
        f"origin\n3\n{ROOT}",
        f"\n3\n{ROOT}\n",
        f"origin\n03\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n\u0663\n{ROOT}\n",
        f"origin\n{2**64}\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n3\n{ROOT[:-4]}\n",
        f"origin\n3\n{ROOT.rstrip('=')}\n",
        f"origin\n3\n{ROOT} \n",
        f"origin\n3\n{ROOT}\n\n",
        f"origin\n3\n{ROOT}\nextension\n\n",
        "origin\n3\nAAAA\n",
        f"origin\n3\n{ROOT[:-2]}d=\n",
    ],
    ids=range(18),
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    """Missing lines, other numbers, other base64."""
    with pytest.raises(NoteError):
        notes.parse_checkpoint(text)


def test_extension_lines_are_kept() -> None:
    """They are signed like the rest."""
    text = CHECKPOINT.encode() + "one\ntwo\n"
    assert notes.parse_checkpoint(text).extensions == ("one", "two")
    assert notes.parse_checkpoint(text).encode() == text


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        "name+",
        "name+00000000+",
        SPEC_VKEY.replace("530d903a", "530d903b"),
        SPEC_VKEY.replace("530d903a", "530D903A"),
        SPEC_VKEY.replace("+Aek", "+Bek"),
        SPEC_VKEY + "\n",
        "a b" + VERIFIER.vkey,
        "x" * 5_000,
    ],
)
def test_a_malformed_vkey_is_refused(line: str) -> None:
    """Another id, another type, another form."""
    with pytest.raises(NoteError):
        notes.parse_vkey(line)


def test_a_text_that_no_note_can_hold_is_not_signed() -> None:
    """Without a newline at its end, or with control characters."""
    for text in ("no newline", "bell\x07\n"):
        with pytest.raises(NoteError):
            notes.sign_note(text, LOG, KEY)


def test_a_checkpoint_file_holds_many_notes() -> None:
    """Joined by us, put together by hand, or with lines between."""
    other = notes.sign_note(Checkpoint(LOG, 4, b"\x08" * 32, ("more",)).encode(), LOG, KEY)
    held = [cosigned(), other, NOTE]
    for file in (notes.join_notes(held), "".join(held), "\n\n".join(["", *held, ""])):
        assert notes.split_notes(file) == held
    assert notes.split_notes(b"") == []


@pytest.mark.parametrize("cut", [len(LOG), NOTE.index("\n\n"), len(NOTE) - 20])
def test_a_checkpoint_file_that_is_cut_short_is_refused(cut: int) -> None:
    """Wherever the cut is."""
    with pytest.raises(NoteError):
        notes.split_notes(NOTE + NOTE[:cut])
    with pytest.raises(NoteError):
        notes.split_notes(NOTE[NOTE.index("\n\n") + 2 :])


PARSERS: list[Callable[[Any], object]] = [
    notes.parse_note,
    notes.parse_vkey,
    notes.parse_checkpoint,
    notes.parse_signatures,
    notes.parse_hash,
    notes.parse_size,
    notes.split_notes,
    lambda message: notes.open_note(message, [VERIFIER, WITNESS_VERIFIER]),
]
_LINES = st.sampled_from(["", LOG, "3", ROOT, "\u2014 ", *NOTE.split("\n"), *cosigned().split("\n")])
_MESSAGES = st.lists(_LINES | st.text(max_size=20), max_size=9).map("\n".join) | st.text(max_size=90)


@given(st.sampled_from(PARSERS), _MESSAGES)
def test_parsers_raise_only_their_own_error(parse: Callable[[Any], object], message: str) -> None:
    """Whatever the text."""
    with contextlib.suppress(NoteError):
        parse(message)


@given(st.sampled_from([notes.parse_note, notes.split_notes]), st.binary(max_size=99))
def test_parsers_of_bytes_raise_only_their_own_error(parse: Callable[[Any], object], message: bytes) -> None:
    """Whatever the bytes."""
    with contextlib.suppress(NoteError):
        parse(message)


@given(st.binary(max_size=80), st.integers(0, 300))
def test_a_signature_of_any_length_is_only_refused(payload: bytes, key_type: int) -> None:
    """Not even a valid key may be made to fail in another way."""
    with contextlib.suppress(NoteError):
        verifier = Verifier(LOG, key_type, VERIFIER.public)
        with pytest.raises(NoteError):
            verifier.verify(CHECKPOINT.encode(), Signature(LOG, b"1234", payload))
