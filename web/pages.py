"""Renders pages: in the visitor's language, with who is signed in, and with what every page shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import Translations
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from web.actor import Actor, Directory
from web.assets import Assets
from web.formats import DEFAULT_ZONE, Formats
from web.forms import read_form
from web.i18n import N_, Gettext, NGettext, negotiate
from web.links import current_path, wants_fragment
from web.notices import Notice, Notices
from web.problems import ProblemError, SignInNeededError
from web.session import Sessions
from web.templating import environments, translator

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
_ACTOR = "barograph_actor"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the main menu. `label` is a message id; `roles`: who sees it; all signed in if empty."""

    label: str
    path: str
    roles: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        """Whether the page at this path is the link's own, or lies below it."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same on every page: version, time zone, menu, and whether all data are made up."""

    version: str
    zone: ZoneInfo = DEFAULT_ZONE
    nav: tuple[NavItem, ...] = ()
    demo: bool = False


class Pages:
    """Renders templates and answers who is asking, in which language, and whether they may."""

    def __init__(
        self,
        template_dirs: Sequence[Path],
        translations: Mapping[str, Translations],
        sessions: Sessions,
        assets: Assets,
        directory: Directory,
        site: Site,
    ) -> None:
        """`directory` finds the actor of a session; whom it does not find counts as signed out."""
        self.sessions = sessions
        self.assets = assets
        self.site = site
        self._translations = translations
        self._directory = directory
        self._environments = environments(template_dirs, translations, site.zone, assets)
        self._counters: dict[str, Callable[[Actor], Awaitable[int]]] = {}
        self._notices = Notices(sessions.serializer("notice"), secure=sessions.secure)

    def count_beside(self, path: str, counter: Callable[[Actor], Awaitable[int]]) -> None:
        """Show a number beside the link of the main menu to this path, as this counts it for who is signed in."""
        self._counters[path] = counter

    def gettext(self, request: Request) -> Gettext:
        """Translates message ids into the visitor's language."""
        return translator(self._translations[negotiate(request)])

    def gettext_in(self, language: str) -> Gettext:
        """Translates message ids into this language of LANGUAGES, whatever the visitor's."""
        return translator(self._translations[language])

    def ngettext(self, request: Request) -> NGettext:
        """Translates a message that has a singular and a plural; its placeholders are left to the caller."""
        return self._translations[negotiate(request)].ngettext

    def formats(self, request: Request) -> Formats:
        """Formats and reads times and numbers as the visitor sees them."""
        language = negotiate(request)
        return Formats(language, self.site.zone, self._translations[language])

    def formats_in(self, language: str) -> Formats:
        """Formats times and numbers in one of the languages, whoever looks: for letters. Raises KeyError."""
        return Formats(language, self.site.zone, self._translations[language])

    async def actor(self, request: Request) -> Actor | None:
        """Who is signed in; None where nobody is. Looked up once for each request."""
        if not hasattr(request.state, _ACTOR):
            session = self.sessions.read(request)
            found = await self._directory(session.actor) if session is not None else None
            setattr(request.state, _ACTOR, found)
        actor: Actor | None = getattr(request.state, _ACTOR)
        return actor

    async def settle_actor(self, request: Request) -> None:
        """Look the actor up for a page that must be shown; whom a failure hides counts as nobody."""
        try:
            await self.actor(request)
        except Exception:  # noqa: BLE001 - the failure that led to this page may well be the directory's
            setattr(request.state, _ACTOR, None)

    def require(self, *roles: str) -> Callable[[Request], Awaitable[Actor]]:
        """A dependency that gives the actor, who must hold one of these roles (any, where none is named).

        Raises SignInNeededError where nobody is signed in, ProblemError 403 where the role is missing.
        """

        async def required(request: Request) -> Actor:
            actor = await self.actor(request)
            if actor is None:
                raise SignInNeededError
            if roles and actor.roles.isdisjoint(roles):
                raise ProblemError(403)
            return actor

        return required

    async def check_csrf(self, request: Request) -> None:
        """A dependency for requests that change something: raises ProblemError 403 without a valid token.

        The token comes in the form field `csrf` or in the header `X-CSRF-Token`.
        """
        token = request.headers.get(CSRF_HEADER)
        if token is None and request.headers.get("content-type", "").startswith(_FORM_TYPES):
            token = (await read_form(request)).get(CSRF_FIELD)
        if not self.sessions.check_csrf(request, token):
            raise ProblemError(
                403,
                N_(
                    "This form is out of date, or it was not sent from our page. "
                    "Open the form again and send it anew."
                ),
            )

    async def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Render a template as the response.

        Browsers keep no copy, since pages show personal data; a form that holds none may say otherwise in
        `headers`, so that going back shows it with the same idempotency key.
        """
        actor = await self.actor(request)
        notice = None if wants_fragment(request) else self._notices.take(request)
        base = self._base_context(request, actor, notice)
        base["beside"] = {} if wants_fragment(request) else await self._counts(actor, base["nav"])
        rendered = self._environments[base["lang"]].get_template(template).render({**base, **context})
        response = HTMLResponse(rendered, status)
        response.headers.update(
            {
                "Cache-Control": "no-store",
                "Content-Language": base["lang"],
                "Vary": "Cookie, Accept-Language",
                **(headers or {}),
            }
        )
        self.sessions.seal(request, response)
        if notice is not None:
            self._notices.clear(request, response)
        return response

    def document(self, language: str, template: str, **context: Any) -> str:
        """Render a template that is a whole document, and no page: the same whoever asks. Raises KeyError."""
        return self._environments[language].get_template(template).render({"lang": language, **context})

    async def _counts(self, actor: Actor | None, nav: Sequence[NavItem]) -> Mapping[str, int]:
        """The numbers beside links of the menu that are not 0."""
        if actor is None:
            return {}
        shown = (item.path for item in nav if item.path in self._counters)
        counts = {path: await self._counters[path](actor) for path in shown}
        return {path: count for path, count in counts.items() if count}

    def redirect(self, path: str, notice: Notice | None = None) -> RedirectResponse:
        """Send the browser to a page of ours with GET (303), where the notice is shown."""
        response = RedirectResponse(path, 303)
        if notice is not None:
            self._notices.put(response, notice)
        return response

    def _base_context(self, request: Request, actor: Actor | None, notice: Notice | None) -> dict[str, Any]:
        return {
            "request": request,
            "lang": negotiate(request),
            "here": current_path(request),
            "site": self.site,
            "actor": actor,
            "nav": visible(self.site.nav, actor),
            "notice": notice,
            "csrf_token": lambda: self.sessions.csrf_token(request),
        }


def visible(nav: Sequence[NavItem], actor: Actor | None) -> Sequence[NavItem]:
    """The menu as this actor sees it; empty where nobody is signed in."""
    if actor is None:
        return ()
    return [item for item in nav if not item.roles or not item.roles.isdisjoint(actor.roles)]
