"""Retention: who is due by the schedule, and a run from its proposal to the last erasure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph import people_commands, people_side
from barograph.commands import WrongUseError
from barograph.init import decide_register, enter
from barograph.station import opened_station
from contracts.base import DAY_MS
from contracts.people import RetentionPolicy, Schedule, list_hash
from contracts.register import DefinePolicyV1
from runtime.settings import Settings
from services.people.retention import EndedCase, due
from services.projections import people_queries as people
from tests.people.demo_home import UNIT, act_of, copy_of, make, opened

SCHEDULE = Schedule(reporter_days=10, case_days=20, source="fictional")
SUBJECTS = st.sampled_from([f"sub_{n:016d}" for n in range(6)])
CASES = st.lists(
    st.builds(EndedCase, texts=SUBJECTS, reporter=st.none() | SUBJECTS, ended_at=st.integers(0, 40 * DAY_MS)),
    max_size=12,
)
NOBODY: frozenset[str] = frozenset()


def test_a_term_is_over_to_the_millisecond() -> None:
    """A reporter is due when the term of their last case is over, its texts when theirs is."""
    cases = [EndedCase("texts", "reporter", 0), EndedCase("later", "reporter", DAY_MS)]
    assert due(SCHEDULE, cases, NOBODY, 11 * DAY_MS - 1) == NOBODY
    assert due(SCHEDULE, cases, NOBODY, 11 * DAY_MS) == {"reporter"}
    assert due(SCHEDULE, cases, NOBODY, 20 * DAY_MS) == {"reporter", "texts"}


@given(cases=CASES, kept=st.frozensets(SUBJECTS), until=st.integers(0, 60 * DAY_MS))
def test_nobody_is_due_who_is_kept_or_whose_term_runs(
    cases: list[EndedCase], kept: frozenset[str], until: int
) -> None:
    """Whoever is due is not kept, and none of their cases ended within the shortest term."""
    for subject in due(SCHEDULE, cases, kept, until):
        assert subject not in kept
        ended = [case.ended_at for case in cases if subject in (case.texts, case.reporter)]
        assert max(ended) + SCHEDULE.reporter_days * DAY_MS <= until


@given(cases=CASES, kept=st.frozensets(SUBJECTS), until=st.integers(0, 60 * DAY_MS))
def test_time_takes_nobody_off_the_list(cases: list[EndedCase], kept: frozenset[str], until: int) -> None:
    """Who is due stays due while nothing else happens."""
    assert due(SCHEDULE, cases, kept, until) <= due(SCHEDULE, cases, kept, until + DAY_MS)


@given(subjects=st.frozensets(SUBJECTS), other=st.frozensets(SUBJECTS))
def test_a_list_has_its_own_hash(subjects: frozenset[str], other: frozenset[str]) -> None:
    """Lists have the same hash where they name the same subjects, and only there."""
    assert (list_hash(subjects) == list_hash(other)) == (subjects == other)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled home."""
    return make(tmp_path_factory.mktemp("retention"))


@pytest.fixture
async def settings(home: Path, tmp_path: Path) -> Settings:
    """A copy of the home, where what is over for a hundred days is kept no longer."""
    settings = copy_of(home, tmp_path)
    schedule = Schedule(reporter_days=100, case_days=200, source="fictional")
    terms = RetentionPolicy(schedules={"grievance": schedule}).model_dump()
    async with opened_station(settings) as station:
        await enter(station, DefinePolicyV1(policy="retention", version="2", source="fictional", terms=terms))
        await decide_register(station)
    return settings


async def propose(settings: Settings) -> people_commands.Proposal:
    """Propose a run; return it."""
    (found,) = await people_commands.propose_retention(settings, None)
    return found


async def test_nobody_is_due_under_the_default_policy(home: Path, tmp_path: Path) -> None:
    """The demo's cases, a year old at most, are kept under the norm's terms."""
    assert await people_commands.propose_retention(copy_of(home, tmp_path), UNIT) == []


async def test_a_proposal_erases_nobody(settings: Settings) -> None:
    """Proposing puts the number and the hash of the list on the log, and destroys no key."""
    found = await propose(settings)
    async with opened(settings) as (reading, _):
        run = people.run_of(reading.model, found.run)
        assert run is not None
        assert (run.size, run.confirmed_at) == (found.subjects, None)
        assert not any(map(reading.station.vault.is_destroyed, reading.station.vault.subjects()))


