"""The pages of pairs: the list, the form that pairs two people, one pair with its forms, and the figures."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from contracts.pairing_file import Pair
from contracts.reasons import REASONS
from services.aid.helping_pages import PER_PAGE, HelpingPages, plain
from services.aid.helping_telling import Teller
from services.aid.helping_views import BY_TERM
from services.aid.periods import period_of
from services.places import place_of
from web.actor import Actor
from web.case_forms import helping_words as words
from web.case_forms.helping import PAIR_FORMS
from web.entries import Entered
from web.forms import FormErrors, Submitted
from web.i18n import N_
from web.paging import Page, read_cursor, steps

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "need": N_("Need"),
    "name": N_("Name of who is helped"),
    "telephone": N_("Telephone of who is helped"),
    "household": N_("Number of the household"),
    "helper_name": N_("Name of the helper"),
    "helper_telephone": N_("Telephone of the helper"),
    "helper_staff": N_("Member of staff that the helper is"),
    "story": N_("What the need is, and what is intended"),
}
_TABS: Mapping[str, str] = {"standing": N_("Standing"), "ended": N_("Ended")}
_WHEN: Mapping[str, Callable[[Pair], bool]] = {
    "record_pair_result": lambda state: any(one.done is None for one in state.plans),
}


class PairPages(HelpingPages):
    """`/pairs`."""

    path = "/pairs"
    kind = "pai"
    begin = "pair"
    labels = LABELS
    forms = PAIR_FORMS
    when = _WHEN
    nothing = "no_such_pair"
    new_page = "aid/pair_new.html"
    one_page = "aid/pair.html"

    async def listed(self, request: Request, actor: Actor, unit: str, wanted: str, at: str) -> Response:
        """See HelpingPages."""
        register = await self._desk.register()
        places = self.places(register, actor)
        here = place_of(places, unit)
        view = wanted if wanted in _TABS else "standing"
        page = Page(read_cursor(at, BY_TERM), PER_PAGE)
        found = await self._helpings.pairs(here.unit, page, ended=view == "ended")
        asked = {"unit": here.unit, "view": view}
        return await self._pages.render(
            request,
            "aid/pairs.html",
            unit=here,
            places=places,
            view=view,
            tabs=_TABS,
            items=found.items,
            total=found.total,
            steps=steps(
                found.before, found.after, lambda place: f"{self.path}?{urlencode({**asked, 'at': place})}"
            ),
            words=words,
            now=self._desk.now(),
            may_begin=self.may_begin(register, actor, here.unit),
        )

    async def figured(self, request: Request, actor: Actor, unit: str, told: tuple[str, str]) -> Response:
        """See HelpingPages."""
        register, now = await self._desk.register(), self._desk.now()
        places = self.places(register, actor)
        here = place_of(places, unit)
        period = period_of(*told, now, self._pages.formats(request))
        return await self._pages.render(
            request,
            "aid/pair_figures.html",
            unit=here,
            places=places,
            period=period,
            found=await self._helpings.pair_figures(here.unit, period.since, period.until, now),
        )

    def choices(self, state: Pair, teller: Teller) -> Mapping[str, Sequence[tuple[str, str]]]:
        """See HelpingPages."""
        waiting = [one for one in state.plans if one.done is None]
        return {"plan": [(str(one.number), teller.numbered(one.number)) for one in waiting]}

    def filled_in(self, command: str, state: Pair) -> Mapping[str, str]:
        """See HelpingPages: where one plan waits for its result, that one."""
        waiting = [one for one in state.plans if one.done is None]
        return {"plan": str(waiting[0].number)} if command == "record_pair_result" and waiting else {}

    def begun(self, request: Request, sent: Submitted) -> Entered:
        """See HelpingPages. One name with one telephone on both sides is one person."""
        body = plain(sent, [name for name in LABELS if name != "unit"])
        errors = FormErrors()
        one, other = (
            (body.get("name"), body.get("telephone")),
            (
                body.get("helper_name"),
                body.get("helper_telephone"),
            ),
        )
        if one[0] and one == other:
            oneself = REASONS["helps_oneself"]
            errors = errors.plus("helper_name", self._pages.gettext(request)(oneself))
        return Entered(body, errors)
