"""The keys of one data subject, and what is sealed and opened with them (see ledger.vault)."""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.personal import Sealed
from ledger import texts

KEY_BYTES = 32
NONCE_BYTES = 12


class TextGoneError(Exception):
    """The key of this text was destroyed: it was redacted, and cannot be said again as it was."""


class VaultError(Exception):
    """The vault cannot be used, or a key does not open what it should; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """One subject's keys: `cipher` over the data key, `tag_key` for comparisons, `nodes` for texts' keys."""

    subject: str
    cipher: AESGCM
    tag_key: bytes
    nodes: texts.Nodes

    def seal(self, plain: str, field: str) -> Sealed:
        """Encrypt a field's text, bound to this subject and this field name."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self.cipher.encrypt(nonce, plain.encode(), self._bound_to(field))
        return Sealed(subject=self.subject, sealed=base64.b64encode(sealed).decode())

    def open(self, sealed: Sealed, field: str) -> str:
        """Decrypt a field's text. Raises VaultError where it was not sealed so."""
        try:
            data = base64.b64decode(sealed.sealed)
        except ValueError:
            raise VaultError("this text was not sealed under this subject's key for this field") from None
        return _decrypt(self.cipher, data, self._bound_to(field)).decode()

    def tag(self, data: bytes) -> str:
        """A content tag: equal data of this subject have equal tags, and nothing else can be told."""
        return hmac.digest(self.tag_key, data, "sha256").hex()[:32]

    def text_id(self, label: str) -> str:
        """The id of a text of this subject: the same again for the same label, and it tells nothing."""
        return texts.text_id(hmac.digest(self.tag_key, f"text\0{label}".encode(), "sha256"))

    def seal_apart(self, plain: str, field: str, text: str) -> Sealed:
        """Encrypt under the key of the text of this id, which is destroyed with this subject's or alone (ADR 0016).

        Raises TextGoneError where it was destroyed.
        """
        key = texts.text_key(self.nodes, text)
        if key is None:
            raise TextGoneError("this text was redacted")
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, plain.encode(), self._bound_to(field))
        return Sealed(subject=self.subject, text=text, sealed=base64.b64encode(sealed).decode())

    def open_apart(self, sealed: Sealed, field: str) -> str | None:
        """Decrypt what `seal_apart` made; None where the text's key was destroyed. Raises as `open`."""
        key = texts.text_key(self.nodes, sealed.text or "")
        if key is None:
            return None
        return _decrypt(AESGCM(key), base64.b64decode(sealed.sealed), self._bound_to(field)).decode()

    def derived(self, label: bytes) -> bytes:
        """A key of 32 bytes for one purpose, the same each time; it cannot be had without this subject's keys."""
        return hmac.digest(self.tag_key, b"barograph derived key\0" + label, "sha256")

    def _bound_to(self, field: str) -> bytes:
        return f"{self.subject}/{field}".encode()


def keys_of(subject: str, keys: bytes) -> SubjectKeys:
    """A subject's keys from how the vault keeps them: data key, tag key, nodes of the texts' tree."""
    nodes = texts.decoded(keys[2 * KEY_BYTES :])
    return SubjectKeys(subject, AESGCM(keys[:KEY_BYTES]), keys[KEY_BYTES : 2 * KEY_BYTES], nodes)


def _decrypt(cipher: AESGCM, data: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise VaultError("this text was not sealed under this subject's key for this field") from None
