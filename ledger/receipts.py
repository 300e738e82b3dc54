"""Receipts: how they are signed, written and read. How one is judged is in ledger.judging."""

from __future__ import annotations

from contracts.evidence import Promise, SignedReceipt
from ledger.signing import SigningKey


def sign_promise(promise: Promise, key: SigningKey) -> SignedReceipt:
    """The receipt: the same bytes each time, for the same record and key."""
    return SignedReceipt(**promise.model_dump(), signature=key.sign(promise.signed_text()))
