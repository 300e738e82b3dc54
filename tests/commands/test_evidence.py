"""`barograph keys` and `barograph receipt`: what they print, and their exit codes."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from barograph import evidence
from barograph.cli import app
from barograph.init import NewCommunity, initialise
from barograph.station import opened_station
from contracts.evidence import Promise, ProvenReceipt, SignedReceipt
from ledger.keys import KnownKey
from ledger.receipts import qr_text, receipt_json, sign_promise
from runtime.settings import Settings
from runtime.submit import Said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SignedReceipt]:
    """A home with one grievance, and its receipt."""
    home = tmp_path_factory.mktemp("made") / "home"
    return home, asyncio.run(_make(Settings(home=home)))


async def _make(settings: Settings) -> SignedReceipt:
    await initialise(settings, NewCommunity("demo", "云溪社区"))
    async with opened_station(settings) as station:
        said = Said(
            family="grievance",
            type="grievance.lodge.v1",
            body={"tracking_number": "0000-0000-0000-0000-0000", "channel": "counter", "story": "虚构"},
            actor=station.ledger.genesis.administrator,
            role="clerk",
            unit="demo",
            key="form-key-1",
            kind="grv",
        )
        return station.submitter.promise(await station.submitter.submit(said))


@pytest.fixture
def receipt(made: tuple[Path, SignedReceipt]) -> SignedReceipt:
    """The receipt of the home's grievance."""
    return made[1]


@pytest.fixture
def home(made: tuple[Path, SignedReceipt], tmp_path: Path) -> Path:
    """A copy of the home."""
    return Path(shutil.copytree(made[0], tmp_path / "home"))


def barograph(home: Path, *words: str | Path) -> Result:
    """Run one command on this home."""
    return CliRunner().invoke(app, ["--home", str(home), *map(str, words)])


def write(path: Path, receipt: SignedReceipt) -> Path:
    """The receipt as a file."""
    path.write_bytes(receipt_json(receipt))
    return path


def public(home: Path) -> str:
    """Intake's public key in force, as `keys list` shows it."""
    listed = json.loads(barograph(home, "keys", "list", "--json").stdout)["keys"]
    return str(next(key["public"] for key in listed if (key["role"], key["state"]) == ("intake", "in force")))


def test_keys_are_listed_with_what_became_of_them(home: Path) -> None:
    """After a rotation the list shows the old key as retired and the new one in force, in this home."""
    first = public(home)
    assert barograph(home, "keys", "rotate", "intake").exit_code == 0
    listed = json.loads(barograph(home, "keys", "list", "--json").stdout)
    states = {(key["role"], key["state"], key["here"]) for key in listed["keys"]}
    assert states == {
        ("intake", "retired", False),
        ("intake", "in force", True),
        ("notary", "in force", True),
    }
    assert listed["flaws"] == []
    assert public(home) != first
    shown = barograph(home, "keys", "list").stdout
    assert all(key["public"] in shown for key in listed["keys"])


@pytest.mark.parametrize("first", [["intake", "--later"], ["notary"]])
def test_a_rotation_in_two_runs(home: Path, first: list[str]) -> None:
    """With --later, and for the notary, which is to be restarted, the old key counts until the second run."""
    assert "then run this again" in barograph(home, "keys", "rotate", *first).stdout
    assert '"leaving"' in barograph(home, "keys", "list", "--json").stdout
    assert "then run this again" not in barograph(home, "keys", "rotate", first[0]).stdout
    assert '"leaving"' not in barograph(home, "keys", "list", "--json").stdout


def test_there_are_two_roles(home: Path) -> None:
    """Another role is wrong use."""
    assert barograph(home, "keys", "rotate", "vault").exit_code == 2


@pytest.mark.parametrize("form", ["json", "qr"])
def test_a_receipt_is_verified_off_line(
    home: Path, tmp_path: Path, receipt: SignedReceipt, form: str
) -> None:
    """With the public key alone, the file and the text of its code are good, and what was left out is said."""
    file = write(tmp_path / "receipt", receipt)
    if form == "qr":
        file.write_text(qr_text(receipt) + "\n")
    done = barograph(tmp_path / "nowhere", "receipt", "verify", file, "--key", public(home))
    assert done.exit_code == 0, done.output
    assert "checked      its signature is that key's" in done.stdout
    assert "not checked  whether the record stands on the log" in done.stdout


def test_a_receipt_is_verified_against_the_log(home: Path, tmp_path: Path, receipt: SignedReceipt) -> None:
    """With the log, the record's place is checked too, also after the key was rotated."""
    file = write(tmp_path / "receipt.json", receipt)
    assert barograph(home, "keys", "rotate", "intake").exit_code == 0
    for words in ((), ("--ledger", home)):
        done = barograph(home, "receipt", "verify", file, *words, "--json")
        told = json.loads(done.stdout)
        assert (done.exit_code, told["ok"], told["failed"]) == (0, True, [])
        assert "the record that it promises stands at its place on the log" in told["checked"]
        assert len(told["not_checked"]) == 1


