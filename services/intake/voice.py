"""What the holder of a tracking number says of the case: checked at the field, then submitted as a resident.

A form for it is one of web.case_forms.resident.RESIDENT_FORMS; the number comes with it, in its body.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from starlette.requests import Request

from contracts.grievance import RESIDENT
from services.intake.desk import Desk, Verdict, Wish
from services.intake.notices import FAILURES, VERDICT_SECONDS, Shortfall, shortfall
from services.intake.promises import FAMILY
from web.case_forms.kit import CommandForm
from web.case_forms.resident import RESIDENT_FORMS
from web.forms import Form, FormErrors, Submitted, new_form_key
from web.i18n import Gettext
from web.notices import Notice, notice_of, verdict_sentence
from web.pages import Pages
from web.problems import RETRY_LATER
from web.throttle import Rate, TokenBuckets

RATE = Rate(burst=12, seconds=60.0)
"""Commands recorded for one client address."""


class Offer(NamedTuple):
    """A form that the page offers. `is_open`: it came back with what was typed."""

    command: str
    definition: CommandForm
    form: Form
    form_key: str
    is_open: bool = False


class Said(NamedTuple):
    """What became of a command: a notice, or the form again with what was typed, and the status."""

    notice: Notice | None = None
    back: Offer | None = None
    status: int = HTTPStatus.OK
    headers: dict[str, str] | None = None


class Voice:
    """Submits what residents say. Owned by one event loop."""

    def __init__(self, pages: Pages, desk: Desk, *, tries: TokenBuckets | None = None) -> None:
        self._pages = pages
        self._desk = desk
        self._tries = tries or TokenBuckets(RATE)

    async def say(
        self, command: str, unit: str, case: str, sent: Submitted, request: Request, client: str
    ) -> Said:
        """Submit a command of RESIDENT_FORMS about a case whose number was shown. Raises KeyError for another."""
        gettext, key = self._pages.gettext(request), sent.get("form_key") or new_form_key()
        fields = {field.name for field in RESIDENT_FORMS[command].fields}
        body = {name: text for name, text in sent.filled.items() if name in fields}
        pause = math.ceil(self._tries.wait(client))
        if pause:
            return _slowed(command, sent, key, pause, self._pages, request)
        self._tries.take(client)
        try:
            receipt = await self._desk.say(Wish(RESIDENT, unit, command, body, key, case))
        except FAILURES as error:
            self._tries.give_back(client)
            found = shortfall(error, gettext)
            return _back(command, sent, new_form_key() if found.is_other else key, found)
        verdict = await self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
        return _heard(command, sent, verdict, gettext)


def _heard(command: str, sent: Submitted, verdict: Verdict | None, gettext: Gettext) -> Said:
    if verdict is None or verdict.outcome != "refused":
        return Said(notice_of(verdict, gettext))
    fields = RESIDENT_FORMS[command].fields
    first = fields[0].name if fields else ""
    errors = FormErrors({verdict.field or first: (verdict_sentence(verdict, gettext) or "",)})
    return _back(command, sent, new_form_key(), Shortfall(errors, HTTPStatus.CONFLICT))


def _slowed(command: str, sent: Submitted, key: str, pause: int, pages: Pages, request: Request) -> Said:
    sentence = pages.ngettext(request)(
        "Much was recorded from here just now. Nothing is lost: wait %(num)s second, then send this again.",
        "Much was recorded from here just now. Nothing is lost: wait %(num)s seconds, then send this again.",
        pause,
    ) % {"num": pause}
    found = Shortfall(FormErrors({"": (sentence,)}), HTTPStatus.TOO_MANY_REQUESTS)
    return _back(command, sent, key, found)._replace(headers={"Retry-After": str(pause)})


def _back(command: str, sent: Submitted, key: str, found: Shortfall) -> Said:
    definition = RESIDENT_FORMS[command]
    form = Form(_labels(definition), sent.values, found.errors, prefix=command)
    headers = dict(RETRY_LATER) if found.status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return Said(None, Offer(command, definition, form, key, is_open=True), found.status, headers)


def offers_of(commands: Iterable[str], said: Said | None) -> list[Offer]:
    """The forms to show; one that came back is among them in any case."""
    back = said.back if said else None
    names = [name for name in RESIDENT_FORMS if name in commands or (back and back.command == name)]
    return [back if back and back.command == name else _blank(name) for name in names]


def _blank(command: str) -> Offer:
    definition = RESIDENT_FORMS[command]
    return Offer(command, definition, Form(_labels(definition), prefix=command), new_form_key())


def _labels(definition: CommandForm) -> Mapping[str, str]:
    return {field.name: field.label for field in definition.fields}
