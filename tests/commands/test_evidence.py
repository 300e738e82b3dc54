"""`barograph keys` and `barograph receipt`: what they print, and their exit codes."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from barograph.cli import app
from barograph.init import NewCommunity, initialise
from barograph.notary_side import sign_now, trees_of
from barograph.station import opened_station
from contracts.evidence import Promise, ProvenReceipt, SignedReceipt
from ledger.log import TopicPartition
from ledger.receipts import qr_text, receipt_json, sign_promise
from runtime.home import Home
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
            body={"tracking": "0" * 64, "channel": "counter", "story": "虚构"},
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


@pytest.fixture
def proven(home: Path, receipt: SignedReceipt) -> ProvenReceipt:
    """The receipt, once the notary has signed a tree that holds its record."""
    asyncio.run(sign_now(Settings(home=home)))
    with closing(trees_of(Home(home))) as trees:
        tree, path, _ = trees.inclusion(TopicPartition(receipt.topic, receipt.partition), receipt.offset)
    return ProvenReceipt(receipt=receipt, checkpoint=tree.note, inclusion=tuple(step.hex() for step in path))


def test_a_proof_is_checked(home: Path, tmp_path: Path, proven: ProvenReceipt) -> None:
    """With the log, the proof and the notary's signature hold; off line, only the proof can be said to."""
    file = tmp_path / "proven.json"
    file.write_bytes(receipt_json(proven))
    told = json.loads(barograph(home, "receipt", "verify", file, "--json").stdout)
    assert (told["ok"], told["not_checked"]) == (True, [])
    off_line = json.loads(barograph(home, "receipt", "verify", file, "--key", public(home), "--json").stdout)
    assert off_line["ok"]
    assert "its proof leads to the root of its checkpoint" in off_line["checked"]
    assert "whether the notary signed that checkpoint: give --ledger" in off_line["not_checked"]


@pytest.mark.parametrize("wrong", ["root", "path", "signature", "origin", "text"])
def test_a_proof_that_fails_makes_the_receipt_fail(
    home: Path, tmp_path: Path, proven: ProvenReceipt, wrong: str
) -> None:
    """Another root, path, signature or tree, or no checkpoint at all: the receipt is not good."""
    lines = proven.checkpoint.split("\n")
    other = base64.b64encode(bytes(32)).decode()
    checkpoint = {
        "root": "\n".join([*lines[:2], other, *lines[3:]]),
        "signature": "\n".join([*lines[:2], lines[2], "extension", *lines[3:]]),
        "origin": "\n".join([f"{lines[0]}0", *lines[1:]]),
        "text": "fictional\n",
    }.get(wrong, proven.checkpoint)
    path = ("00" * 32, *proven.inclusion) if wrong == "path" else proven.inclusion
    file = tmp_path / "proven.json"
    changes = {"checkpoint": checkpoint, "inclusion": path}
    file.write_bytes(receipt_json(proven.model_copy(update=changes)))
    done = barograph(home, "receipt", "verify", file, "--json")
    assert (done.exit_code, len(json.loads(done.stdout)["failed"])) == (1, 1)


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
