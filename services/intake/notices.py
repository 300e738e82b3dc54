"""Why something was not taken, as a form says it at its fields."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from ledger.log import LogError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError
from services.intake.desk import TOO_LONG_TOGETHER, BadBodyError, TooLongError
from web.forms import FormErrors, error_sentence, field_name
from web.i18n import N_, Gettext
from web.problems import status_text

VERDICT_SECONDS = 3.0
"""How long a page waits for the decision."""

FAILURES = (BadBodyError, TooLongError, OtherBodyError, LogError, VaultError)
"""Why something was not taken, such that a form can say it."""

SENT_BEFORE = N_(
    "This form was sent before with other entries, and those are on record. "
    "Send it once more only if this is to be recorded as well."
)


class Shortfall(NamedTuple):
    """What to show where something was not taken, and the status.

    `is_other`: the form's key stands for other entries, so that it needs a new one.
    """

    errors: FormErrors
    status: int
    is_other: bool = False


def shortfall(error: Exception, gettext: Gettext, errors: FormErrors | None = None) -> Shortfall:
    """What one of FAILURES says at a form's fields, beside the errors that it has already."""
    found = errors or FormErrors()
    match error:
        case BadBodyError():
            for detail in error.details:
                found = found.plus(field_name(detail["loc"]), error_sentence(detail, gettext))
            return Shortfall(found, HTTPStatus.UNPROCESSABLE_ENTITY)
        case TooLongError():
            found = found.plus(error.field, gettext(TOO_LONG_TOGETHER))
            return Shortfall(found, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        case OtherBodyError():
            return Shortfall(
                found.plus("", gettext(SENT_BEFORE)), HTTPStatus.UNPROCESSABLE_ENTITY, is_other=True
            )
        case _:
            away = status_text(HTTPStatus.SERVICE_UNAVAILABLE)
            return Shortfall(found.plus("", gettext(away.detail)), HTTPStatus.SERVICE_UNAVAILABLE)
