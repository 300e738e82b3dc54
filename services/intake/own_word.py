"""What a resident says about their own case on the tracking page: the one channel that no handler controls.

Whoever holds the number speaks as the resident; the workflow decides as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from contracts.figures import OPEN
from contracts.grievance import RESIDENT
from services.intake.desk import Desk, Wish
from services.intake.notices import FAILURES, VERDICT_SECONDS, new_form_key, notice_of, shortfall
from services.intake.promises import FAMILY
from web.case_forms.kit import CommandField, CommandForm
from web.forms import Form, FormErrors, Submitted
from web.i18n import N_, Gettext, NGettext
from web.notices import Notice
from web.problems import ProblemError
from web.throttle import Rate, TokenBuckets

RATE = Rate(burst=20, seconds=60.0)
"""What can be said about one case."""


class TrackedCase(NamedTuple):
    """What a case's number leads to. Times in milliseconds since the epoch, None where it has not happened.

    `status` as in web.words.CASE_STATES; `offset` of the submission that lodged it. `state`: as in
    contracts.figures.CaseStatus; `withdrawal_asked`, `confirm_from`, `undo_until`: of a withdrawal.
    """

    unit: str
    status: str
    lodged_at: int
    changed_at: int
    due_at: int | None
    replied_at: int | None
    closed_at: int | None
    partition: int
    offset: int
    zone: str | None = None
    case_id: str = ""
    state: str = ""
    withdrawal_asked: bool = False
    confirm_from: int | None = None
    undo_until: int | None = None
    family: str = FAMILY


class OwnForm(NamedTuple):
    """A form of the tracking page, and whether it makes sense for a case at a time (in milliseconds)."""

    form: CommandForm
    fits: Callable[[TrackedCase, int], bool]


class Action(NamedTuple):
    """A form as the page offers it; `open`: it could not be taken, and is shown with what was typed."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str
    open: bool = False


class Said(NamedTuple):
    """What came of it: what the page says, or the form again; and the status and headers of the answer."""

    notice: Notice | None
    unsent: Action | None = None
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] | None = None


_NO_STATES: frozenset[str] = frozenset()
OWN_FORMS: Mapping[str, OwnForm] = MappingProxyType(
    {
        "ask_withdrawal": OwnForm(
            CommandForm(
                N_("Withdraw the case"),
                N_("Ask for the withdrawal"),
                N_(
                    "Nothing ends yet: you have some days to think it over, and then confirm it here yourself. "
                    "Nobody may press you to withdraw."
                ),
                (CommandField("note", N_("Why you want to withdraw it"), "text"),),
                _NO_STATES,
            ),
            lambda case, _now: case.state in OPEN and case.confirm_from is None,
        ),
        "confirm_withdrawal": OwnForm(
            CommandForm(
                N_("Confirm the withdrawal"),
                N_("Yes, withdraw the case"),
                N_("The case ends without an answer. You can take this back here for some time."),
                (),
                _NO_STATES,
            ),
            lambda case, now: (
                case.state in OPEN and case.confirm_from is not None and now >= case.confirm_from
            ),
        ),
        "undo_withdrawal": OwnForm(
            CommandForm(
                N_("Take the withdrawal back"),
                N_("Take it back"),
                N_("The case stands as it stood, and its term ends when it would have ended."),
                (),
                _NO_STATES,
            ),
            lambda case, now: (
                case.withdrawal_asked
                if case.state in OPEN
                else case.undo_until is not None and now <= case.undo_until
            ),
        ),
        "unmerge": OwnForm(
            CommandForm(
                N_("This is another matter"),
                N_("Undo the merging"),
                N_(
                    "The office took your case for a repeat of another one. If it is not, it is handled by itself again."
                ),
                (CommandField("note", N_("Why it is not the same matter"), "text"),),
                _NO_STATES,
            ),
            lambda case, _now: case.state == "merged",
        ),
    }
)
"""Command → its form, in the words of who lodged the case."""


class OwnWord:
    """Takes what the holder of a number says about the case behind it."""

    def __init__(self, desk: Desk, tries: TokenBuckets | None = None) -> None:
        self._desk = desk
        self._tries = tries or TokenBuckets(RATE)

    def actions(self, case: TrackedCase, now: int, unsent: Action | None = None) -> list[Action]:
        """The forms that make sense for the case; the one that could not be taken is among them in any case."""
        names = [name for name, own in OWN_FORMS.items() if own.fits(case, now)]
        found = [unsent if unsent and unsent.name == name else _action(name) for name in names]
        return [*found, unsent] if unsent and unsent.name not in names else found

    async def say(self, case: TrackedCase, sent: Submitted, gettext: Gettext, ngettext: NGettext) -> Said:
        """Submit what a form says, as the resident. Raises ProblemError for a command that is not offered here."""
        name, key = sent.get("command"), sent.get("form_key") or new_form_key()
        if name not in OWN_FORMS or case.family != FAMILY:
            raise ProblemError(404)
        pause = math.ceil(self._tries.wait(case.case_id))
        if pause:
            sentence = ngettext(
                "Much was said about this case just now. Wait %(num)s second, then send this again.",
                "Much was said about this case just now. Wait %(num)s seconds, then send this again.",
                pause,
            ) % {"num": pause}
            unsent = _action(name, key, sent, FormErrors({"": (sentence,)}))
            return Said(None, unsent, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(pause)})
        fields = {field.name for field in OWN_FORMS[name].form.fields}
        body = {field: text for field, text in sent.filled.items() if field in fields}
        try:
            receipt = await self._desk.say(Wish(RESIDENT, case.unit, name, body, key, case.case_id))
        except FAILURES as error:
            found = shortfall(error, gettext)
            key = new_form_key() if found.is_other else key
            return Said(None, _action(name, key, sent, found.errors), found.status)
        self._tries.take(case.case_id)
        verdict = await self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
        return Said(notice_of(verdict, gettext))


def _action(
    name: str, key: str = "", sent: Submitted | None = None, errors: FormErrors | None = None
) -> Action:
    definition = OWN_FORMS[name].form
    labels = {field.name: field.label for field in definition.fields}
    form = Form(labels, sent.values if sent else {}, errors or FormErrors(), prefix=name)
    return Action(name, definition, form, key or new_form_key(), open=sent is not None)
