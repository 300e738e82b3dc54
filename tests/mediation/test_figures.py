"""Figures of mediation: what each rate is of, and where there is none."""

from __future__ import annotations

import pytest

from contracts.base import DAY_MS
from contracts.mediation_figures import Tally, lines_of
from web.entries import fen


def tally(outcome: str | None, found: int, **fields: object) -> Tally:
    """So many mediations of neighbours with this outcome, told live."""
    usual: dict[str, object] = dict.fromkeys(
        ("ended", "days", "duties", "settled", "breached", "owed", "paid"), 0
    )
    usual |= {"dispute": "neighbours", "imported": False, "outcome": outcome, "found": found}
    return Tally(**(usual | fields))  # type: ignore[arg-type]


def test_a_rate_is_of_all_that_were_found() -> None:
    """Refused, withdrawn and pending ones stand in what the success rate is of."""
    found = [tally("agreed", 3), tally("refused", 2), tally("withdrawn", 1), tally(None, 4)]
    whole, _ = lines_of(found, imported=False)
    assert (whole.agreed, whole.known, whole.pending) == (3, 10, 4)


def test_unknown_outcomes_leave_no_rate() -> None:
    """Twenty-five found of unknown outcome: 25, no success rate, and no mean of days; live ones are not touched."""
    imported = tally("not_told", 25, imported=True)
    both = [imported, tally("agreed", 1)]
    (whole, _) = lines_of(both, imported=True)
    assert (whole.found, whole.unknown, whole.agreed, whole.known, whole.days) == (25, 25, 0, None, None)
    assert lines_of(both, imported=False)[0].known == 1
    assert lines_of([imported], imported=False) == []


def test_days_are_of_those_that_ended() -> None:
    """The mean is of what has ended; what is pending has no days yet."""
    found = [tally("agreed", 2, ended=2, days=10 * DAY_MS), tally(None, 5)]
    assert lines_of(found, imported=False)[0].days == 5


def test_types_are_told_apart() -> None:
    """All of them come first, then each type."""
    found = [tally("agreed", 1), tally("failed", 2, dispute="labour")]
    lines = lines_of(found, imported=False)
    assert [(line.dispute, line.found) for line in lines] == [("", 3), ("neighbours", 1), ("labour", 2)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1200", 120_000), ("1,200.5", 120_050), ("￥12.34元", 1234), (" 0 ", 0), ("100000000000", 10**13)],
)
def test_sums_are_read_as_they_are_written(text: str, amount: int) -> None:
    """Separators and signs of currency do not matter, and no float is between."""
    assert fen(text) == amount


@pytest.mark.parametrize("text", ["-1", "－5", "1.234", "abc", "1e9", "", "100000000000.01", "١٢"])
def test_what_is_no_sum_is_refused(text: str) -> None:
    """Negative, too fine, too large, or no number at all."""
    with pytest.raises(ValueError, match=r"sum"):
        fen(text)
