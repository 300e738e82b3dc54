"""Write the golden files that are missing, and add their hashes to SHA256SUMS; never change one.

Run it as `python -m tests.golden.write_missing` when a type is released.
"""

from __future__ import annotations

import sys
from pathlib import Path

from contracts.base import sha256_hex
from tests.golden.examples import golden_bytes

FOLDER = Path(__file__).parent
SUMS = FOLDER / "SHA256SUMS"
"""What `sha256sum -c SHA256SUMS` reads, inside the folder."""


def write_missing() -> list[str]:
    """Write what is missing; return the names of the new files."""
    new = [name for name in golden_bytes() if not (FOLDER / name).exists()]
    for name in new:
        value = golden_bytes()[name]
        (FOLDER / name).write_bytes(value)
        with SUMS.open("a") as sums:
            sums.write(f"{sha256_hex(value)}  {name}\n")
    return new


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in write_missing()))
