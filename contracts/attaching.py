"""How large a file may be on the log, where a policy says how large it may be in plain."""

from __future__ import annotations

_MIB = 1024 * 1024

OVERHEAD = 1024
"""Bytes by which ciphertext may be longer than the file, for each MiB or part of it: see ledger.blobs."""


def is_too_large(sealed: int, plain: int) -> bool:
    """Whether ciphertext of this many bytes is of a file that is larger than so many bytes."""
    return sealed > plain + OVERHEAD * (plain // _MIB + 1)
