"""Times, days and numbers as a community reads them: in its own time zone and the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from web.i18n import locale_name

DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Moment = datetime | int
"""An aware datetime, or milliseconds since the epoch (as records carry them)."""

Number = int | float | Decimal


class NoSuchLocalTimeError(ValueError):
    """The clock of this time zone never showed this time: it was put forward over it."""


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats values for one language and time zone; reads what date and time fields send."""

    language: str
    zone: ZoneInfo
    translations: Translations

    @property
    def _locale(self) -> str:
        return locale_name(self.language)

    def local(self, moment: Moment) -> datetime:
        """The moment on the community's clock. Raises ValueError for a datetime without a time zone."""
        if isinstance(moment, int):
            return (EPOCH + timedelta(milliseconds=moment)).astimezone(self.zone)
        if moment.tzinfo is None:
            raise ValueError("a moment must state its offset from UTC")
        return moment.astimezone(self.zone)

    def minute(self, moment: Moment) -> str:
        """Day and minute, the same in every language so that columns line up: `2026-07-03 14:05`."""
        return f"{self.local(moment):%Y-%m-%d %H:%M}"

    def exact(self, moment: Moment) -> str:
        """Day, time to the millisecond and offset from UTC: `2026-07-03 14:05:09.120 +08:00`."""
        local = self.local(moment)
        offset = f"{local:%z}"
        return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {offset[:3]}:{offset[3:5]}"

    def clock(self, moment: Moment) -> str:
        """Hour and minute: `14:05`."""
        return f"{self.local(moment):%H:%M}"

    def day(self, value: Moment | date) -> str:
        """The day in words: `2026年7月3日`, `Jul 3, 2026`."""
        day = self.local(value) if isinstance(value, (datetime, int)) else value
        return format_date(day, format="medium", locale=self._locale)

    def letter(self, moment: Moment) -> str:
        """Day in words and minute, for letters and receipts: `2026年7月3日 14:05`."""
        return f"{self.day(moment)} {self.clock(moment)}"

    def weekday(self, moment: Moment) -> str:
        """The day of the week, short: `周五`, `Fri`."""
        return format_datetime(self.local(moment), "EEE", tzinfo=self.zone, locale=self._locale)

    def month(self, day: date) -> str:
        """The month of a day: `2026年7月`, `Jul 2026`."""
        return format_skeleton("yMMM", datetime(day.year, day.month, 1, tzinfo=UTC), locale=self._locale)

    def iso(self, moment: Moment) -> str:
        """For machines, with the offset: `2026-07-03T14:05:00+08:00`."""
        return self.local(moment).isoformat(timespec="seconds")

    def number(self, value: Number, decimals: int = 0) -> str:
        """A number with grouped thousands and at most so many decimals: `2,816`, `11.2`."""
        pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def percent(self, part: Number, whole: Number) -> str:
        """A share to one decimal: `99.1%`; a dash where the whole is zero, since no share exists."""
        if not whole:
            return "–"
        return format_percent(Decimal(str(part)) / Decimal(str(whole)), "#,##0.#%", locale=self._locale)

    def days(self, value: Number) -> str:
        """A span in days, to one decimal: `11.2 天`, `1 day`."""
        unit = self.translations.ngettext("%(num)s day", "%(num)s days", 1 if value == 1 else 2)
        return unit % {"num": self.number(value, 1)}

    def for_input(self, moment: Moment) -> str:
        """A moment as a datetime-local field holds it: `2026-07-03T14:05`."""
        return f"{self.local(moment):%Y-%m-%dT%H:%M}"

    def parse_local(self, text: str) -> datetime:
        """Read what a datetime-local field sends, as a time on the community's clock.

        Of a time that the clock showed twice the first is meant. Raises ValueError where it is no such
        time, NoSuchLocalTimeError where the clock skipped it.
        """
        naive = datetime.fromisoformat(text.strip())
        if naive.tzinfo is not None:
            raise ValueError("a local time must not state an offset")
        local = naive.replace(tzinfo=self.zone)
        if local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != naive:
            raise NoSuchLocalTimeError(text)
        return local
