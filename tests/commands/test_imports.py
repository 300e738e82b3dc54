"""The import command: any mapped file, tried first, killed in the middle, run again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from barograph.demo_aid import enter_programmes
from barograph.init import decide_register
from barograph.station import opened_station
from runtime.settings import Settings
from tests.commands.test_command_line import barograph

EXAMPLES = Path(__file__).parents[2] / "examples" / "maps"
BOSTON = (str(EXAMPLES / "boston-311-style.csv"), "--map", str(EXAMPLES / "boston-311-style.yaml"))
REAL = Path(__file__).parents[3] / "shared/data/grievances-with-replies.xlsx"
MAP = """\
name: test
channel: web
dates: ymd
columns: {source_id: no, lodged_at: opened, accepted_at: taken, closed_at: closed, story: text, reply: said}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a new ledger with community `demo`."""
    assert barograph(tmp_path / "home", "init").returncode == 0
    return tmp_path / "home"


def imports(home: Path, *words: str) -> dict[str, Any]:
    """Import as JSON; the report."""
    found = barograph(home, "import", "grievances", *words, "--community", "demo", "--json")
    assert found.returncode in (0, 1), found.stderr
    report: dict[str, Any] = json.loads(found.stdout)
    return report


def figures(home: Path) -> dict[str, Any]:
    """The figures as of the log's end."""
    found: dict[str, Any] = json.loads(barograph(home, "figures", "--json").stdout)
    found.pop("as_of", None)
    return found


def test_another_citys_export_comes_in_without_code(home: Path) -> None:
    """A dry run lists every problem and submits nothing; the import takes the good rows, once; the audit holds."""
    before = barograph(home, "topics", "--json").stdout
    tried = imports(home, *BOSTON, "--dry-run")
    assert barograph(home, "topics", "--json").stdout == before
    done = imports(home, *BOSTON)
    told = ("rows", "lodged", "accepted", "replied", "closed", "duplicates", "bad", "notes")
    assert [done[name] for name in told] == [tried[name] for name in told]
    assert [done[name] for name in told[:6]] == [6, 4, 0, 2, 3, 1]
    assert [(cell["row"], cell["column"]) for cell in done["bad"]] == [(5, "open_dt"), (6, "closed_dt")]
    found = figures(home)
    assert (found["received"], found["open"], found["closed"], found["duplicates"]) == (4, 1, 3, 1)
    after = barograph(home, "topics", "--json").stdout
    assert imports(home, *BOSTON)["already"] == 11
    assert barograph(home, "topics", "--json").stdout == after
    audit = barograph(home, "audit", "--json")
    assert audit.returncode == 0, audit.stdout


def test_more_rows_come_in_beside_what_was_imported(home: Path, tmp_path: Path) -> None:
    """A longer file adds its new rows; what happened since to an older case is reported, not taken."""
    (tmp_path / "map.yaml").write_text(MAP)
    first, second = "1,2024-1-1,,,dark,", "2,2024-1-2,2024-1-3,2024-1-5,wet,dried"
    file = tmp_path / "rows.csv"
    file.write_text(f"no,opened,taken,closed,text,said\n{first}\n")
    words = (str(file), "--map", str(tmp_path / "map.yaml"))
    assert imports(home, *words)["lodged"] == 1
    closed = first.replace(",,dark", ",2024-2-1,dark")
    file.write_text(f"no,opened,taken,closed,text,said\n{closed}\n{second}\n{second}\n")
    report = imports(home, *words)
    assert [report[name] for name in ("lodged", "accepted", "replied", "closed")] == [1, 1, 1, 1]
    assert [note["row"] for note in report["notes"]] == [2]
    found = figures(home)
    assert (found["received"], found["open"], found["closed"]) == (2, 1, 1)


