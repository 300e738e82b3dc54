"""Times, days and numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.formats import Formats, NoSuchLocalTimeError
from web.i18n import LOCALE_DIR, load_translations

MOMENT = datetime(2026, 7, 3, 6, 5, 9, 120_000, tzinfo=UTC)


def formats(language: str = "en", zone: str = "Asia/Shanghai") -> Formats:
    """The formats of a language and time zone."""
    return Formats(language, ZoneInfo(zone), load_translations(LOCALE_DIR)[language])


@pytest.mark.parametrize(
    ("name", "chinese", "english"),
    [
        ("minute", "2026-07-03 14:05", "2026-07-03 14:05"),
        ("exact", "2026-07-03 14:05:09.120 +08:00", "2026-07-03 14:05:09.120 +08:00"),
        ("clock", "14:05", "14:05"),
        ("day", "2026年7月3日", "Jul 3, 2026"),
        ("letter", "2026年7月3日 14:05", "Jul 3, 2026 14:05"),
        ("weekday", "周五", "Fri"),
        ("iso", "2026-07-03T14:05:09+08:00", "2026-07-03T14:05:09+08:00"),
        ("for_input", "2026-07-03T14:05", "2026-07-03T14:05"),
    ],
)
def test_moments_are_shown_on_the_community_clock(name: str, chinese: str, english: str) -> None:
    """A moment is shown in the community's time zone and the visitor's language."""
    assert getattr(formats("zh-CN"), name)(MOMENT) == chinese
    assert getattr(formats("en"), name)(MOMENT) == english


def test_milliseconds_are_moments() -> None:
    """A record's timestamp, in milliseconds, is shown like the datetime it stands for."""
    assert formats().exact(1_783_058_709_120) == formats().exact(MOMENT)


def test_naive_datetime_is_refused() -> None:
    """A datetime that does not say its offset cannot be shown."""
    with pytest.raises(ValueError, match="offset"):
        formats().minute(datetime(2026, 7, 3))  # noqa: DTZ001 - that it is naive is the point


def test_day_of_a_date_is_that_date() -> None:
    """A date without a time is shown as it is, whatever the time zone."""
    assert formats(zone="America/New_York").day(date(2026, 7, 3)) == "Jul 3, 2026"


def test_month_is_shown_in_words() -> None:
    """A month is shown as one says it."""
    assert formats("zh-CN").month(date(2026, 7, 3)) == "2026年7月"


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(2816, 0, "2,816"), (11.24, 1, "11.2"), (11.0, 1, "11"), (0, 0, "0"), (-1160.5, 1, "-1,160.5")],
)
def test_numbers_are_grouped(value: float, decimals: int, shown: str) -> None:
    """Numbers have their thousands grouped and no more decimals than asked for."""
    assert formats().number(value, decimals) == shown


def test_share_of_nothing_is_no_number() -> None:
    """A share of zero is a dash, neither 0 nor 100 per cent."""
    assert formats().percent(0, 0) == "–"


def test_share_has_one_decimal() -> None:
    """A share is shown in per cent with one decimal."""
    assert formats().percent(315, 318) == "99.1%"


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [("en", 1, "1 day"), ("en", 11.2, "11.2 days"), ("en", 0, "0 days"), ("zh-CN", 11.2, "11.2 天")],
)
def test_days_are_counted_in_words(language: str, value: float, shown: str) -> None:
    """A span is shown in days, with the plural that the language has."""
    assert formats(language).days(value) == shown


def test_local_time_is_read_on_the_community_clock() -> None:
    """What a date and time field sends is a time on the community's clock."""
    assert formats().parse_local("2026-07-03T14:05") == datetime(2026, 7, 3, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "x", "2026-02-30T10:00", "2026-07-03T14:05+08:00", "2026-07-03T25:00"])
def test_what_is_no_local_time_is_refused(text: str) -> None:
    """Anything that a date and time field would not send is refused."""
    with pytest.raises(ValueError, match=r".+"):
        formats().parse_local(text)


def test_skipped_local_time_is_refused() -> None:
    """A time that the clock skipped when it was put forward is refused for that reason."""
    with pytest.raises(NoSuchLocalTimeError):
        formats(zone="Europe/Berlin").parse_local("2026-03-29T02:30")


def test_input_value_is_read_back() -> None:
    """What is put into a date and time field is read back as the same minute."""
    assert formats().parse_local(formats().for_input(MOMENT)) == MOMENT.replace(second=0, microsecond=0)
