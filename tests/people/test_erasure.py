"""Erasing somebody from a filled ledger: who is gone, what stays, and that no figure or proof moves."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from barograph import audit_side, people_commands, people_side
from barograph import commands as other_commands
from barograph.people_commands import decide_all
from barograph.station import opened_station
from contracts.figures import Scope
from runtime.settings import Settings
from services.projections import people_queries as people
from services.projections.figures import figures
from services.projections.rebuild import rebuild
from tests.people.demo_home import TELEPHONE, UNIT, act_of, copy_of, make, opened

NAME = "虚构居民4"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled home."""
    return make(tmp_path_factory.mktemp("erasure"))


@pytest.fixture
def settings(home: Path, tmp_path: Path) -> Settings:
    """A copy of the home."""
    return copy_of(home, tmp_path)


async def subject_of(settings: Settings) -> str:
    """The subject of the demo's telephone."""
    found = await people_commands.find_subject(settings, UNIT, TELEPHONE)
    assert found is not None
    return found.subject


async def audited(settings: Settings) -> dict[str, Any]:
    """The audit's report, without what differs from run to run: when it ran, and how long it took."""
    report = (await audit_side.audit(settings)).as_json()
    return {key: value for key, value in report.items() if "second" not in key and key != "started_at"}


async def test_no_figure_and_no_proof_moves(settings: Settings) -> None:
    """Destroying the keys leaves the audit and every figure as they were, to the last number."""
    subject = await subject_of(settings)
    async with opened(settings) as (reading, desk):
        before = figures(reading.model, Scope())
        operator = reading.station.ledger.genesis.administrator
        await desk.say(operator, UNIT, "erase", {"reason": "unlawful"}, subject=subject)
        await decide_all(reading)
        assert reading.station.vault.holds(subject)
        decided = figures(reading.model, Scope()), await audited(settings)
        await reading.station.eraser.catch_up()
        assert not reading.station.vault.holds(subject)
        erased = figures(reading.model, Scope()), await audited(settings)
    assert erased == decided
    assert decided[0] == before
    assert erased[1]["ok"] is True


async def test_records_stay_as_they_were_written(settings: Settings) -> None:
    """Erasing changes no byte of any record that stood before."""
    subject = await subject_of(settings)
    async with opened_station(settings) as station:
        before = await station.log.read("grievance.submissions", 7, 0, 5000)
    await people_commands.erase(settings, subject, "unlawful", None)
    async with opened_station(settings) as station:
        assert (await station.log.read("grievance.submissions", 7, 0, 5000))[: len(before)] == before


async def test_what_the_erased_said_of_themselves_is_gone(settings: Settings, tmp_path: Path) -> None:
    """Reports made afterwards, also from a read model that was rebuilt, say erased in place of the person."""
    subject = await subject_of(settings)
    (before,) = await people_commands.write_report(settings, subject, tmp_path / "before.html", None)
    assert NAME in before.read_text()
    done = await people_commands.erase(settings, subject, "consent_withdrawn", None)
    async with opened(settings) as (reading, _):
        await rebuild(reading.station.log, reading.model)
    files = await people_commands.write_report(settings, subject, tmp_path / "after", None)
    text = "".join(file.read_text() for file in files)
    assert NAME not in text
    assert TELEPHONE not in text
    assert "已删除 erased" in text
    assert done.law == "个人信息保护法第四十七条第一款第（三）项"
    assert await people_commands.find_subject(settings, UNIT, TELEPHONE) is None


async def test_text_about_others_stays_and_is_named(settings: Settings) -> None:
    """An erasure says whose texts stay: those of the cases, under subjects of their own."""
    subject = await subject_of(settings)
    done = await people_commands.erase(settings, subject, "unlawful", None)
    (case,) = done.cases
    assert case["texts"] != subject
    async with opened(settings) as (reading, _):
        assert reading.station.vault.holds(str(case["texts"]))
    nothing_left = await people_commands.erase(settings, str(case["texts"]), "unlawful", None)
    assert nothing_left.cases == []


async def test_whoever_comes_again_is_somebody_new(settings: Settings) -> None:
    """After an erasure the same telephone stands for a new subject, in a process that knew the old one."""
    subject = await subject_of(settings)
    async with opened(settings) as (reading, _):
        vault = reading.station.vault
        handle = f"telephone:{UNIT}:00000000003"
        assert (await vault.subject(handle)).subject == subject
        await people_commands.erase(settings, subject, "unlawful", None)
        assert (await vault.subject(handle)).subject != subject


