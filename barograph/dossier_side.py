"""`barograph export dossier`: the dossier of a mediation as the operator takes it out of the house."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path

from barograph import staff
from barograph.commands import WrongUseError
from barograph.mediation_side import ReadMediations
from barograph.people_commands import decide_all
from barograph.running import Reading, opened_reading
from barograph.station import wall_clock
from barograph.web_app import make_pages
from contracts.reasons import REASONS
from ledger.blobs import BlobError, BlobFolder
from runtime.settings import Settings
from services.mediation.dossier_bundle import write_bundle
from services.mediation.dossier_file import Dossier, as_pdf, dossier_of
from services.mediation.pages import Shown
from services.mediation.telling import Teller
from services.people.desk import PeopleDesk
from web.i18n import LANGUAGES
from web.pages import Pages

KINDS = (".pdf", ".zip")


async def export_dossier(settings: Settings, mediation: str, output: Path, language: str) -> int:
    """Write the dossier; return how many things are missing in it.

    That the operator reads it is on record before anything is opened. Raises WrongUseError, PdfUnavailableError.
    """
    _refuse(output, language)
    async with opened_reading(settings) as reading:
        await decide_all(reading)
        pages, blobs = make_pages(reading.station), BlobFolder(reading.station.home.blobs)
        shown = await _shown(reading, mediation, pages, language)
        one = await asyncio.to_thread(dossier_of, shown, blobs, language, wall_clock())
        try:
            await asyncio.to_thread(_write, output, one, pages, blobs, reading.station.ledger.hash)
        except BlobError as error:
            raise WrongUseError(f"a file was damaged meanwhile ({error}): try again") from None
        return len(one.contents.missing)


def _refuse(output: Path, language: str) -> None:
    """Raise WrongUseError for what cannot be written, before anything is read."""
    if output.suffix not in KINDS:
        raise WrongUseError(f"{output} has to end in .pdf or .zip")
    if output.exists():
        raise WrongUseError(f"{output} is there already: name another file, or move it away")
    if language not in LANGUAGES:
        raise WrongUseError(f"there is no language {language}; languages are {', '.join(LANGUAGES)}")


async def _shown(reading: Reading, mediation: str, pages: Pages, language: str) -> Shown:
    """The mediation in plain, the operator's reading being on record."""
    station = reading.station
    people = PeopleDesk(station.submitter, station.register)
    source = ReadMediations(reading.model, station.vault, people)
    item = await source.find(mediation)
    if item is None:
        raise WrongUseError(REASONS["no_such_mediation"])
    operator = station.ledger.genesis.administrator
    await people.record_reading(operator, item.unit, "casework", cases=[mediation])
    await decide_all(reading)
    register = station.register.current()
    name_of = partial(staff.display_name, station)
    formats, gettext = pages.formats_in(language), pages.gettext_in(language)
    teller = Teller(source, register, name_of, formats, gettext, may_open=True, sees_risk=True)
    happenings = await source.happenings(mediation)
    teller.take(item.unit, happenings)
    if teller.state is None:
        raise WrongUseError(REASONS["no_such_mediation"])
    return Shown(item, teller, teller.state, register, unrecorded=False, happenings=happenings)


def _write(output: Path, one: Dossier, pages: Pages, blobs: BlobFolder, ledger: str) -> None:
    printed = as_pdf(one, pages, blobs)
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if output.suffix == ".zip":
                write_bundle(file, one, printed, blobs, ledger)
            else:
                file.write(printed)
    except FileExistsError:
        raise WrongUseError(f"{output} is there already: name another file, or move it away") from None
    except OSError as error:
        output.unlink(missing_ok=True)
        raise WrongUseError(f"{output} cannot be written ({error.strerror})") from None
