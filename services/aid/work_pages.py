"""The pages of employment help: the list, the form that registers somebody, one case with its forms, and the figures."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from contracts.aid_policy import aid_policy
from contracts.base import DAY_MS
from contracts.employment_file import Seeker
from contracts.reasons import REASONS
from services.aid.helping_pages import PER_PAGE, HelpingPages, plain
from services.aid.helping_telling import Teller
from services.aid.helping_views import BY_TERM, SeekerView
from services.aid.periods import period_of
from services.aid.terms import begun_before
from services.places import place_of
from web.actor import Actor
from web.case_forms import helping_words as words
from web.case_forms.helping import WORK_FORMS
from web.entries import Entered
from web.forms import FormErrors, Submitted
from web.i18n import N_
from web.paging import Page, read_cursor, steps

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "need": N_("Need"),
    "name": N_("Name of who looks for work"),
    "telephone": N_("Telephone"),
    "household": N_("Number of the household"),
    "story": N_("What they can do, and what they look for"),
}
_TABS: Mapping[SeekerView, str] = {
    "looking": N_("Looking for work"),
    "in_work": N_("In work"),
    "asking_due": N_("To be asked after"),
    "ended": N_("Ended"),
}
_WHEN: Mapping[str, Callable[[Seeker], bool]] = {
    "offer_post": lambda state: state.placement is None,
    "decline_post": lambda state: any(one.open for one in state.offers),
    "place": lambda state: state.placement is None,
    "ask_after_work": lambda state: state.placement is not None,
}


class WorkPages(HelpingPages):
    """`/employment`."""

    path = "/employment"
    kind = "emp"
    begin = "register_seeker"
    labels = LABELS
    forms = WORK_FORMS
    when = _WHEN
    nothing = "no_such_seeker"
    new_page = "aid/work_new.html"
    one_page = "aid/work.html"

    async def listed(self, request: Request, actor: Actor, unit: str, wanted: str, at: str) -> Response:
        """See HelpingPages."""
        register, now = await self._desk.register(), self._desk.now()
        places = self.places(register, actor)
        here = place_of(places, unit)
        view: SeekerView = next((name for name in _TABS if name == wanted), "looking")
        page = Page(read_cursor(at, BY_TERM), PER_PAGE)
        found = await self._helpings.seekers(here.unit, view, page, now)
        asked = {"unit": here.unit, "view": view}
        return await self._pages.render(
            request,
            "aid/works.html",
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
            due_from=now + DAY_MS,
            may_begin=self.may_begin(register, actor, here.unit),
        )

    async def figured(self, request: Request, actor: Actor, unit: str, told: tuple[str, str]) -> Response:
        """See HelpingPages."""
        register, now = await self._desk.register(), self._desk.now()
        places = self.places(register, actor)
        here = place_of(places, unit)
        period = period_of(*told, now, self._pages.formats(request))
        policy = aid_policy(register)
        passed = (
            [(months, begun_before(now, months, policy)) for months in policy.follow_up_months]
            if policy
            else []
        )
        return await self._pages.render(
            request,
            "aid/work_figures.html",
            unit=here,
            places=places,
            period=period,
            found=await self._helpings.work_figures(here.unit, period.since, period.until, passed),
            words=words,
        )

    def choices(self, state: Seeker, teller: Teller) -> Mapping[str, Sequence[tuple[str, str]]]:
        """See HelpingPages."""
        open_ones = [one for one in state.offers if one.open]
        return {"offer": [(str(one.number), teller.numbered(one.number)) for one in open_ones]}

    def filled_in(self, command: str, state: Seeker) -> Mapping[str, str]:
        """See HelpingPages: how long after they began it is to be asked next, and an offer where there is one."""
        follow_up = state.placement.follow_up if state.placement else None
        if command == "ask_after_work" and follow_up is not None:
            return {"months": str(follow_up[0])}
        only = [one for one in state.offers if one.open]
        if command in ("place", "decline_post") and len(only) == 1:
            return {"offer": str(only[0].number), "kind": only[0].kind}
        return {}

    def begun(self, request: Request, sent: Submitted) -> Entered:
        """See HelpingPages."""
        body = plain(sent, [name for name in LABELS if name != "unit"])
        errors = FormErrors()
        if "name" not in body:
            missing = REASONS["applicant_missing"]
            errors = errors.plus("name", self._pages.gettext(request)(missing))
        return Entered(body, errors)
