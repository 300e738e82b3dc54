"""The tracking page: a resident follows a case by its number, without signing in.

The number comes in a form and is never part of an address, a log line or an error. Who has it sees the
case's state, the letters to the complainant (ADR 0030) and the receipt, and nothing else that anybody wrote.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, NamedTuple, Protocol

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.lineage import responsible, stands_as
from contracts.reference import Register
from contracts.tracking import as_printed
from services.intake.api import Command
from services.intake.desk import Desk
from services.intake.promises import FAMILY, Issued, Issuer, as_file, standing
from services.intake.voice import Said, Voice, offers_of
from web.case_forms.resident import RESIDENT_FORMS
from web.case_forms.words import SATISFACTIONS
from web.forms import Form, FormErrors, Submitted, read_form
from web.i18n import N_
from web.pages import Pages
from web.problems import ProblemError
from web.throttle import Rate, TokenBuckets

LETTERS: Mapping[str, str] = {
    "replied": N_("Reply"),
    "not_accepted": N_("Not accepted: where to turn instead"),
    "review_answered": N_("Opinion of the review"),
}
"""Event → what its letter is called."""

LABELS = {"number": N_("Tracking number")}
RATE = Rate(burst=10, seconds=15.0)
"""Numbers that lead nowhere, for one client address."""

MALFORMED = N_("A tracking number has twenty letters and digits, as on the receipt. Check what you entered.")
UNKNOWN = N_(
    "No case has this number. Compare each group with the receipt. What was recorded just now can be "
    "found in a moment."
)

_PART = re.compile(r"[0-9]{1,3}")


class TrackedPart(NamedTuple):
    """One of several matters under a number: its state as in web.words.CASE_STATES, and since when, in milliseconds."""

    status: str
    lodged_at: int
    category: str | None


class TrackedCase(NamedTuple):
    """What a case's number leads to. Times in milliseconds since the epoch, None where it has not happened.

    `status` as in web.words.CASE_STATES; `offset` of the submission that lodged it. `case`: its id, for what the
    holder says of it and never for the page; `offers`: commands that the holder may give now; `answered`: it has
    letters; `satisfaction`: as rated last; `additions`: how often information was added.
    `withdrawal_asked`: a withdrawal is on record, `confirm_from`: from when it can be confirmed, None where only staff said
    so; `undo_until`: until when one that was made can be taken back. `parts`: the cases of
    this number, the one that was lodged and what was split off from it; empty where it is one.
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
    family: str = FAMILY
    case: str = ""
    offers: tuple[str, ...] = ()
    answered: bool = False
    satisfaction: str | None = None
    additions: int = 0
    withdrawal_asked: bool = False
    confirm_from: int | None = None
    undo_until: int | None = None
    parts: tuple[TrackedPart, ...] = ()


class Letter(NamedTuple):
    """A letter to the complainant: one of LETTERS, when, and its text; None where it is not there to be read."""

    kind: str
    at: int
    text: str | None


class Letters(NamedTuple):
    """The letters of a case, the newest first. `withheld`: the reading could not be put on record."""

    letters: tuple[Letter, ...] = ()
    withheld: bool = False


class Cases(Protocol):
    """Where cases are found; the composition root supplies it."""

    async def find(self, tracking_number: str, part: int = 0) -> TrackedCase | None:
        """The case of this number, as the read model has it; or one of its parts, which count from 1."""
        ...

    async def letters(self, tracking_number: str, part: int = 0) -> Letters:
        """What was written to the complainant, once it is on record that the number's holder reads it."""
        ...


class Found(NamedTuple):
    """A case, and the receipt of its lodging. `part`: which of the number's cases, 0 for the one that was lodged."""

    number: str
    case: TrackedCase
    issued: Issued
    part: int = 0


class Asked(NamedTuple):
    """What came of a form: the case, or what to show at the form, with which status and headers.

    `sent`: what the form held; `client`: where it came from.
    """

    found: Found | None
    form: Form
    status: int = 200
    headers: dict[str, str] | None = None
    sent: Submitted | None = None
    client: str = ""


