"""Why a form was not taken, or a file cannot be had: sentences that the pages of several services give."""

from __future__ import annotations

from web.i18n import N_

SENT_BEFORE = N_(
    "This form was sent before with other entries, and those are on record. Open it anew to add to them."
)
TOO_LONG = N_("All entries together are too long for one record. Shorten this one.")
CHOOSE_ONE = N_("Choose a file.")
GONE = N_("This file has been erased or redacted: its key was destroyed.")
DAMAGED = N_("This file is missing or damaged in the store. Tell the administrator, who can restore it.")
