"""Forms of endings that can be undone: a withdrawal that was said, and the merging of duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import MERGED, OPEN, CommandField, CommandForm
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "ask_withdrawal": CommandForm(
            N_("Record a wish to withdraw"),
            N_("Record what was said"),
            N_(
                "This withdraws nothing: the case stays open. Only the complainant can withdraw it, on the tracking page, "
                "and confirm it after a time to think it over."
            ),
            (CommandField("note", N_("What the complainant said, and to whom"), "text"),),
            OPEN,
        ),
        "merge": CommandForm(
            N_("Merge into another case"),
            N_("Merge the case"),
            N_(
                "For a duplicate: the matter goes on in the other case, which must be open and of this community. "
                "Both stay listed, and the merging can be undone."
            ),
            (
                CommandField("target", N_("The other case: its id, or the address of its page"), "case"),
                CommandField("note", N_("Why it is the same matter"), "text"),
            ),
            OPEN,
        ),
        "split": CommandForm(
            N_("Split off a matter"),
            N_("Split it off"),
            N_(
                "For a grievance that tells of several matters: this one becomes a case of its own, of the same complainant, "
                "with the same tracking number and no more time."
            ),
            (
                CommandField("story", N_("The matter that is split off"), "text"),
                CommandField("category", N_("Category"), "category"),
                CommandField("split_note", N_("Why it is a matter of its own"), "line"),
            ),
            OPEN,
        ),
        "unmerge": CommandForm(
            N_("Undo the merging"),
            N_("Undo it"),
            N_("The case stands as it stood before, and its term ends when it would have ended."),
            (CommandField("note", N_("Why it is not the same matter"), "text"),),
            MERGED,
        ),
    }
)
