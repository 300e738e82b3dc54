"""Sums of money: whole fen, the hundredth part of a yuan. There are no fractions of a fen, and no floats."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

CURRENCY = "CNY"
"""What every sum is in."""

Fen = Annotated[int, Field(ge=0, le=10**13)]
"""A sum of money in fen; a hundred thousand million yuan at most."""

PaidFen = Annotated[int, Field(ge=1, le=10**13)]
"""A sum that is more than nothing."""

SignedFen = Annotated[int, Field(ge=-(10**13), le=10**13)]
"""A sum that may be negative, as where more was paid back than paid out."""