def test_a_proof_that_is_not_checked_is_said_to_be_so(
    home: Path, tmp_path: Path, receipt: SignedReceipt
) -> None:
    """A receipt with a proof is never called proven where nothing checked the proof."""
    proven = ProvenReceipt(receipt=receipt, checkpoint="fictional\n", inclusion=())
    (tmp_path / "proven.json").write_bytes(receipt_json(proven))
    told = json.loads(barograph(home, "receipt", "verify", tmp_path / "proven.json", "--json").stdout)
    assert told["not_checked"] == ["the proof that the record is in the signed tree"]


@pytest.mark.parametrize("failure", [None, "the proof leads to another root"])
def test_a_proof_is_checked_where_it_can_be(
    home: Path, tmp_path: Path, receipt: SignedReceipt, failure: str | None
) -> None:
    """The proof goes to its check with the notary's keys, and a proof that fails makes the receipt fail."""
    proven = ProvenReceipt(receipt=receipt, checkpoint="fictional\n", inclusion=())
    file = tmp_path / "proven.json"
    file.write_bytes(receipt_json(proven))
    asked: list[tuple[ProvenReceipt, list[str]]] = []

    def check(brought: ProvenReceipt, notaries: Sequence[KnownKey]) -> str | None:
        asked.append((brought, [key.role for key in notaries]))
        return failure

    report = asyncio.run(evidence.verify_receipt(Settings(home=home), file, None, None, check))
    assert asked == [(proven, ["notary"])]
    assert (report.ok, report.failed, report.unchecked) == (failure is None, [failure] if failure else [], [])


def test_another_key_is_not_the_receipts(home: Path, tmp_path: Path, receipt: SignedReceipt) -> None:
    """A receipt under another key than the given one is not good."""
    file = write(tmp_path / "receipt.json", receipt)
    barograph(home, "keys", "rotate", "intake")
    done = barograph(home, "receipt", "verify", file, "--key", public(home))
    assert done.exit_code == 1
    assert done.stdout.count("FAILED") == 2


def test_an_altered_receipt_is_not_good(home: Path, tmp_path: Path, receipt: SignedReceipt) -> None:
    """A receipt whose place was changed fails, and nothing is claimed of the log."""
    altered = receipt.model_copy(update={"offset": 7})
    done = barograph(home, "receipt", "verify", write(tmp_path / "receipt.json", altered))
    assert done.exit_code == 1
    assert "FAILED       grievance.submissions/" in done.stdout
    assert "does not bear the signature" in done.stdout


def test_a_record_that_is_gone_is_not_good(home: Path, tmp_path: Path, receipt: SignedReceipt) -> None:
    """A genuine receipt for a place where the log has nothing is reported."""

    async def later() -> SignedReceipt:
        async with opened_station(Settings(home=home)) as station:
            key = station.home.signing_key("intake")
            told = receipt.model_dump(exclude={"signature"})
            return sign_promise(Promise.model_validate({**told, "offset": 99}), key)

    file = write(tmp_path / "receipt.json", asyncio.run(later()))
    done = barograph(home, "receipt", "verify", file)
    assert done.exit_code == 1
    assert "FAILED       the record that it promises stands at its place" in done.stdout


@pytest.mark.parametrize(
    ("content", "words", "code", "told"),
    [
        (b"{}", ["--key", "x"], 2, "no receipt that is known"),
        (b"BAROGRAPH1 cut", ["--key", "x"], 2, "cut short"),
        (b"x" * 70_000, ["--key", "x"], 2, "more than"),
        (None, ["--key", "x"], 2, "cannot be read"),
        ("receipt", ["--key", "x"], 2, "no public key"),
        ("receipt", ["--key", "虚构"], 2, "no public key"),
        ("receipt", [], 2, "no log in"),
        ("receipt", ["--key", "x", "--ledger", "y"], 2, "not both"),
        ("receipt", ["--ledger", "."], 2, "no log in"),
        ("receipt", ["--ledger", "empty"], 3, "no ledger here"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    tmp_path: Path,
    receipt: SignedReceipt,
    content: bytes | str | None,
    words: list[str],
    code: int,
    told: str,
) -> None:
    """Each is one sentence on standard error with its exit code, and no traceback."""
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(receipt_json(receipt) if isinstance(content, str) else content)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "log.sqlite").touch()
    words = [str(tmp_path / word) if word in (".", "empty") else word for word in words]
    done = barograph(tmp_path / "nowhere", "receipt", "verify", file, *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "log.sqlite").exists()


def test_a_home_with_another_key_does_not_submit(home: Path) -> None:
    """A home whose signing key is not the ledger's is told which file to copy; reading goes on."""
    (home / "keys" / "signing.key").write_bytes(b"\x01" * 32)
    for words in (("init",), ("serve", "intake")):
        done = barograph(home, *words)
        assert (done.exit_code, "copy keys/signing.key" in done.stderr) == (3, True)
    assert barograph(home, "keys", "rotate", "intake").exit_code == 3
    assert barograph(home, "figures").exit_code == 0
