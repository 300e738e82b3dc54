"""Receipts: how they are signed, written down and read. How one is judged is in ledger.judging.

A receipt is written as JSON, or as one line that fits a QR code: `BAROGRAPH1`, the origin, the offset, the
time of recording, the merge delay (decimal numbers), the submission id, the leaf hash (base64url without
padding, RFC 4648 section 5), the key id, and the signature (base64url), with one space between them.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping

import orjson
from pydantic import ValidationError

from contracts.evidence import Promise, ProvenReceipt, SignedReceipt
from ledger.signing import SigningKey, is_signature

MAX_RECEIPT_BYTES = 64 * 1024
QR_PREFIX = "BAROGRAPH1"
_QR_FIELDS = 9
_MODELS: Mapping[str, type[SignedReceipt | ProvenReceipt]] = {
    "barograph.receipt.v1": SignedReceipt,
    "barograph.proven_receipt.v1": ProvenReceipt,
}


class ReceiptError(ValueError):
    """This is no receipt; the sentence says what is wrong with it."""


def sign_promise(promise: Promise, key: SigningKey) -> SignedReceipt:
    """The receipt: the same bytes each time, for the same promise and key."""
    return SignedReceipt(**promise.model_dump(), signature=key.sign(promise.signed_text()))


def is_signed_by(receipt: SignedReceipt, public: bytes) -> bool:
    """Whether the receipt bears the signature of this public key."""
    return is_signature(public, receipt.signature, receipt.signed_text())


def receipt_json(receipt: SignedReceipt | ProvenReceipt) -> bytes:
    """The receipt as a file: JSON, indented, the same bytes each time."""
    return orjson.dumps(receipt.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def qr_text(receipt: SignedReceipt) -> str:
    """The whole receipt on one line, for a QR code."""
    fields = (
        QR_PREFIX,
        receipt.origin,
        receipt.offset,
        receipt.recorded_at,
        receipt.max_merge_delay_ms,
        _base64url(uuid.UUID(receipt.submission_id).bytes),
        _base64url(bytes.fromhex(receipt.leaf_hash)),
        receipt.key_id,
        _base64url(base64.b64decode(receipt.signature)),
    )
    return " ".join(map(str, fields))


def read_receipt(content: bytes) -> SignedReceipt | ProvenReceipt:
    """Read a receipt from JSON or from the text of its QR code. Raises ReceiptError."""
    if len(content) > MAX_RECEIPT_BYTES:
        raise ReceiptError(f"this is no receipt: it has more than {MAX_RECEIPT_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ReceiptError("this is no receipt: it is not text in UTF-8") from None
    return _of_qr(text) if text.startswith(QR_PREFIX) else _of_json(text)


def _of_json(text: str) -> SignedReceipt | ProvenReceipt:
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ReceiptError(
            f"this is no receipt: it is neither whole JSON nor a line that begins with {QR_PREFIX}"
        ) from None
    kind = raw.get("type") if isinstance(raw, dict) else None
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise ReceiptError(f"this is no receipt that is known here: its type is none of {', '.join(_MODELS)}")
    return _checked(model, raw)


def _of_qr(text: str) -> SignedReceipt:
    fields = text.split(" ")
    if len(fields) != _QR_FIELDS or fields[0] != QR_PREFIX:
        raise ReceiptError(
            f"this receipt is cut short or altered: it has {len(fields)} parts, not {_QR_FIELDS}"
        )
    _, origin, offset, recorded_at, delay, submission, leaf, key, signature = fields
    try:
        topic, partition = origin.split("/")[-2:]
        raw = {
            "origin": origin,
            "topic": topic,
            "partition": int(partition),
            "offset": int(offset),
            "recorded_at": int(recorded_at),
            "max_merge_delay_ms": int(delay),
            "submission_id": str(uuid.UUID(bytes=_bytes_of(submission))),
            "leaf_hash": _bytes_of(leaf).hex(),
            "key_id": key,
            "signature": base64.b64encode(_bytes_of(signature)).decode(),
        }
    except (ValueError, binascii.Error):
        raise ReceiptError("this receipt is cut short or altered: a part of it cannot be read") from None
    receipt = _checked(SignedReceipt, raw)
    if not isinstance(receipt, SignedReceipt) or qr_text(receipt) != text:
        raise ReceiptError("this receipt is altered: it is not written as receipts are")
    return receipt


def _checked(
    model: type[SignedReceipt | ProvenReceipt], raw: Mapping[str, object]
) -> SignedReceipt | ProvenReceipt:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        if detail["type"] == "value_error":
            raise ReceiptError(
                "this receipt's origin is malformed, or names another topic or partition than the receipt"
            ) from None
        place = ".".join(map(str, detail["loc"])).encode(errors="replace").decode()[:60]
        raise ReceiptError(f"this receipt is incomplete or altered: see its member {place!r}") from None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes_of(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
