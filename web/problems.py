"""What can go wrong with a request, as pages and JSON callers are told (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from web.i18n import N_


class FieldProblem(NamedTuple):
    """One thing wrong in a request: the field (parts joined by dots), a sentence, and a code for programs."""

    field: str
    message: str
    code: str


class StatusText(NamedTuple):
    """What a status code means here: a title, and a sentence that says what to do. Both are message ids."""

    title: str
    detail: str


class ProblemError(Exception):
    """Ends a request with this status. `detail` is a message id (else the status' own sentence is used).

    `values` are put into the translated detail. Nothing in it may be personal data.
    """

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        values: Mapping[str, object] | None = None,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.values = values or {}
        self.errors = tuple(errors)
        self.headers = headers or {}


class SignInNeededError(ProblemError):
    """Nobody is signed in: a page leads to the sign-in page, a program gets 401."""

    def __init__(self) -> None:
        super().__init__(401, headers={"WWW-Authenticate": 'Session realm="barograph"'})


RETRY_LATER: Mapping[str, str] = MappingProxyType({"Retry-After": "5"})
"""Headers of an answer with 503: try again after so many seconds."""

STATUS_TEXTS: Mapping[int, StatusText] = MappingProxyType(
    {
        400: StatusText(
            N_("The request could not be read"),
            N_("Something in it is malformed. Go back, reload the page and send it again."),
        ),
        401: StatusText(
            N_("Sign in first"),
            N_("Nobody is signed in here, or the session has ended. Sign in, then do this again."),
        ),
        403: StatusText(
            N_("Not allowed"),
            N_("You do not hold a role that may do this. Ask an administrator if you should."),
        ),
        404: StatusText(
            N_("Nothing here"),
            N_("There is nothing at this address. Check it, or start again from the first page."),
        ),
        405: StatusText(
            N_("Not possible here"),
            N_("This address does not take requests of this kind. Start again from the page with the form."),
        ),
        409: StatusText(
            N_("Changed in the meantime"),
            N_("Somebody else was faster. Reload the page, look at what is there, and decide again."),
        ),
        413: StatusText(
            N_("Too large"),
            N_("This is more than can be taken in at once. Shorten it and send it again."),
        ),
        415: StatusText(
            N_("Of another kind"),
            N_("This kind of content is not read here. Send it as application/json or as a form."),
        ),
        422: StatusText(
            N_("Some entries need correcting"),
            N_("Nothing was recorded. Correct what is listed and send it again."),
        ),
        429: StatusText(
            N_("Too many attempts"),
            N_("Wait a little, then try again."),
        ),
        500: StatusText(
            N_("Something went wrong"),
            N_(
                "This is a fault of the software, not yours. "
                "If it happens again, tell the administrator its number."
            ),
        ),
        503: StatusText(
            N_("Not available right now"),
            N_(
                "Nothing was confirmed. "
                "Wait a moment and send the same form again: it will not be recorded twice."
            ),
        ),
    }
)


def status_text(status: int) -> StatusText:
    """What a status means here; of an unlisted one, what its class means."""
    return STATUS_TEXTS.get(status) or STATUS_TEXTS[400 if status < 500 else 500]  # noqa: PLR2004 - HTTP's classes
