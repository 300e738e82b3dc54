"""The doors by which an accusation comes in: a form without an account, and one on every tracking page."""

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from ledger.log import LogError, RecordTooLargeError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError
from services.accusation.desk import AccusationDesk, Lodging, NobodyReceivesError, check
from services.accusation.forms import CHANNELS, LABELS, PRESSURE_LABELS
from services.accusation.views import Accusations
from web.actor import Actor
from web.forms import Form, FormErrors, Submitted, form_errors, new_form_key, read_form
from web.i18n import N_
from web.pages import Pages
from web.problems import status_text
from web.throttle import Rate, TokenBuckets

RATE = Rate(burst=20, seconds=30.0)
"""Forms sent from one client address."""

NOBODY = N_(
    "Nobody here could receive this without being concerned by it. Bring it to the discipline inspection "
    "authority above; in China its telephone is 12388."
)
UNKNOWN = N_("No case has this number. Open the form from the page that the number leads to.")
OTHER = N_(
    "This form was sent before with other entries, and those are on record. Open it anew to add to them."
)
TOO_LONG = N_("All entries together are too long for one record. Shorten this one.")
CHOOSE = N_("Choose one of the options in the list.")


class EntryPages:
    """`/accusations/new` and `/accusations/pressure`: neither needs an account."""

    def __init__(
        self,
        pages: Pages,
        desk: AccusationDesk,
        accusations: Accusations,
        *,
        tries: TokenBuckets | None = None,
        client: Callable[[Request], str] = lambda request: request.client.host if request.client else "",
    ) -> None:
        """`client` tells where a request comes from; it is kept in memory for as long as tries count."""
        self._pages = pages
        self._desk = desk
        self._accusations = accusations
        self._tries = tries or TokenBuckets(RATE)
        self._client = client

    def router(self) -> APIRouter:
        """The two forms."""
        router = APIRouter(prefix="/accusations", include_in_schema=False)
        checked = Depends(self._pages.check_csrf)
        sent = Annotated[Submitted, Depends(read_form)]

        @router.get("/new")
        async def form(request: Request) -> Response:
            return await self._form(request, Form(LABELS, {"channel": "counter"}))

        @router.post("/new", dependencies=[checked])
        async def lodge(request: Request, form: sent) -> Response:
            actor = await self._pages.actor(request)
            return await self._lodge(request, form, actor)

        @router.post("/pressure", dependencies=[checked])
        async def pressure(request: Request, form: sent) -> Response:
            return await self._pressure(request, form)

        return router

    async def _lodge(self, request: Request, sent: Submitted, actor: Actor | None) -> Response:
        body: dict[str, Any] = {name: sent.filled[name] for name in LABELS if name in sent.filled}
        body |= {"about": "conduct", "channel": body.get("channel", "web") if actor else "web"}
        register, errors = await self._desk.register(), FormErrors()
        if body.get("against") not in {value for value, _ in units_of_register(register)}:
            errors = errors.plus("against", self._pages.gettext(request)(CHOOSE))
            body["against"] = "-"
        speaks = actor.id if actor and body["channel"] != "web" else None
        return await self._take(request, Lodging(speaks, body, sent.get("form_key")), sent, errors)

    async def _pressure(self, request: Request, sent: Submitted) -> Response:
        gettext = self._pages.gettext(request)
        case = await self._accusations.case(sent.get("number"))
        if case is None:
            form = Form(PRESSURE_LABELS, sent.values, FormErrors({"": (gettext(UNKNOWN),)}))
            return await self._form(request, form, 404)
        if "form_key" not in sent.values:
            return await self._form(request, Form(PRESSURE_LABELS, {"number": sent.get("number")}))
        body: dict[str, Any] = {name: sent.filled[name] for name in PRESSURE_LABELS if name in sent.filled}
        body |= {"about": "pressure", "channel": "web", "against": case.unit, "case": case.case}
        return await self._take(request, Lodging(None, body, sent.get("form_key")), sent, FormErrors())

    async def _take(
        self, request: Request, lodging: Lodging, sent: Submitted, errors: FormErrors
    ) -> Response:
        """Lodge it, or show the form again with what is at fault."""
        gettext, labels = self._pages.gettext(request), self._labels(sent)
        found, status = errors, int(HTTPStatus.UNPROCESSABLE_ENTITY)
        key = lodging.key or new_form_key()
        try:
            if pause := math.ceil(self._tries.wait(self._client(request))):
                return await self._again(request, labels, sent, _too_often(self._pages, request, pause), 429)
            if not errors:
                self._tries.take(self._client(request))
                lodged = await self._desk.lodge(lodging._replace(key=key))
                number = lodged.tracking_number
                return await self._pages.render(request, "accusation/lodged.html", number=number)
            check(lodging.body)
        except ValidationError as error:
            told = form_errors(error, gettext)
            found = FormErrors({**told, **found})
        except NobodyReceivesError:
            found = found.plus("against" if "against" in labels else "", gettext(NOBODY))
        except OtherBodyError:
            found = found.plus("", gettext(OTHER))
        except RecordTooLargeError:
            found, status = found.plus("story", gettext(TOO_LONG)), 413
        except (LogError, VaultError):
            found, status = found.plus("", gettext(status_text(503).detail)), 503
        return await self._again(request, labels, sent, found, status)

    async def _again(
        self, request: Request, labels: Any, sent: Submitted, errors: FormErrors, status: int
    ) -> Response:
        return await self._form(request, Form(labels, sent.values, errors), status)

    def _labels(self, sent: Submitted) -> Any:
        return PRESSURE_LABELS if sent.get("number") else LABELS

    async def _form(self, request: Request, form: Form, status: int = 200) -> Response:
        register = await self._desk.register()
        return await self._pages.render(
            request,
            "accusation/new.html",
            status=status,
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            number=form.value("number"),
            is_pressure="against" not in form.labels,
            units=units_of_register(register),
            channels=CHANNELS,
        )


def _too_often(pages: Pages, request: Request, pause: int) -> FormErrors:
    ngettext = pages.ngettext(request)
    sentence = ngettext(
        "Too many forms from here. Wait %(num)s second, then send it again.",
        "Too many forms from here. Wait %(num)s seconds, then send it again.",
        pause,
    ) % {"num": pause}
    return FormErrors({"": (sentence,)})


def units_of_register(register: Register) -> list[tuple[str, str]]:
    """Every unit as a choice."""
    return [(unit.unit, unit.name) for unit in register.units()]
