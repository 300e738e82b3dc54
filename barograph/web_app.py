"""The web application: which service's pages and API it answers, over one kit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from barograph import demo, staff
from barograph.notary_side import refusals, trees_of
from barograph.station import Station
from barograph.version import VERSION
from ledger.log import LogError
from ledger.subject_keys import VaultError
from ledger.tree_file import TreeStoreError
from runtime.chain import OutdatedError
from services.aid import files as aid_files
from services.intake.attachments import UPLOADS
from services.mediation import files as mediation_files
from services.people import list_pages
from services.projections.database import ReadModelError
from web.assets import STATIC_DIR, Assets
from web.i18n import LOCALE_DIR, N_, load_translations
from web.identity import Accounts, authenticator
from web.kit import install_kit
from web.pages import NavItem, Pages, Site
from web.session import Sessions
from web.signin import sign_in_router

SERVICES = Path(__file__).parent.parent / "services"
WITH_PAGES = ("intake", "people", "accusation", "mediation", "aid", "projections", "audit", "register")

_HELPERS = frozenset({"clerk", "grid_worker", "aid_officer", "supervisor"})

NAVIGATION = (
    NavItem(N_("Dashboard"), "/dashboard"),
    NavItem(N_("Worklist"), "/cases", frozenset({"clerk", "grid_worker", "handler", "supervisor"})),
    NavItem(N_("Notices"), "/notices", frozenset({"clerk", "grid_worker", "handler", "supervisor"})),
    NavItem(
        N_("New grievance"),
        "/intake/grievances/new",
        frozenset({"clerk", "grid_worker", "handler", "supervisor"}),
    ),
    NavItem(N_("Mediations"), "/mediations", frozenset({"clerk", "mediator", "supervisor", "auditor"})),
    NavItem(
        N_("Aid"),
        "/aid",
        frozenset({"clerk", "grid_worker", "aid_officer", "aid_approver", "supervisor", "auditor"}),
    ),
    NavItem(N_("Pairs"), "/pairs", _HELPERS),
    NavItem(N_("Employment help"), "/employment", _HELPERS),
    NavItem(N_("Funds"), "/funds", frozenset({"aid_officer", "aid_approver", "supervisor", "auditor"})),
    NavItem(N_("Monthly report"), "/reports/monthly", frozenset({"supervisor"})),
    NavItem(N_("Ledger of disappearances"), "/reports/disappearances", frozenset({"supervisor", "auditor"})),
    NavItem(N_("Not recorded as asked"), "/decisions", frozenset({"supervisor", "auditor"})),
    NavItem(
        N_("Personal data"), "/personal-data", frozenset({"supervisor", "auditor", "data_protection_officer"})
    ),
    NavItem(N_("Accusations"), "/accusations", frozenset({"inspector", "auditor"})),
    NavItem(
        N_("Households"),
        "/households",
        frozenset({"clerk", "grid_worker", "supervisor", "data_protection_officer"}),
    ),
    NavItem(
        N_("Inspections"),
        "/inspections",
        frozenset({"clerk", "grid_worker", "supervisor", "handler", "patroller", "auditor"}),
    ),
    NavItem(N_("Visits"), "/visits", frozenset({"clerk", "grid_worker", "supervisor", "handler", "auditor"})),
    NavItem(N_("Handover of open work"), "/handovers", frozenset({"handler"})),
    NavItem(N_("Audit"), "/audit", frozenset({"auditor"})),
    NavItem(N_("Register"), "/register", frozenset({"administrator"})),
)


def make_pages(station: Station) -> Pages:
    """The page kit of an installation: one for each process."""
    register = station.register.current()
    zones = {unit.time_zone for unit in register.units() if unit.tier == "community"}
    site = Site(
        version=VERSION,
        zone=ZoneInfo(min(zones, default="Asia/Shanghai")),
        nav=NAVIGATION,
        demo=station.ledger.genesis.simulated,
    )
    locales = [
        LOCALE_DIR,
        Path(__file__).parent / "locale",
        *(SERVICES / name / "locale" for name in WITH_PAGES),
    ]
    return Pages(
        [SERVICES / name / "templates" for name in WITH_PAGES],
        load_translations(*locales),
        Sessions(station.home.key("session"), secure=station.settings.secure_cookies),
        Assets(STATIC_DIR),
        staff.directory(station),
        site,
    )


def make_app(station: Station, pages: Pages, routers: Sequence[APIRouter]) -> FastAPI:
    """The application that answers these routers, sign-in, `/health` and static files."""
    app = FastAPI(title="Barograph", version=VERSION, docs_url=None, redoc_url=None)
    unavailable: tuple[type[Exception], ...] = (
        LogError,
        VaultError,
        ReadModelError,
        OutdatedError,
        TreeStoreError,
    )
    install_kit(
        app,
        pages,
        unavailable=unavailable,
        larger={**UPLOADS, **mediation_files.UPLOADS, **aid_files.UPLOADS, **list_pages.UPLOADS},
    )
    accounts = Accounts(station.home.accounts)
    authenticate = authenticator(accounts, staff.directory(station))
    hints = demo.hints() if station.ledger.genesis.simulated else ()
    app.include_router(sign_in_router(pages, authenticate, hints=hints))

    trees = trees_of(station.home)

    @app.get("/health", include_in_schema=False)
    async def health() -> JSONResponse:
        await station.log.end_offset("ledger", 0)
        refused = refusals(trees)
        return JSONResponse({"status": "degraded", "refused": refused} if refused else {"status": "ok"})

    for router in routers:
        app.include_router(router)
    return app
