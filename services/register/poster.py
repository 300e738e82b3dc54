"""A zone's poster: what residents can do there, in every language, and a code that leads to the form."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

import segno
from starlette.requests import Request

from contracts.reasons import REASONS
from contracts.reference import Register
from services.register import views
from web.i18n import LANGUAGES, N_, Gettext
from web.pages import Pages
from web.problems import ProblemError

TITLE = N_("Something to tell or to ask for?")
STEPS = (
    N_("Scan the code and write down what it is about. You need no account, and may stay anonymous."),
    N_("You get a tracking number and a signed receipt at once. With the number you follow your case."),
    N_("Or come to the counter, call or write: it counts the same."),
)
ANSWERS = N_("Who answers for this zone")
NOBODY = N_("Nobody is named yet. The community answers.")
DANGER = N_("Is somebody in danger? Call 110 (police) or 120 (ambulance) first.")
_QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class Side(NamedTuple):
    """The poster's text in one language."""

    language: str
    title: str
    steps: tuple[str, ...]
    answers: str
    responsible: str
    danger: str


class Poster(NamedTuple):
    """A zone's poster. `address` is where its code leads."""

    unit: str
    zone: str
    code: str
    address: str
    sides: tuple[Side, ...]


def poster_of(request: Request, pages: Pages, register: Register, unit: str, line: views.ZoneLine) -> Poster:
    """The poster of a zone, whose code leads to this site as the request came to it."""
    query = urlencode({"unit": unit, "zone": line.zone.zone, "by": "poster"})
    address = f"{str(request.base_url).rstrip('/')}/lodge?{query}"
    code = segno.make(address, error="m", micro=False, boost_error=False)
    found = register.unit(unit)
    return Poster(
        found.name if found else unit,
        line.zone.name,
        code.svg_inline(
            border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
        ),
        address,
        tuple(_side(language, pages.gettext_in(language), line) for language in LANGUAGES),
    )


def _side(language: str, gettext: Gettext, line: views.ZoneLine) -> Side:
    who = gettext(NOBODY) if line.person is None else " / ".join((line.person, *line.deputies))
    steps = tuple(gettext(step) for step in STEPS)
    return Side(language, gettext(TITLE), steps, gettext(ANSWERS), who, gettext(DANGER))


def line_of(register: Register, unit: str, zone: str, now: int, name_of: views.NameOf) -> views.ZoneLine:
    """The zone, which must stand. Raises ProblemError 404."""
    lines = views.zone_lines(register, unit, now, name_of)
    found = next((line for line in lines if line.zone.zone == zone and not line.into), None)
    if found is None:
        raise ProblemError(404, REASONS["unknown_zone"])
    return found
