"""Funds: what there is, what is set aside, what came in and went out; statements of the bank against the books."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import segno
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts import entitled
from contracts.aid_policy import fund_policy
from contracts.base import DAY_MS
from contracts.fund import stream_of_fund
from contracts.fund_books import Fund
from contracts.people import telephone_handle
from contracts.programmes import FundDefinedV1
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.tracking import as_printed, digest_of
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from services.aid import statements
from services.aid.fund_views import Funds, Gift, Given
from services.attempts import Attempt
from web import entries
from web.actor import Actor
from web.case_forms import fund as words
from web.case_forms.kit import CommandForm
from web.entries import yuan
from web.forms import MESSAGES, Form, FormErrors, new_form_key, read_form
from web.i18n import N_
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError
from web.throttle import Rate, TokenBuckets
from web.uploads import take_form, uploads_of

FAMILY = "fund"
READERS = ("clerk", "aid_officer", "aid_approver", "supervisor", "auditor")
YEAR_DAYS = 366
BLANK = MESSAGES["missing"]
RATE = Rate(burst=12, seconds=15.0)
"""Numbers that lead nowhere, for one client address."""
NUMBER = {"number": N_("Tracking number")}
UNKNOWN = N_("No gift has this number. Compare each group with the slip.")
MALFORMED = N_("A tracking number has twenty letters and digits, as on the slip. Check what you entered.")


class Offer(NamedTuple):
    """A command that is offered: its name, its definition, its form and its key."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str


class FundDesk:
    """Turns what somebody records about a fund into submissions of its family."""

    def __init__(self, submitter: Submitter, register: RegisterReader, clock: Any) -> None:
        """`clock`: milliseconds since the epoch."""
        self._submitter = submitter
        self._register = register
        self.now = clock

    async def register(self) -> Register:
        """The register as of now; while the log is away, as last seen."""
        return await last_seen(self._register)

    def tracking_number(self, submission: str) -> str:
        """The number by which a donor follows the gift of this submission."""
        return self._submitter.tracking_number(submission)

    async def say(
        self, actor: str, fund: FundDefinedV1, command: str, body: Mapping[str, Any], key: str
    ) -> Receipt:
        """Give a command on a fund. A gift's record keeps a digest of its number. Raises as Submitter.submit."""
        register = await self._register.catch_up()
        roles = roles_of(register, command)
        named = body.get("donor")
        handle = telephone_handle(fund.unit, str(body.get("telephone") or "")) or f"donor-of:{key}"
        said = Said(
            family=FAMILY,
            type=f"fund.{command}.v1",
            body=body,
            actor=actor,
            role=entitled.speaking_role(register, actor, fund.unit, roles, self.now()),
            unit=fund.unit,
            key=key,
            subject=stream_of_fund(fund.fund),
            basis=register.basis,
            handles={"donor": handle} if named else {},
        )
        if command == "receive" and body.get("source") == "donation":
            number = self.tracking_number(self._submitter.submission_id(said))
            said = replace(said, body={**body, "tracking": digest_of(number)})
        return await self._submitter.submit(said)


def roles_of(register: Register, command: str) -> Sequence[str]:
    """The roles that the policy lets give a command on a fund."""
    policy = fund_policy(register)
    return policy.permissions.get(command, ()) if policy else ()


