"""Sends a form's command and says at its fields why it was not taken: the same for every service with such forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from contracts.catalogue import COMMANDS
from contracts.personal import plain_model
from contracts.reasons import REASONS
from ledger.log import LogError, RecordTooLargeError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError, Receipt, SubjectErasedError
from web.forms import ERASED, FormErrors, form_errors, new_form_key
from web.i18n import Gettext
from web.notices import Decisions, Verdict
from web.problems import status_text
from web.setbacks import SENT_BEFORE, TOO_LONG

VERDICT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form's command as it was entered, and then what became of it.

    `fields`: those that errors may stand at; the first of `longest` is where a body that is too long is to be cut. `key` is a new
    one where what is sent next is something else. `receipt`: it is on the log, and was not refused.
    """

    family: str
    command: str
    body: Mapping[str, Any]
    errors: FormErrors
    key: str
    fields: Collection[str]
    longest: str
    status: int = int(HTTPStatus.UNPROCESSABLE_ENTITY)
    receipt: Receipt | None = None
    verdict: Verdict | None = None

    async def made(
        self,
        submit: Callable[[Mapping[str, Any], str], Awaitable[Receipt]],
        decisions: Decisions,
        gettext: Gettext,
    ) -> Attempt:
        """Check it, submit it where nothing is wrong, and wait a little for the decision."""
        try:
            plain_model(COMMANDS[f"{self.family}.{self.command}.v1"]).model_validate(self.body)
            if self.errors:
                return self
            receipt = await submit(self.body, self.key)
        except ValidationError as error:
            told = form_errors(error, gettext, names=lambda location: str(location[0]))
            return replace(self, errors=FormErrors({**told, **self.errors}))
        except OtherBodyError:
            return self._failed("", gettext(SENT_BEFORE), self.status)
        except SubjectErasedError:
            return self._failed("", gettext(ERASED), self.status)
        except RecordTooLargeError:
            return self._failed(self.longest, gettext(TOO_LONG), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (LogError, VaultError):
            away = replace(self, status=int(HTTPStatus.SERVICE_UNAVAILABLE))
            return replace(away, errors=self.errors.plus("", gettext(status_text(503).detail)))
        verdict = await decisions.wait(self.family, receipt.partition, receipt.offset, VERDICT_SECONDS)
        if verdict is None or verdict.outcome != "refused":
            return replace(self, receipt=receipt, verdict=verdict)
        # The refusal is on record under this key: what is sent next is something else.
        field = verdict.field if verdict.field in self.fields else ""
        return self._failed(field or "", gettext(REASONS.get(verdict.reason or "", "")), HTTPStatus.CONFLICT)

    def _failed(self, field: str, sentence: str, status: int) -> Attempt:
        return replace(self, errors=self.errors.plus(field, sentence), status=int(status), key=new_form_key())
