"""The forms of commands on a fund, and the words of its accounts and entries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CommandField, CommandForm
from web.i18n import N_

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "hardship": N_("Special fund for hardship"),
        "mutual_aid": N_("Mutual-aid fund"),
        "donations": N_("Donations"),
    }
)
SOURCES = (
    ("allocation", N_("Allocation from a budget")),
    ("dues", N_("Members' dues")),
    ("donation", N_("Donation")),
    ("interest", N_("Interest")),
    ("other", N_("Another source")),
)
ACCOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "cash": N_("Money in hand"),
        "income": N_("Income"),
        "expense": N_("Expense"),
        "balance": N_("Balance carried over"),
        "encumbrance": N_("Set aside"),
        "reserved": N_("Against what is set aside"),
    }
)
ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "received": N_("Received"),
        "reserved": N_("Set aside"),
        "insufficient": N_("Not enough"),
        "spent": N_("Paid"),
        "released": N_("Freed"),
        "taken_back": N_("Paid back"),
        "item": N_("Goods handed out"),
        "explained": N_("Difference explained"),
    }
)
FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "receive": CommandForm(
            N_("Record what came in"),
            N_("Record it"),
            N_("Money, goods, or both. What is earmarked is spent on that programme only."),
            (
                CommandField("source", N_("Where it comes from"), "choice", SOURCES),
                CommandField("amount", N_("Sum, in yuan"), "maybe_money"),
                CommandField("purpose", N_("Earmarked for"), "maybe_one_of"),
                CommandField("voucher", N_("Number of the voucher or transfer"), "maybe_line"),
                CommandField("item", N_("Goods"), "maybe_line"),
                CommandField("count", N_("How many"), "maybe_number"),
                CommandField("measure", N_("Unit of count"), "maybe_line"),
                CommandField("donor", N_("Name of the donor"), "maybe_line"),
                CommandField("telephone", N_("Telephone of the donor"), "maybe_line"),
                CommandField("anonymous", N_("The public is not told the donor's name"), "tick"),
            ),
            frozenset(),
        ),
        "allocate_item": CommandForm(
            N_("Hand goods out"),
            N_("Record it"),
            "",
            (
                CommandField("gift", N_("Which goods"), "one_of"),
                CommandField("count", N_("How many"), "number"),
                CommandField("request", N_("Number of the aid request"), "maybe_line"),
                CommandField("note", N_("Where they went"), "more"),
            ),
            frozenset(),
        ),
        "close_month": CommandForm(
            N_("Close a month"),
            N_("Close the month"),
            N_("Nothing is entered into a closed month any more. December's close carries the year over."),
            (CommandField("month", N_("Month"), "one_of"),),
            frozenset(),
        ),
        "explain_line": CommandForm(
            N_("Explain a difference"),
            N_("Record it"),
            "",
            (
                CommandField("voucher", N_("Number of the voucher or transfer"), "line"),
                CommandField("note", N_("Explanation"), "text"),
            ),
            frozenset(),
        ),
    }
)
"""Command name → its form."""
