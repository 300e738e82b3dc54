"""The register's pages: units, zones, posts and people for administrators, and who answers for which zone."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from ledger.log import LogError, RecordTooLargeError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError, Receipt
from services.register import commands, programmes, views
from services.register.office import Body, Office, body_of
from services.register.poster import line_of, poster_of
from web.actor import Actor
from web.case_forms.fund import KINDS as FUND_KINDS
from web.entries import yuan
from web.forms import Form, FormErrors, form_errors, new_form_key, read_form
from web.i18n import N_, Gettext
from web.notices import Notice
from web.pages import Pages
from web.problems import RETRY_LATER, ProblemError, status_text
from web.words import ROLES

VERDICT_SECONDS = 3.0
SENT_BEFORE = N_("This form was sent before with other entries, and those are on record.")
TOO_LONG = N_("All entries together are too long for one record. Shorten them.")
WAITS = N_("Recorded, and not decided yet. Reload this page in a moment.")
DONE = N_("Done. It is on record.")
NAME_OF_PERSON = Callable[[Register, str], str]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A command that could not be taken, or was refused: its form with what was typed and what is wrong."""

    command: str
    form: Form
    key: str
    status: int


class RegisterPages:
    """`/register…` for administrators, `/zones` for everybody."""

    def __init__(self, pages: Pages, office: Office, name_of: NAME_OF_PERSON) -> None:
        """`name_of` gives the name of a member of staff on display."""
        self._pages = pages
        self._office = office
        self._name_of = name_of

    def router(self) -> APIRouter:
        """All paths of the register."""
        router = APIRouter(include_in_schema=False)
        administrator = Depends(self._pages.require("administrator"))
        checked = Depends(self._pages.check_csrf)

        @router.get("/zones")
        async def zones(request: Request, unit: str = "") -> Response:
            return await self._zones(request, unit)

        @router.get("/zones/poster")
        async def poster(request: Request, unit: str, zone: str) -> Response:
            register = await self._office.register()
            line = line_of(register, unit, zone, self._office.now(), self._namer(register))
            shown = poster_of(request, self._pages, register, unit, line)
            return await self._pages.render(request, "register/poster.html", poster=shown)

        @router.get("/register", dependencies=[administrator])
        async def overview(request: Request) -> Response:
            return await self._show(request, "overview", "")

        @router.get("/register/people", dependencies=[administrator])
        async def people(request: Request) -> Response:
            return await self._show(request, "people", "")

        @router.get("/register/calendar", dependencies=[administrator])
        async def calendar(request: Request) -> Response:
            return await self._show(request, "calendar", "")

        @router.get("/register/units/{unit:path}", dependencies=[administrator])
        async def one(request: Request, unit: str, fund: str = "", programme: str = "") -> Response:
            return await self._show(request, "unit", unit, await self._begun(unit, fund, programme))

        @router.post("/register/{command}", dependencies=[checked])
        async def say(
            request: Request,
            command: str,
            actor: Annotated[Actor, Depends(self._pages.require("administrator"))],
        ) -> Response:
            return await self._say(request, actor, command)

        return router

    async def _zones(self, request: Request, chosen: str) -> Response:
        register, now = await self._office.register(), self._office.now()
        name_of = self._namer(register)
        standing = [
            line.unit
            for line in views.tree(register, now)
            if line.unit.tier == "community" and not line.into and line.zones
        ]
        if chosen and chosen not in {unit.unit for unit in standing}:
            raise ProblemError(404, REASONS["unknown_unit"])
        shown = [unit for unit in standing if chosen in ("", unit.unit)]
        lines = [(unit, views.zone_lines(register, unit.unit, now, name_of)) for unit in shown]
        return await self._pages.render(request, "register/zones.html", communities=lines)

    async def _begun(self, unit: str, fund: str, programme: str) -> Unsent | None:
        """The form that changes this fund or programme, filled in with what holds; None where neither is named."""
        if not (fund or programme):
            return None
        register = await self._office.register()
        held = register.fund(fund) if fund else programmes.latest(register, programme)
        if held is None or held.unit != unit:
            raise ProblemError(404, REASONS["unknown_fund" if fund else "unknown_programme"])
        command = "define_fund" if fund else "define_programme"
        form = Form(commands.labels(command), programmes.as_typed(held), prefix=command)
        return Unsent(command, form, new_form_key(), int(HTTPStatus.OK))

    def _namer(self, register: Register) -> views.NameOf:
        return lambda person: self._name_of(register, person)

    async def _say(self, request: Request, actor: Actor, command: str) -> Response:
        if command not in commands.COMMANDS:
            raise ProblemError(404)
        page, sent = commands.COMMANDS[command].page, await read_form(request)
        here, key = sent.get("here").strip(), sent.get("form_key") or new_form_key()
        body = body_of(command, sent, here, self._pages.site.zone)
        receipt, errors, status = await self._try(actor, command, body, key, self._pages.gettext(request))
        if receipt is not None:
            verdict = await self._office.decisions.wait("register", 0, receipt.offset, VERDICT_SECONDS)
            gettext = self._pages.gettext(request)
            if verdict is None:
                return self._back(page, here, Notice(kind="info", text=gettext(WAITS)))
            if verdict.outcome in ("accepted", "duplicate"):
                return self._back(page, here, Notice(kind="accepted", text=gettext(DONE)))
            sentence = gettext(REASONS.get(verdict.reason or "", "") or status_text(422).detail)
            told = programmes.FIELD_OF.get(verdict.field or "", verdict.field)
            at = told if told in commands.labels(command) else ""
            # The refusal is on record under the old key.
            key, errors = new_form_key(), FormErrors({at or "": (sentence,)})
        form = Form(commands.labels(command), sent.values, errors, prefix=command)
        return await self._show(request, page, here, Unsent(command, form, key, status))

    async def _try(
        self, actor: Actor, command: str, body: Body, key: str, gettext: Gettext
    ) -> tuple[Receipt | None, FormErrors, int]:
        """The receipt of what was said, or what is wrong with it and the status to answer."""
        errors = FormErrors({name: (gettext(sentence),) for name, sentence in body.faults.items()})
        unprocessable = int(HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            if not errors:
                return await self._office.say(actor.id, command, body.values, key), errors, unprocessable
            self._office.check(command, body.values)
        except ValidationError as error:
            found = form_errors(error, gettext, names=programmes.field_at)
            for name in found:
                errors = errors if name in body.faults else errors.plus(name, *found[name])
        except RecordTooLargeError:
            return None, errors.plus("", gettext(TOO_LONG)), int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except OtherBodyError:
            return None, errors.plus("", gettext(SENT_BEFORE)), unprocessable
        except (LogError, VaultError):
            unavailable = HTTPStatus.SERVICE_UNAVAILABLE
            return None, errors.plus("", gettext(status_text(unavailable).detail)), int(unavailable)
        return None, errors, unprocessable

    def _back(self, page: commands.Page, here: str, notice: Notice) -> Response:
        paths = {"overview": "/register", "unit": f"/register/units/{here}"}
        return self._pages.redirect(paths.get(page, f"/register/{page}"), notice)

    async def _show(
        self, request: Request, page: commands.Page, here: str, unsent: Unsent | None = None
    ) -> Response:
        register, now = await self._office.register(), self._office.now()
        unit = register.unit(here, now)
        if page == "unit" and unit is None:
            raise ProblemError(404, REASONS["unknown_unit"])
        context = self._context(register, page, unit, now)
        formats, gettext = self._pages.formats(request), self._pages.gettext(request)
        status = unsent.status if unsent else HTTPStatus.OK
        return await self._pages.render(
            request,
            f"register/{page}.html",
            status=status,
            headers=RETRY_LATER if status == HTTPStatus.SERVICE_UNAVAILABLE else None,
            page=page,
            here=here,
            forms=_forms(page, unsent),
            unsent=unsent,
            choices=self._choices(register, unit, now, gettext),
            tier_word=_tier_words(register, formats.language),
            money=lambda amount: yuan(amount, formats),
            grant=lambda benefit: programmes.grant(benefit, formats, gettext),
            kind_words=commands.KIND_WORDS,
            **context,
        )

    def _context(
        self, register: Register, page: commands.Page, unit: UnitDefinedV1 | None, now: int
    ) -> dict[str, Any]:
        """What each page shows beside its forms."""
        name_of = self._namer(register)
        if page == "overview":
            return {"lines": views.tree(register, now)}
        if page == "people":
            return {"lines": views.person_lines(register, now, name_of)}
        if page == "calendar":
            return {
                "years": sorted(register.calendar_years(), key=lambda year: -year.year),
                "spans": views.spans,
            }
        code = unit.unit if unit else ""
        return {
            "unit": unit,
            "into": views.successors(register, code, now),
            "zones": views.zone_lines(register, code, now, name_of),
            "posts": views.post_lines(register, code, now, name_of),
            "periods": views.periods(register, code, now, name_of),
            "members": [(name_of(m.person), m.post) for m in register.memberships(now) if m.unit == code],
            "now": now,
            "funds": [fund for fund in register.funds() if fund.unit == code],
            "programmes": [one for one in programmes.versions(register) if one.said.unit == code],
            "fund_names": {fund.fund: fund.name for fund in register.funds()},
            "aid_words": commands.AID_WORDS,
            "fund_words": FUND_KINDS,
        }

    def _choices(
        self, register: Register, unit: UnitDefinedV1 | None, now: int, gettext: Gettext
    ) -> dict[str, list[tuple[str, str]]]:
        """What the fields of forms offer, by kind."""
        name_of = self._namer(register)
        code = unit.unit if unit else ""
        units = [(found.unit, f"{found.name} ({found.unit})") for found in register.units(now)]
        roles = [(role, gettext(word)) for role, word in ROLES.items() if role not in ("resident", "clock")]
        return {
            "parent": units,
            "tier": [(tier, gettext(word)) for tier, word in commands.TIER_WORDS.items()],
            "organisation_kind": [(kind, gettext(word)) for kind, word in commands.KIND_WORDS.items()],
            "zone": [(zone.zone, zone.name) for zone in register.zones(code, now)],
            "person": [(found.person, name_of(found.person)) for found in register.people()],
            "role": roles,
            "cycle": [(one, gettext(word)) for one, word in commands.CYCLE_WORDS.items()],
            "each": [(one, gettext(word)) for one, word in commands.EACH_WORDS.items()],
            "post": [(post.post, post.name) for post in register.posts(code)],
            "fund": [(fund.fund, fund.name) for fund in register.funds()],
            "fund_kind": [(one, gettext(word)) for one, word in FUND_KINDS.items()],
            "aid_kind": [(one, gettext(word)) for one, word in commands.AID_WORDS.items()],
            "method": [(one, gettext(word)) for one, word in commands.METHOD_WORDS.items()],
            "yes_no": [("yes", gettext(N_("Yes"))), ("no", gettext(N_("No")))],
        }


def _forms(page: commands.Page, unsent: Unsent | None) -> list[tuple[str, commands.Command, Form, str]]:
    """The forms of a page: command, definition, what it shows, and its Idempotency-Key."""
    found = []
    for name, definition in commands.COMMANDS.items():
        if definition.page == page:
            again = unsent is not None and unsent.command == name
            form = unsent.form if unsent and again else Form(commands.labels(name), prefix=name)
            key = unsent.key if unsent and again else new_form_key()
            found.append((name, definition, form, key))
    return found


def _tier_words(register: Register, language: str) -> dict[str, str]:
    """What the tiers are called here: as the register says, else by the usual words (message ids)."""
    told = register.tier_names()
    words = dict(commands.TIER_WORDS)
    for tier, name in (told.names if told else {}).items():
        words[tier] = name.zh if language == "zh-CN" else name.en
    return words
