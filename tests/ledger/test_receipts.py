"""Receipts as files and QR codes: each form holds all of it, and whatever is no receipt is refused clearly."""

from __future__ import annotations

import base64
import json
import string

import orjson
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from contracts.evidence import Promise, ProvenReceipt, SignedReceipt
from ledger.receipts import (
    MAX_RECEIPT_BYTES,
    ReceiptError,
    is_signed_by,
    qr_text,
    read_receipt,
    receipt_json,
    sign_promise,
)
from tests.support.keys import INTAKE, NOTARY, key_of

PROMISE = Promise(
    origin="barograph/led_0123456789abcdef0123456789abcdef/grievance.submissions/11",
    topic="grievance.submissions",
    partition=11,
    offset=123_456,
    recorded_at=1_790_000_000_000,
    submission_id="0f5c2f9e-4d54-8a2b-9c61-3d9a4b1e7f10",
    leaf_hash="ab" * 32,
    max_merge_delay_ms=60_000,
    key_id=INTAKE.id,
)
RECEIPT = sign_promise(PROMISE, INTAKE)
PROVEN = ProvenReceipt(receipt=RECEIPT, checkpoint="虚构\n", inclusion=("cd" * 32,) * 3)
TEXT = qr_text(RECEIPT)


def test_a_receipt_is_the_same_each_time() -> None:
    """Signing the same promise again gives the same bytes."""
    assert receipt_json(sign_promise(PROMISE, INTAKE)) == receipt_json(RECEIPT)


def test_what_is_signed_is_plain_lines() -> None:
    """The signed bytes can be put together from the JSON with nothing but string joining."""
    told = json.loads(receipt_json(RECEIPT))
    names = [
        "type",
        "origin",
        "offset",
        "recorded_at",
        "submission_id",
        "leaf_hash",
        "max_merge_delay_ms",
        "key_id",
    ]
    assert "".join(f"{told[name]}\n" for name in names).encode() == RECEIPT.signed_text()


@pytest.mark.parametrize("receipt", [RECEIPT, PROVEN])
def test_a_file_holds_all_of_it(receipt: SignedReceipt | ProvenReceipt) -> None:
    """The JSON file is read as the same receipt, also with a byte order mark before it."""
    assert read_receipt(receipt_json(receipt)) == receipt
    assert read_receipt(b"\xef\xbb\xbf" + receipt_json(receipt)) == receipt


def test_a_qr_code_holds_all_of_it() -> None:
    """The line is read as the same receipt, and fits a code of at most 69 modules with correction level M."""
    assert read_receipt(TEXT.encode()) == RECEIPT
    assert segno.make(TEXT, error="m", micro=False).symbol_size(border=0)[0] <= 69


def test_a_signature_is_of_one_key() -> None:
    """The receipt verifies under intake's key and under no other."""
    assert is_signed_by(RECEIPT, INTAKE.public)
    assert not is_signed_by(RECEIPT, NOTARY.public)
    assert not is_signed_by(RECEIPT, key_of("intake", "second").public)


@pytest.mark.parametrize("name", [n for n in Promise.model_fields if n not in ("type", "topic", "partition")])
def test_every_member_is_signed(name: str) -> None:
    """A receipt with another value anywhere does not verify, or is no receipt."""
    other: dict[str, object] = {
        "origin": PROMISE.origin.replace("0123", "9999"),
        "submission_id": PROMISE.submission_id.replace("0", "1"),
        "leaf_hash": "ac" * 32,
        "key_id": NOTARY.id,
    }
    value = other.get(name) or getattr(RECEIPT, name) + 1
    assert not is_signed_by(SignedReceipt(**{**RECEIPT.model_dump(), name: value}), INTAKE.public)


def changed(**members: object) -> bytes:
    """The receipt's JSON with other members; None takes one away."""
    raw = {**RECEIPT.model_dump(), **members}
    return orjson.dumps({name: value for name, value in raw.items() if value is not None})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "neither whole JSON"),
        (b"\xff\xfe", "not text"),
        (receipt_json(RECEIPT)[:-20], "neither whole JSON"),
        (b" " * (MAX_RECEIPT_BYTES + 1), "more than"),
        (b"[" * 60_000, "neither whole JSON"),
        (b"[1]", "no receipt that is known"),
        (changed(type="barograph.receipt.v2"), "no receipt that is known"),
        (changed(type=[]), "no receipt that is known"),
        (changed(signature=None), "'signature'"),
        (changed(signature="AAAA"), "'signature'"),
        (changed(offset="5"), "'offset'"),
        (changed(offset=-1), "'offset'"),
        (changed(note="x"), "'note'"),
        (changed(partition=10), "origin"),
        (changed(topic="grievance.events"), "origin"),
        (changed(origin="elsewhere/led_0123456789/grievance.submissions/11"), "origin"),
        (changed(origin=PROMISE.origin.replace("/11", "/011")), "origin"),
        (changed(origin=PROMISE.origin + "\n"), "origin"),
        (TEXT[:-1].encode(), "altered"),
        (TEXT[:60].encode(), "cut short"),
        (TEXT.replace(" 123456 ", " 0123456 ").encode(), "altered"),
        (TEXT.replace(" 123456 ", " １２３４５６ ").encode(), "altered"),
        (TEXT.replace(" ", "  ").encode(), "cut short"),
        (TEXT.replace("BAROGRAPH1", "BAROGRAPH12").encode(), "cut short"),
        (TEXT.replace(" 123456 ", " " + "9" * 5000 + " ").encode(), "cannot be read"),
        (TEXT.replace("/11 ", " ").encode(), "cannot be read"),
        (b'{"type":"barograph.proven_receipt.v1","receipt":{}}', "'receipt"),
    ],
)
def test_what_is_no_receipt_is_refused(content: bytes, told: str) -> None:
    """Each such file is refused with a sentence that names what is wrong."""
    with pytest.raises(ReceiptError, match=told):
        read_receipt(content)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"BAROGRAPH1 {text}".encode()))
def test_any_bytes_are_a_receipt_or_refused(content: bytes) -> None:
    """Whatever is brought gives a receipt or a ReceiptError."""
    with pytest.raises(ReceiptError):
        read_receipt(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(SignedReceipt.model_fields)), _JSON)
def test_any_member_is_read_or_refused(name: str, value: object) -> None:
    """A receipt with any JSON in one member is refused, or read and does not verify unless it is the same."""
    try:
        read = read_receipt(json.dumps({**RECEIPT.model_dump(), name: value}).encode())
    except ReceiptError:
        return
    assert isinstance(read, SignedReceipt)
    assert (read == RECEIPT) == is_signed_by(read, INTAKE.public)


@given(st.data())
def test_a_code_with_one_other_character_is_not_good(data: st.DataObject) -> None:
    """One character of the QR text changed: it is refused, or its signature is not intake's."""
    at = data.draw(st.integers(0, len(TEXT) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_ /.").filter(TEXT[at].__ne__))
    try:
        read = read_receipt((TEXT[:at] + other + TEXT[at + 1 :]).encode())
    except ReceiptError:
        return
    assert isinstance(read, SignedReceipt)
    assert not is_signed_by(read, INTAKE.public)


def test_the_signature_is_ed25519s_own() -> None:
    """The signature verifies with nothing of this software but the key's 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(INTAKE.public_text))
    key.verify(base64.b64decode(RECEIPT.signature), RECEIPT.signed_text())
