"""The macros that pages are put together from."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from web.assets import STATIC_DIR, Assets
from web.i18n import LOCALE_DIR, load_translations
from web.templating import environments
from web.words import CASE_STATES, OUTCOMES, STABILITY, stability_state


def render(source: str, language: str = "en", **context: Any) -> str:
    """Render a bit of template that may use the kit's macros."""
    made = environments([], load_translations(LOCALE_DIR), ZoneInfo("Asia/Shanghai"), Assets(STATIC_DIR))
    return made[language].from_string('{% import "ui.html" as ui %}' + source).render(context)


def text_of(markup: str) -> str:
    """The text of some markup, in one line."""
    return " ".join(re.sub("<[^>]*>", " ", markup).split())


def test_unknown_claim_shows_no_bare_number() -> None:
    """A stability claim that is unknown shows a question mark; what is on record stands beside in words."""
    shown = text_of(render('{{ ui.stability_figure("Claim", "unknown", 0) }}'))
    assert shown == "Claim ? 0 on record Unknown"


def test_provisional_claim_is_so_far() -> None:
    """A provisional count is shown as what it is so far."""
    shown = text_of(render('{{ ui.stability_figure("Claim", "provisional", 1) }}', "zh-CN"))
    assert shown == "Claim 目前 1 起 暂定"


def test_certified_zero_is_a_zero() -> None:
    """A certified zero is a 0 with its word."""
    assert text_of(render('{{ ui.stability_figure("Claim", "certified", 0) }}')) == "Claim 0 Certified zero"


def test_certified_count_is_named() -> None:
    """A certified count has its number in the word, too."""
    shown = text_of(render('{{ ui.stability_figure("Claim", "certified", 12) }}', "zh-CN"))
    assert shown == "Claim 12 核实 12 起"


@pytest.mark.parametrize("state", ["", "fine", "certified_two", "CERTIFIED"])
def test_unheard_of_claim_state_is_unknown(state: str) -> None:
    """A state that is not known is shown as unknown, never as certified."""
    assert stability_state(state, 0).mark == "unknown"


def drawing(mark: str) -> str:
    """The shape of a mark, without its name."""
    markup = render('{% import "marks.html" as marks %}{{ marks.mark(mark) }}', mark=mark)
    return markup[markup.index(">") :]


def test_stability_marks_differ_without_colour() -> None:
    """The four states of a claim have four shapes."""
    shapes = {drawing(state.mark) for state in STABILITY.values()}
    assert len(shapes) == len(STABILITY)


def test_every_mark_has_a_drawing() -> None:
    """No state falls back to the question mark but the one that means it."""
    marks = {state.mark for states in (CASE_STATES, OUTCOMES) for state in states.values()}
    assert drawing("unknown") not in {drawing(mark) for mark in marks}


def test_missing_value_is_a_dash() -> None:
    """A figure without a value, and an empty cell, are dashes and not zeros."""
    assert text_of(render('{{ ui.figure("Days", none) }}')) == "Days –"
    assert text_of(render('{{ ui.cell("Days", none) }}')) == "–"


def test_zero_is_shown_as_zero() -> None:
    """A value of zero is a number like others."""
    assert text_of(render('{{ ui.cell("Open", 0) }}')) == "0"


def test_trace_leaves_gaps() -> None:
    """Where a series has no value the line is broken, not drawn at zero."""
    path = re.search(r'trace-line" d="([^"]+)"', render('{{ ui.trace([1, 2, none, 4], "x") }}'))
    assert path is not None
    assert path[1].count("M") == 2


@pytest.mark.parametrize("series", [[], [None], [5], [3, 3, 3]])
def test_trace_of_little_is_drawn(series: list[int | None]) -> None:
    """A series that is empty, constant or of one value draws without a failure."""
    assert "trace-line" in render('{{ ui.trace(series, "x") }}', series=series)


def test_cells_carry_their_labels() -> None:
    """Each cell has its column's label, which narrow screens show beside it."""
    columns = [{"label": "Zone", "key": "zone"}, {"label": "Open", "key": "open", "numeric": True}]
    shown = render('{{ ui.table("T", columns, rows) }}', columns=columns, rows=[{"zone": "<1>", "open": 2}])
    assert '<td data-label="Zone">&lt;1&gt;</td>' in shown
    assert '<td data-label="Open" class="numeric">2</td>' in shown


def test_empty_table_says_so() -> None:
    """A table without rows is a sentence, not a heading over nothing."""
    assert text_of(render('{{ ui.table("T", [], []) }}')) == "Nothing to show yet."


ENTRY = {"title": "Close", "recorded": 1_783_058_700_000, "occurred": 1_783_051_500_000, "role": "handler"}


def test_timeline_shows_both_times() -> None:
    """An entry that happened at another time than it was recorded shows both."""
    shown = text_of(render("{{ ui.timeline([entry]) }}", entry={**ENTRY, "actor": "act_1"}))
    assert shown == "2026-07-03 14:05 happened 2026-07-03 12:05 Close act_1 · Handler"


def test_timeline_shows_refusals() -> None:
    """An entry that was refused says so."""
    shown = text_of(render("{{ ui.timeline([entry]) }}", entry={**ENTRY, "outcome": "refused"}))
    assert "Refused" in shown


def test_times_are_there_for_machines() -> None:
    """A moment carries its time with the offset."""
    assert 'datetime="2026-07-03T14:05:00+08:00"' in render("{{ ui.when(1783058700000) }}")


def test_refusals_interrupt_and_confirmations_do_not() -> None:
    """A notice of a refusal is an alert to screen readers, one of an acceptance a status."""
    assert 'role="alert"' in render('{{ ui.notice("refused", "No") }}')
    assert 'role="status"' in render('{{ ui.notice("accepted", "Yes") }}')


def test_pagination_says_what_is_shown() -> None:
    """The page of a list says how many rows of how many; of a very long list, that it is longer than is counted."""
    steps = '{"previous": "/a", "next": "/b", "most": 10000}'
    shown = text_of(render(f"{{{{ ui.pagination(50, 2816, {steps}) }}}}", "zh-CN"))
    assert shown == "上一页 本页 50 条，共 2,816 条 下一页"
    longer = text_of(render(f"{{{{ ui.pagination(50, 10001, {steps}) }}}}", "zh-CN"))
    assert longer == "上一页 本页 50 条，共超过 10,000 条 下一页"