class FundPages:
    """`/funds` and `/gift`."""

    def __init__(self, pages: Pages, desk: FundDesk, funds: Funds, decisions: Decisions) -> None:
        self._pages = pages
        self._desk = desk
        self._funds = funds
        self._decisions = decisions
        self._tries = TokenBuckets(RATE)

    def router(self) -> APIRouter:
        """The pages, and what their forms send."""
        router = APIRouter(include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]
        checked = [Depends(self._pages.check_csrf)]

        @router.get("/funds")
        async def listed(request: Request, actor: reader) -> Response:
            return await self._list(request, actor)

        @router.get("/funds/{fund}")
        async def show(request: Request, actor: reader, fund: str) -> Response:
            return await self._show(request, actor, fund)

        @router.get("/funds/{fund}/gifts/{number}")
        async def slip(request: Request, actor: reader, fund: str, number: int) -> Response:
            return await self._slip(request, actor, fund, number)

        @router.post("/funds/{fund}/statement", dependencies=[Depends(take_form), *checked])
        async def statement(request: Request, actor: reader, fund: str) -> Response:
            return await self._statement(request, actor, fund)

        @router.post("/funds/{fund}/{command}", dependencies=checked)
        async def say(request: Request, actor: reader, fund: str, command: str) -> Response:
            return await self._say(request, actor, fund, command)

        @router.get("/gift")
        async def gift(request: Request) -> Response:
            return await self._pages.render(request, "aid/gift.html", form=Form(NUMBER), given=None)

        @router.post("/gift", dependencies=checked)
        async def follow(request: Request) -> Response:
            return await self._follow(request)

        return router

    async def _entry(self, actor: Actor, code: str) -> tuple[Register, FundDefinedV1]:
        """The register and a fund that this actor may see. Raises ProblemError."""
        register, now = await self._desk.register(), self._desk.now()
        fund = register.fund(code)
        if fund is None:
            raise ProblemError(404, REASONS["unknown_fund"])
        if not entitled.may(register, actor.id, fund.unit, READERS, now):
            raise ProblemError(403, REASONS["other_unit"])
        return register, fund

    async def _list(self, request: Request, actor: Actor) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        mine = [one for one in register.funds() if entitled.may(register, actor.id, one.unit, READERS, now)]
        kept = await self._funds.kept([one.fund for one in mine])
        formats = self._pages.formats(request)
        return await self._pages.render(
            request,
            "aid/funds.html",
            rows=[(one, kept.get(one.fund, Fund(one.unit))) for one in mine],
            unit_names={one.unit: one.name for one in register.units(now)},
            words=words,
            money=lambda amount: yuan(amount, formats),
        )

    async def _show(
        self,
        request: Request,
        actor: Actor,
        code: str,
        failed: tuple[str, Form] | None = None,
        status: int = 200,
    ) -> Response:
        register, fund = await self._entry(actor, code)
        now, formats = self._desk.now(), self._pages.formats(request)
        kept = (await self._funds.kept([code])).get(code, Fund(fund.unit))
        names = {one.programme: one.name for one in register.programmes(now)}
        unit = register.unit(fund.unit)
        goods = await self._funds.goods(code)
        purposes = sorted({purpose for _, purpose, _ in kept.books})
        return await self._pages.render(
            request,
            "aid/fund.html",
            status=status,
            fund=fund,
            unit_name=unit.name if unit else fund.unit,
            kept=kept,
            purposes=purposes,
            programme_name=lambda one: names.get(one, one),
            entries=await self._funds.entries(code),
            differences=await self._funds.differences(code, now - YEAR_DAYS * DAY_MS, now + DAY_MS),
            offers=self._offers(register, actor, fund, failed),
            statement=failed[1] if failed and failed[0] == "statement" else Form(statements.FIELDS),
            may_enter=entitled.may(
                register, actor.id, fund.unit, roles_of(register, "enter_statement_line"), now
            ),
            statement_key=new_form_key(),
            choices=self._choices(register, fund, kept, goods),
            goods=goods,
            words=words,
            money=lambda amount: yuan(amount, formats),
            now=now,
        )

    def _offers(
        self, register: Register, actor: Actor, fund: FundDefinedV1, failed: tuple[str, Form] | None
    ) -> Sequence[Offer]:
        found = []
        for name, definition in words.FORMS.items():
            if entitled.may(register, actor.id, fund.unit, roles_of(register, name), self._desk.now()):
                form = failed[1] if failed and failed[0] == name else Form(_labels(definition), prefix=name)
                found.append(Offer(name, definition, form, str(form.value("form_key")) or new_form_key()))
        return found

    def _choices(
        self, register: Register, fund: FundDefinedV1, kept: Fund, gifts: Sequence[Gift]
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        goods = [
            (f"{gift.number}:{at}", f"{gift.number} · {name} · {left} {measure}")
            for gift in gifts
            for at, (name, left, measure) in enumerate(gift.items, 1)
            if left
        ]
        mine = [one for one in register.programmes(self._desk.now()) if one.fund == fund.fund]
        return {
            "purpose": [(one.programme, one.name) for one in mine],
            "gift": goods,
            "month": [(month, month) for month in sorted(kept.flows)],
        }

    async def _say(self, request: Request, actor: Actor, code: str, command: str) -> Response:
        definition = words.FORMS.get(command)
        _, fund = await self._entry(actor, code)
        if definition is None:
            raise ProblemError(404)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        read = entries.read_fields(definition.fields, sent, self._pages.formats(request), gettext)
        body = _shaped(command, dict(read.body))
        fields = _labels(definition)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, command, body, read.errors, key, fields, next(reversed(fields), ""))

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.say(actor.id, fund, command, body, key)

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(f"/funds/{code}", notice_of(made.verdict, gettext))
        form = Form(fields, {**sent.values, "form_key": made.key}, made.errors, prefix=command)
        return await self._show(request, actor, code, (command, form), made.status)

    async def _slip(self, request: Request, actor: Actor, code: str, number: int) -> Response:
        """The slip of a gift, for who recorded it alone."""
        _, fund = await self._entry(actor, code)
        recorded = await self._funds.recorded(code, number)
        if recorded is None:
            raise ProblemError(404, REASONS["no_such_gift"])
        if recorded[0] != actor.id:
            raise ProblemError(403)
        tracking = self._desk.tracking_number(recorded[1])
        address = f"{str(request.base_url).rstrip('/')}/gift"
        return await self._pages.render(
            request,
            "aid/gift-slip.html",
            fund=fund,
            number=number,
            tracking=tracking,
            address=address,
            code=code_of(address),
        )

    async def _statement(self, request: Request, actor: Actor, code: str) -> Response:
        """Enter the lines of a statement that are not on record; none where one cannot be read."""
        register, fund = await self._entry(actor, code)
        allowed = roles_of(register, "enter_statement_line")
        if not entitled.may(register, actor.id, fund.unit, allowed, self._desk.now()):
            raise ProblemError(403)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        name, uploads = sent.get("statement").strip(), uploads_of(request, "file")
        lines, errors = await statements.statement_of(sent, uploads, self._pages.formats(request), gettext)
        field = "file" if uploads else "lines"
        if not name:
            errors = errors.plus("statement", gettext(BLANK))
        if not errors:
            standing = await self._funds.statement(code, name)
            lines, errors = statements.still_to_enter(lines, standing, field, gettext)
        status, verdict, form_key = 422, None, sent.get("form_key") or new_form_key()
        for number, line in lines.items() if not errors else ():
            body = {"statement": name, "line": number, **line}
            key = f"{form_key}/{number}"
            attempt = Attempt(
                FAMILY, "enter_statement_line", body, FormErrors(), key, statements.FIELDS, field
            )

            async def submit(body: Mapping[str, Any], key: str) -> Receipt:
                return await self._desk.say(actor.id, fund, "enter_statement_line", body, key)

            made = await attempt.made(submit, self._decisions, gettext)
            errors, status, verdict = made.errors, made.status, made.verdict
            if errors:
                break
        if errors:
            failed = Form(statements.FIELDS, sent.values, errors)
            return await self._show(request, actor, code, ("statement", failed), status)
        return self._pages.redirect(f"/funds/{code}", notice_of(verdict, gettext))

    async def _given(self, request: Request, number: str) -> Given | None:
        """The gift of a number; one that leads nowhere counts as a try. Raises ProblemError 429."""
        client = request.client.host if request.client else ""
        pause = math.ceil(self._tries.wait(client))
        if pause:
            raise ProblemError(429, headers={"Retry-After": str(pause)})
        self._tries.take(client)
        found = await self._funds.given(digest_of(number))
        if found is not None:
            self._tries.give_back(client)
        return found

    async def _follow(self, request: Request) -> Response:
        sent, gettext = await read_form(request), self._pages.gettext(request)
        number = as_printed(sent.get("number"))
        given = await self._given(request, number) if number else None
        if given is None:
            sentence = gettext(UNKNOWN if number else MALFORMED)
            form = Form(NUMBER, {"number": sent.get("number")[:100]}, FormErrors({"number": (sentence,)}))
            status = 404 if number else 422
            return await self._pages.render(request, "aid/gift.html", status=status, form=form, given=None)
        register, formats = await self._desk.register(), self._pages.formats(request)
        fund = next((one for one in register.funds() if stream_of_fund(one.fund) == given.fund_id), None)
        names = {one.programme: one.name for one in register.programmes(self._desk.now())}
        return await self._pages.render(
            request,
            "aid/gift.html",
            form=Form(NUMBER),
            given=given,
            number=number,
            fund_name=fund.name if fund else "",
            programme_name=lambda one: names.get(one, one),
            money=lambda amount: yuan(amount, formats),
        )


def code_of(address: str) -> str:
    """The square that leads to an address; a number is never part of one."""
    code = segno.make(address, error="m", micro=False, boost_error=False)
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)


def _shaped(command: str, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form as those of its command."""
    if command == "receive":
        item, count, measure = body.pop("item", None), body.pop("count", None), body.pop("measure", None)
        if item or count:
            body["items"] = ({"name": item or "", "count": count or 0, "measure": measure or "件"},)
    if command == "allocate_item" and ":" in str(body.get("gift")):
        gift, _, item = str(body["gift"]).partition(":")
        body |= {"gift": int(gift), "item": int(item)}
    return body


def _labels(definition: CommandForm) -> dict[str, str]:
    return {field.name: field.label for field in definition.fields}
