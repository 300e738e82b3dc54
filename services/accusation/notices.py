"""What became of a command, as the next page says it, and the keys of forms."""

from __future__ import annotations

import secrets
from typing import Protocol

from contracts.reasons import REASONS
from web.i18n import N_, Gettext
from web.notices import Notice


class Verdict(Protocol):
    """What became of a submission."""

    @property
    def outcome(self) -> str:
        """The decision's outcome."""
        ...

    @property
    def reason(self) -> str | None:
        """Its reason code."""
        ...


class Decisions(Protocol):
    """Where decisions are read; the composition root supplies it."""

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """The verdict on a submission; None where none is visible within `timeout` seconds."""
        ...


def new_form_key() -> str:
    """A fresh Idempotency-Key for a form, made by the server."""
    return secrets.token_urlsafe(18)


def notice_of(verdict: Verdict | None, gettext: Gettext) -> Notice:
    """What became of a command, as the next page says it."""
    if verdict is None:
        text = gettext(N_("Recorded, and not decided yet. Reload this page in a moment."))
        return Notice(kind="info", text=text)
    if verdict.outcome in ("accepted", "duplicate"):
        return Notice(kind="accepted", text=gettext(N_("Done. It is on record.")))
    reason = gettext(REASONS.get(verdict.reason or "", verdict.reason or ""))
    if verdict.outcome == "refused":
        text = gettext(N_("Refused, and the refusal is on record."))
        return Notice(kind="refused", text=text, detail=reason)
    text = gettext(N_("Recorded, but nothing was changed by it."))
    return Notice(kind="warning", text=text, detail=reason)
