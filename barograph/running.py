"""Long-running commands: the whole system in one process, or one service of several."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import uvicorn
from fastapi import APIRouter

from barograph import staff
from barograph.families import family_rules
from barograph.init import CLOCK
from barograph.read_side import ReadVerdicts, ReadWatch
from barograph.station import Station, wall_clock
from barograph.web_app import make_app, make_pages
from runtime import embedded
from runtime.clock import Clock
from services.audit.pages import AuditPages
from services.intake.api import intake_api
from services.intake.desk import Desk
from services.intake.pages import IntakePages
from services.projections.pages import ProjectionPages
from services.projections.projector import Projector
from services.projections.store import ReadModel
from web.pages import Pages

Service = Literal["intake", "register", "grievance", "projections", "audit", "clock"]