class TrackPages:
    """`/track`: the form, the case that it leads to, and the receipt as a file."""

    def __init__(
        self,
        pages: Pages,
        desk: Desk,
        issuer: Issuer,
        cases: Cases,
        *,
        tries: TokenBuckets | None = None,
        client: Callable[[Request], str] = lambda request: request.client.host if request.client else "",
        name_of: Callable[[Register, str], str] = lambda _register, _person: "",
    ) -> None:
        """`client` tells where a request comes from; it is kept in memory for as long as tries count.

        `name_of` gives the name on display of who answers for a zone.
        """
        self._pages = pages
        self._desk = desk
        self._issuer = issuer
        self._cases = cases
        self._tries = tries or TokenBuckets(RATE)
        self._client = client
        self._name_of = name_of
        self._voice = Voice(pages, desk)

    def router(self) -> APIRouter:
        """All paths under `/track`."""
        router = APIRouter(prefix="/track", include_in_schema=False)
        checked = Depends(self._pages.check_csrf)

        @router.get("")
        async def form(request: Request) -> Response:
            return await self._page(request, Asked(None, Form(LABELS)))

        @router.post("", dependencies=[checked])
        async def track(request: Request, asked: Annotated[Asked, Depends(self._asked)]) -> Response:
            return await self._page(request, asked)

        @router.post("/receipt", dependencies=[checked])
        async def download(request: Request, asked: Annotated[Asked, Depends(self._asked)]) -> Response:
            return await self._page(request, asked) if asked.found is None else as_file(asked.found.issued)

        @router.post("/{command}", dependencies=[checked])
        async def say(
            request: Request, command: Command, asked: Annotated[Asked, Depends(self._asked)]
        ) -> Response:
            return await self._say(request, command, asked)

        @router.get("/{command}")
        async def again(command: Command) -> Response:  # noqa: ARG001 - part of the path
            return self._pages.redirect("/track")

        return router

    async def _say(self, request: Request, command: str, asked: Asked) -> Response:
        """What the holder of a number says of the case; the page again, with what became of it."""
        found, sent = asked.found, asked.sent
        if command not in RESIDENT_FORMS or (found is not None and found.case.family != FAMILY):
            raise ProblemError(404)
        if found is None or sent is None:
            return await self._page(request, asked)
        said = await self._voice.say(command, found.case.unit, found.case.case, sent, request, asked.client)
        case = await self._cases.find(found.number, found.part) or found.case
        asked = asked._replace(found=found._replace(case=case), status=said.status, headers=said.headers)
        return await self._page(request, asked, said)

    async def _asked(self, request: Request) -> Asked:
        sent, gettext = await read_form(request), self._pages.gettext(request)
        number = as_printed(sent.get("number"))
        if number is None:
            return Asked(None, _with_error(sent, gettext(MALFORMED)), 422)
        client = self._client(request)
        pause = math.ceil(self._tries.wait(client))
        if pause:
            ngettext = self._pages.ngettext(request)
            sentence = ngettext(
                "Too many numbers that lead nowhere. Wait %(num)s second, then try again.",
                "Too many numbers that lead nowhere. Wait %(num)s seconds, then try again.",
                pause,
            ) % {"num": pause}
            return Asked(None, _with_error(sent, sentence), 429, {"Retry-After": str(pause)})
        self._tries.take(client)
        part = int(sent.get("part")) if _PART.fullmatch(sent.get("part")) else 0
        case = await self._cases.find(number, part)
        issued = await self._issuer.issue(case.partition, case.offset, case.family) if case else None
        if case is None or issued is None:
            return Asked(None, _with_error(sent, gettext(UNKNOWN)), 404)
        self._tries.give_back(client)
        return Asked(Found(number, case, issued, part), Form(LABELS), sent=sent, client=client)

    async def _page(self, request: Request, asked: Asked, said: Said | None = None) -> Response:
        found = asked.found
        letters = (
            await self._cases.letters(found.number, found.part)
            if found and found.case.answered
            else Letters()
        )
        register = await self._desk.register()
        unit = register.unit(found.case.unit) if found else None
        now, has_tree = self._desk.now(), self._issuer.has_tree
        return await self._pages.render(
            request,
            "intake/track.html",
            status=asked.status,
            headers=asked.headers,
            letters=letters,
            letter_names=LETTERS,
            satisfactions=dict(SATISFACTIONS),
            category_of=lambda code: category.name if (category := register.category(code)) else code,
            offers=offers_of(found.case.offers, said) if found else (),
            notice=said.notice if said else None,
            form=asked.form,
            found=found,
            unit_name=unit.name if unit else "",
            answering=self._answering(register, found.case, now) if found else None,
            standing=standing(found.issued, now, has_tree=has_tree) if found else "",
        )

    def _answering(self, register: Register, case: TrackedCase, now: int) -> str | None:
        """Who answers for the case's zone, and who stands in for them; None where nobody is named."""
        unit, zone = stands_as(register, case.unit, case.zone, now)
        named = None if zone is None else responsible(register, unit, zone, now)
        if named is None:
            return None
        return " / ".join(self._name_of(register, person) for person in (named.person, *named.deputies))


def _with_error(sent: Submitted, sentence: str) -> Form:
    return Form(LABELS, {"number": sent.get("number")[:100]}, FormErrors({"number": (sentence,)}))