def test_a_killed_import_goes_on_where_it_was(home: Path, tmp_path: Path) -> None:
    """Kill -9 in the middle and again: the same figures and as many records as without it."""
    (tmp_path / "map.yaml").write_text(MAP)
    rows = [f"{n},2024-1-{n % 27 + 1},2024-2-1,2024-3-{n % 27 + 1},story {n},reply" for n in range(3000)]
    (tmp_path / "rows.csv").write_text("\n".join(["no,opened,taken,closed,text,said", *rows]))
    words = (str(tmp_path / "rows.csv"), "--map", str(tmp_path / "map.yaml"))
    command = [sys.executable, "-m", "barograph", "--home", str(home), "import", "grievances", *words]
    with subprocess.Popen([*command, "--community", "demo"], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while _records(home) < 1000 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert 1000 <= _records(home) < 12_000
    report = imports(home, *words)
    assert report["already"] > 0
    assert report["already"] + sum(report[n] for n in ("lodged", "accepted", "replied", "closed")) == 12_001
    found = figures(home)
    assert (found["received"], found["closed"], found["undecided"]) == (3000, 3000, 0)
    assert _records(home) == 12_002
    assert imports(home, *words)["already"] == 12_002


def _records(home: Path) -> int:
    """Records of the community's submissions, as a stranger to the process sees them."""
    (path,) = home.glob("log.sqlite")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
        query = (
            "SELECT count(*) FROM records JOIN partitions ON partitions.id = records.partition_id "
            "WHERE partitions.topic = 'grievance.submissions'"
        )
        return int(connection.execute(query).fetchone()[0])


def test_a_map_that_is_malformed_is_wrong_use(home: Path, tmp_path: Path) -> None:
    """One sentence with line and key, exit code 2."""
    (tmp_path / "map.yaml").write_text(MAP.replace("ymd", "yyyy"))
    words = (BOSTON[0], "--map", str(tmp_path / "map.yaml"), "--community", "demo")
    found = barograph(home, "import", "grievances", *words)
    assert found.returncode == 2
    assert found.stderr.startswith("barograph: map.yaml, line 3, dates: ")


@pytest.mark.skipif(not REAL.exists(), reason=f"{REAL} is not here")
def test_the_real_messages_come_in_with_their_figures(home: Path) -> None:
    """2,816 rows, 29 repeats, and the known delays."""
    report = imports(home, str(REAL))
    assert [report[name] for name in ("rows", "lodged", "replied", "duplicates")] == [2816, 2816, 2816, 29]
    assert (report["bad"], report["notes"]) == ([], [])
    found = figures(home)
    assert (found["received"], found["closed"], found["duplicates"]) == (2816, 2816, 29)
    assert found["replied_after_days"] == {"15": 1084, "30": 461, "60": 159}
    assert found["reply_days"]["median"] == pytest.approx(11.2, abs=0.05)


DISPUTES = (str(EXAMPLES / "disputes.csv"), "--map", str(EXAMPLES / "disputes.yaml"), "--community", "demo")


def mediations(home: Path) -> list[tuple[str, int]]:
    """Outcome (none where it is pending), and how many imported mediations have it."""
    with contextlib.closing(sqlite3.connect(home / "read-model.sqlite")) as model:
        query = "select outcome, count(*) from g1_mediations where imported group by outcome"
        return model.execute(query).fetchall()


def test_disputes_without_outcomes_have_an_unknown_outcome(home: Path) -> None:
    """Twenty-five disputes over four years are found, each with an unknown outcome; again, nothing is added."""
    first = barograph(home, "import", "mediations", *DISPUTES, "--json")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["rows"], report["lodged"], report["closed"], report["bad"]) == (25, 25, 25, [])
    assert mediations(home) == [("not_told", 25)]
    again = json.loads(barograph(home, "import", "mediations", *DISPUTES, "--json").stdout)
    assert (again["lodged"], again["closed"]) == (0, 0)
    assert mediations(home) == [("not_told", 25)]
    assert barograph(home, "audit").returncode == 0


def test_a_source_that_tells_outcomes_is_read_so(home: Path, tmp_path: Path) -> None:
    """What the source says came of each is told, with the day; what it calls open stays pending."""
    told = tmp_path / "told.yaml"
    told.write_text(
        "name: told\nfamily: mediation\nchannel: letter\ndates: ymd\n"
        "columns: {source_id: no, lodged_at: begun, closed_at: ended, story: text, outcome: end, status: state}\n"
        "values: {status: {open: open, done: closed}, outcome: {yes: agreed, no: failed}}\n"
    )
    file = tmp_path / "told.csv"
    file.write_text(
        "no,begun,ended,text,end,state\n1,2020-01-01,2020-01-11,a,yes,done\n2,2020-02-01,2020-02-03,b,no,done\n"
        "3,2020-03-01,,c,,open\n4,2020-04-02,2020-04-01,d,yes,done\n"
    )
    found = barograph(
        home, "import", "mediations", str(file), "--map", str(told), "--community", "demo", "--json"
    )
    assert [one["problem"] for one in json.loads(found.stdout)["bad"]] == ["earlier than the lodging"]
    assert sorted(mediations(home), key=str) == [("agreed", 1), ("failed", 1), (None, 1)]


def test_a_map_of_grievances_reads_no_mediations(home: Path) -> None:
    """The command says which one to use instead."""
    wrong = barograph(home, "import", "mediations", *BOSTON, "--community", "demo")
    assert wrong.returncode != 0
    assert "barograph import grievances" in wrong.stderr


CONDOLENCES = (
    str(EXAMPLES / "condolences.csv"),
    "--map",
    str(EXAMPLES / "condolences.yaml"),
    "--community",
    "demo",
)


async def _enter_programmes(home: Path) -> None:
    async with opened_station(Settings(home=home)) as station:
        await enter_programmes(station, "demo")
        await decide_register(station)


def given(home: Path) -> tuple[int, int, int, int, int]:
    """Person-times, fen, vehicle trips, services, and known persons of all that was given."""
    with contextlib.closing(sqlite3.connect(home / "read-model.sqlite")) as model:
        query = "select sum(person_times), sum(amount), count(distinct recipient) from g1_grants"
        times, amount, persons = model.execute(query).fetchone()
        things = dict(model.execute("select kind, sum(quantity) from g1_grants group by kind").fetchall())
        return times, amount, things.get("trip", 0), things.get("service", 0), persons


