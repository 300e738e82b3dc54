"""Records whose time lay ahead: of the records after them, or of the audit itself (ADR 0007)."""

from __future__ import annotations

from services.audit.findings import PartitionFindings

AHEAD_MS = 60_000
"""How far clocks of honest machines may differ: far more than intake lets them (invariant 9)."""


class ClockWatch:
    """Follows the clock of one partition, and names each record that set it too far ahead, once."""

    def __init__(self, notes: PartitionFindings) -> None:
        self._notes = notes
        self._now = 0
        self._set_by = 0
        self._named = True

    def see(self, offset: int, recorded_at: int) -> None:
        """A submission that could be read, in the order of the log; times in milliseconds."""
        if recorded_at >= self._now:
            self._now, self._set_by, self._named = recorded_at, offset, False
        elif not self._named:
            self._name_if_ahead_of(recorded_at)

    def finish(self, now: int) -> None:
        """The audit's own time, against which the last record is held."""
        if not self._named:
            self._name_if_ahead_of(now)

    def _name_if_ahead_of(self, time: int) -> None:
        ahead = self._now - time
        if ahead > AHEAD_MS:
            self._notes.name("clock", self._set_by, ahead // 1000)
            self._named = True