async def test_a_hold_keeps_and_says_why(settings: Settings) -> None:
    """Who is held is not erased, and the command says so in a sentence."""
    subject = await subject_of(settings)
    async with opened(settings) as (reading, desk):
        officer = await act_of(reading, "dpo")
        body = {"matter": "2026/42", "reason": "court_case"}
        await desk.say(officer, UNIT, "place_hold", body, subject=subject)
    with pytest.raises(other_commands.WrongUseError, match="legal hold"):
        await people_commands.erase(settings, subject, "unlawful", None)
    async with opened(settings) as (reading, _):
        assert reading.station.vault.holds(subject)


async def test_a_member_of_staff_is_erased_too(settings: Settings) -> None:
    """Staff are subjects of the ledger: after an erasure their name is shown no more."""
    async with opened(settings) as (reading, _):
        station = reading.station
        register = station.register.current()
        person = register.person(await act_of(reading, "handler2"))
        assert person is not None
        assert station.vault.read(person.name, "name") == "丙承办（虚构）"
    await people_commands.erase(settings, person.name.subject, "purpose_achieved", None)
    async with opened_station(settings) as station:
        assert station.vault.read(person.name, "name") is None


@pytest.mark.parametrize("how", ["restore", "file", "file without tombstones"])
async def test_no_copy_of_the_vault_brings_anybody_back(settings: Settings, tmp_path: Path, how: str) -> None:
    """An old copy of the vault, restored or put in place by hand, leaves the erased person erased."""
    subject = await subject_of(settings)
    await people_commands.backup_vault(settings, tmp_path / "copy")
    if how == "file without tombstones":
        shutil.copy(settings.home / "vault.sqlite", tmp_path / "copy")
    await people_commands.erase(settings, subject, "unlawful", None)
    if how == "restore":
        await people_commands.restore_vault(settings, tmp_path / "copy")
    else:
        await asyncio.to_thread(put_in_place, tmp_path / "copy", settings.home)
    async with opened_station(settings) as station:
        assert not station.vault.holds(subject)
        assert len(list(station.vault.subjects())) > 10


def put_in_place(copy: Path, home: Path) -> None:
    """Put a copy of the vault in the place of the one in use, by hand."""
    for beside in home.glob("vault.sqlite*"):
        beside.unlink()
    shutil.copy(copy, home / "vault.sqlite")


async def test_a_search_and_a_report_are_readings(settings: Settings, tmp_path: Path) -> None:
    """Whoever searches for a person, or writes their report, is on record."""
    subject = await subject_of(settings)
    await people_commands.write_report(settings, subject, tmp_path / "report", None)
    async with opened(settings) as (reading, _):
        found = people.readings_of(reading.model, [subject], 10)
    assert [row.purpose for row in found.rows] == ["subject_report", "subject_search"]


async def test_a_report_holds_everything_about_one_person(settings: Settings, tmp_path: Path) -> None:
    """The JSON report has the person's cases with every text in plain, and nobody else's."""
    subject = await subject_of(settings)
    await people_commands.write_report(settings, subject, tmp_path / "report", None)
    async with opened(settings) as (reading, _):
        report = people_side.report_of(reading.station, reading.model, subject)
    (case,) = report["cases"]
    told = case["events"][0]["data"]
    assert (told["reporter_name"], told["telephone"]) == (NAME, TELEPHONE)
    assert isinstance(told["story"], str)
    assert report["readings"][0]["purpose"] == "subject_report"
    assert "虚构居民5" not in (tmp_path / "report" / "report.json").read_text()


async def test_what_is_not_on_record_is_told(settings: Settings, tmp_path: Path) -> None:
    """A subject of whom nothing is on record is neither erased nor reported on, with a sentence."""
    nobody = f"sub_{'0' * 32}"
    with pytest.raises(other_commands.WrongUseError, match="on record"):
        await people_commands.erase(settings, nobody, "unlawful", None)
    with pytest.raises(other_commands.WrongUseError, match="on record"):
        await people_commands.write_report(settings, nobody, tmp_path / "report", None)
    with pytest.raises(other_commands.WrongUseError, match="community"):
        await people_commands.find_subject(settings, "nowhere", TELEPHONE)