def test_a_year_of_aid_comes_in_without_double_counting(home: Path) -> None:
    """1,130 person-times, 980,000 yuan, 265 trips and 295 services; nobody is named, so no persons are counted."""
    asyncio.run(_enter_programmes(home))
    first = barograph(home, "import", "aid", *CONDOLENCES, "--json")
    assert first.returncode == 0, first.stderr
    assert given(home) == (1130, 98_000_000, 265, 295, 0)
    again = json.loads(barograph(home, "import", "aid", *CONDOLENCES, "--json").stdout)
    assert (again["lodged"], again["closed"]) == (0, 0)
    assert given(home) == (1130, 98_000_000, 265, 295, 0)
    assert barograph(home, "audit").returncode == 0


def test_exact_repeats_of_aid_count_once(home: Path, tmp_path: Path) -> None:
    """4,823 rows that repeat earlier ones word for word are told, and given once; two of one name in two households are two."""
    asyncio.run(_enter_programmes(home))
    rows = [f"{n},{n % 28 + 1:02}/{n % 12 + 1:02}/2025,winter,甲乙丙,{n % 40},800" for n in range(60)]
    repeats = [rows[number % 60] for number in range(4823)]
    bad = [
        "x1,31/02/2025,winter,甲乙丙,1,800",
        "x2,01/02/2025,winter,甲乙丙,1,-5",
        "x3,01/02/2025,none,甲,1,5",
    ]
    file = tmp_path / "aid.csv"
    file.write_text("id,day,programme,name,household,sum\n" + "\n".join([*rows, *repeats, *bad]))
    columns = (
        "{source_id: id, lodged_at: day, story: programme, category: programme, reporter: name, "
        "household: household, amount: sum}"
    )
    told = tmp_path / "map.yaml"
    told.write_text(f"name: book\nfamily: aid\nchannel: counter\ndates: dmy\ncolumns: {columns}\n")
    words = ("import", "aid", str(file), "--map", str(told), "--community", "demo", "--json")
    report = json.loads(barograph(home, *words).stdout)
    assert (report["lodged"], report["duplicates"]) == (60, 4823)
    assert len(report["bad"]) == 3
    assert given(home) == (60, 60 * 80_000, 0, 0, 40)


EMPLOYMENT = ("--map", str(EXAMPLES / "employment.yaml"), "--community", "demo", "--json")


def into_work(home: Path) -> tuple[int, int, int, int]:
    """Cases, persons placed, placements, and how many of the persons placed are named."""
    with contextlib.closing(sqlite3.connect(home / "read-model.sqlite")) as model:
        cases = model.execute("select count(*) from g1_seekers").fetchone()[0]
        query = "select count(distinct coalesce(person, seeker_id)), count(*), count(distinct person) from g1_placements"
        return cases, *model.execute(query).fetchone()


def test_people_helped_into_work_come_in_without_names(home: Path, tmp_path: Path) -> None:
    """1,865 nameless rows over four years are as many persons and placements, none of them named; again adds nothing."""
    kinds = ("企业", "公益性岗位", "自主创业", "外出务工")
    rows = [
        f"{n},{n % 28 + 1:02}/{n % 12 + 1:02}/{2021 + n % 4},28/12/{2021 + n % 4},,登记失业,{kinds[n % 3]},去向"
        for n in range(1865)
    ]
    file = tmp_path / "work.csv"
    file.write_text("序号,登记日期,上岗日期,姓名,人员类别,岗位类别,去向\n" + "\n".join(rows))
    first = barograph(home, "import", "employment", str(file), *EMPLOYMENT)
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["lodged"], report["closed"]) == (1865, 1865)
    assert into_work(home) == (1865, 1865, 1865, 0)
    again = json.loads(barograph(home, "import", "employment", str(file), *EMPLOYMENT).stdout)
    assert (again["lodged"], again["closed"]) == (0, 0)
    assert barograph(home, "audit").returncode == 0


def test_rows_of_employment_say_what_is_wrong(home: Path, tmp_path: Path) -> None:
    """Who is named in two rows is one person and two placements; repeats count once; a placement without a kind is left out."""
    named = ["1,01/03/2024,02/03/2024,甲乙丙,长期失业,企业,厂", "2,01/06/2024,31/05/2024,丁,青年,企业,店"]
    rows = [
        named[0],
        named[0],
        "3,01/08/2024,02/08/2024,甲乙丙,长期失业,公益性岗位,保洁",
        named[1],
        "4,01/08/2024,31/02/2024,,残疾,企业,厂",
        "5,01/08/2024,02/08/2024,,残疾,,厂",
        "6,01/08/2024,,,神仙,,尚未上岗",
    ]
    file = tmp_path / "work.csv"
    file.write_text("序号,登记日期,上岗日期,姓名,人员类别,岗位类别,去向\n" + "\n".join(rows))
    report = json.loads(barograph(home, "import", "employment", str(file), *EMPLOYMENT).stdout)
    assert (report["lodged"], report["closed"], report["duplicates"]) == (3, 2, 1)
    assert sorted(fault["row"] for fault in report["bad"]) == [5, 6, 7]
    assert into_work(home) == (3, 1, 2, 1)
