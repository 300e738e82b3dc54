"""What became of a command, as the next page says it, and the keys of forms."""

from __future__ import annotations

import secrets

from services.intake.api import verdict_sentence
from services.intake.desk import Verdict
from web.i18n import N_, Gettext
from web.notices import Notice

VERDICT_SECONDS = 3.0
"""How long a page waits for the decision."""


def new_form_key() -> str:
    """A fresh Idempotency-Key for a form, made by the server."""
    return secrets.token_urlsafe(18)


def notice_of(verdict: Verdict | None, gettext: Gettext) -> Notice:
    """What became of a command, as the next page says it."""
    if verdict is None:
        return Notice(
            kind="info", text=gettext(N_("Recorded, and not decided yet. Reload this page in a moment."))
        )
    reason = verdict_sentence(verdict, gettext) or ""
    if verdict.outcome in ("accepted", "duplicate"):
        return Notice(kind="accepted", text=gettext(N_("Done. It is on record.")))
    if verdict.outcome == "refused":
        return Notice(
            kind="refused", text=gettext(N_("Refused, and the refusal is on record.")), detail=reason
        )
    return Notice(kind="warning", text=gettext(N_("Recorded, but nothing was changed by it.")), detail=reason)
