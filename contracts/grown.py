"""Cases that grow from what was recorded elsewhere: an opinion heard on a visit, a finding of an inspection."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import sha256_hex

Seed = Annotated[str, Field(pattern=r"^(vst|isp)_[0-9a-f]{32}/[1-9][0-9]?$")]
"""The stream and, after a slash, the number of what a case grew from."""


def seed_of(stream: str, number: int) -> str:
    """The seed that is this opinion or finding."""
    return f"{stream}/{number}"


def case_of(seed: str) -> str:
    """The one case that can grow from a seed, whoever asks for it and however often."""
    return f"grv_{sha256_hex(seed.encode())[:32]}"