async def test_a_second_person_confirms_and_it_is_carried_out(settings: Settings) -> None:
    """After the confirmation every subject on the list is erased, each by its own event, and nobody else."""
    found = await propose(settings)
    async with opened(settings) as (reading, _):
        before = set(reading.station.vault.subjects())
    done = await people_commands.confirm_retention(settings, found.run, "dpo", "dpo-demo")
    assert (done.listed, done.erased, done.kept) == (found.subjects, found.subjects, 0)
    async with opened(settings) as (reading, _):
        gone = before - set(reading.station.vault.subjects())
        states = people.subject_states(reading.model, sorted(gone))
    assert len(gone) == found.subjects
    assert {state.reason for state in states.values()} == {"retention_ended"}


async def test_who_is_held_meanwhile_is_kept(settings: Settings) -> None:
    """A hold placed between proposal and confirmation is respected."""
    found = await propose(settings)
    async with opened(settings) as (reading, desk):
        lists = people_side.lists_folder(reading.station)
        subject = (lists / f"{found.run}.txt").read_text().split()[0]
        body = {"matter": "1", "reason": "court_case"}
        await desk.say(await act_of(reading, "dpo"), UNIT, "place_hold", body, subject=subject)
    done = await people_commands.confirm_retention(settings, found.run, "dpo", "dpo-demo")
    assert (done.erased, done.kept) == (found.subjects - 1, 1)
    async with opened(settings) as (reading, _):
        assert reading.station.vault.holds(subject)


async def test_who_is_held_is_not_proposed(settings: Settings) -> None:
    """A subject under a hold is on no list."""
    first = await propose(settings)
    async with opened(settings) as (reading, desk):
        lists = people_side.lists_folder(reading.station)
        subject = (lists / f"{first.run}.txt").read_text().split()[0]
        body = {"matter": "1", "reason": "court_case"}
        await desk.say(await act_of(reading, "dpo"), UNIT, "place_hold", body, subject=subject)
    assert (await propose(settings)).subjects == first.subjects - 1


async def test_a_run_that_was_cut_short_is_carried_on(settings: Settings) -> None:
    """Confirming a confirmed run again erases whom it had not reached."""
    found = await propose(settings)
    async with opened(settings) as (reading, desk):
        run = people.run_of(reading.model, found.run)
        assert run is not None
        officer = await act_of(reading, "dpo")
        await desk.say(officer, UNIT, "confirm_retention", {"listed": run.listed}, subject=run.run)
    done = await people_commands.confirm_retention(settings, found.run, "dpo", "dpo-demo")
    assert done.erased == found.subjects
    again = await people_commands.confirm_retention(settings, found.run, "dpo", "dpo-demo")
    assert (again.erased, again.kept) == (0, found.subjects)


@pytest.mark.parametrize(
    ("sign_in", "password", "sentence"),
    [
        ("dpo", "wrong", "wrong"),
        ("nobody", "nobody-demo", "wrong"),
        ("clerk", "clerk-demo", "do not hold a role"),
    ],
)
async def test_not_everybody_confirms(settings: Settings, sign_in: str, password: str, sentence: str) -> None:
    """A wrong password and a role that may not are refused with a sentence, and nobody is erased."""
    found = await propose(settings)
    with pytest.raises(WrongUseError, match=sentence):
        await people_commands.confirm_retention(settings, found.run, sign_in, password)
    async with opened(settings) as (reading, _):
        assert (people.run_of(reading.model, found.run) or pytest.fail("no run")).confirmed_at is None


@pytest.mark.parametrize("damage", ["gone", "changed"])
async def test_a_list_must_be_the_one_proposed(settings: Settings, damage: str) -> None:
    """A list that is missing, or that somebody added to, is refused: propose a new run."""
    found = await propose(settings)
    file = settings.home / "derived" / "retention" / f"{found.run}.txt"
    if damage == "gone":
        file.unlink()
    else:
        file.write_text(file.read_text() + f"sub_{'0' * 32}\n")
    with pytest.raises(WrongUseError, match="propose a new run"):
        await people_commands.confirm_retention(settings, found.run, "dpo", "dpo-demo")


async def test_a_run_that_there_is_not_is_told(settings: Settings) -> None:
    """A number that names no run, and a community that there is not, are refused with a sentence."""
    with pytest.raises(WrongUseError, match="no retention run"):
        await people_commands.confirm_retention(settings, "ret_00000000", "dpo", "dpo-demo")
    with pytest.raises(WrongUseError, match="no community"):
        await people_commands.propose_retention(settings, "nowhere")
