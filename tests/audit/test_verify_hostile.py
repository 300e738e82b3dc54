"""What is no bundle is refused with a sentence and exit code 2: never a traceback, never much memory."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit import verify
from tests.audit.bundles import VERIFIER, Files, files_of, judge, records, rehashed, told, zipped

MEMORY = 700 * 1024 * 1024
"""The address space that the verifier may take in these tests, in bytes."""


def limited(bundle: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run verify.py in a process that may not take much memory."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [sys.executable, "-I", str(VERIFIER), str(bundle), *options]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        preexec_fn=limit,
    )


def archive(path: Path, *members: tuple[zipfile.ZipInfo, bytes], kind: int = zipfile.ZIP_STORED) -> Path:
    """A zip of these members, two of one name included."""
    with zipfile.ZipFile(path, "w", kind) as file:
        for info, content in members:
            info.compress_type = kind
            file.writestr(info, content)
    return path


def _named(name: str) -> Callable[[Files, Path], Path]:
    return lambda files, path: zipped({**files, name: b"x"}, path)


def _not_a_zip(_: Files, path: Path) -> Path:
    path.write_bytes(b"not a zip" * 1000)
    return path


def _empty(_: Files, path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _cut(part: float) -> Callable[[Files, Path], Path]:
    def make(files: Files, path: Path) -> Path:
        content = zipped(files, path).read_bytes()
        path.write_bytes(content[: int(len(content) * part)])
        return path

    return make


def _bomb(_: Files, path: Path) -> Path:
    return archive(path, (zipfile.ZipInfo("manifest.json"), bytes(300_000_000)), kind=zipfile.ZIP_DEFLATED)


def _twice(_: Files, path: Path) -> Path:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return archive(path, *[(zipfile.ZipInfo("manifest.json"), b"{}")] * 2)


def _patched(files: Files, path: Path, at: int, layout: str, value: int) -> Path:
    """The bundle with one field of the first entry of the zip's directory changed."""
    content = bytearray(zipped(files, path).read_bytes())
    struct.pack_into(layout, content, content.index(b"PK\x01\x02") + at, value)
    path.write_bytes(content)
    return path


def _encrypted(files: Files, path: Path) -> Path:
    return _patched(files, path, 8, "<H", 1)


def _huge(files: Files, path: Path) -> Path:
    _patched(files, path, 20, "<L", 0xFFFF_FFF0)
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 0xFFFF_FFF0)
    path.write_bytes(content)
    return path


def _overlapping(_: Files, path: Path) -> Path:
    """Many entries of the directory that all point at one large member."""
    content = archive(path, (zipfile.ZipInfo("records/a"), bytes(1_000_000))).read_bytes()
    start = content.index(b"PK\x01\x02")
    one = content[start:-22]
    names = [f"records/{number}".encode().ljust(len("records/a"), b"0") for number in range(10)]
    directory = b"".join(one.replace(b"records/a", name[: len("records/a")]) for name in names)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(directory), start, 0)
    path.write_bytes(content[:start] + directory + end)
    return path


def _million(_: Files, path: Path) -> Path:
    """A directory of a million members."""
    head = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0
    )
    directory = b"".join(head + b"%07d" % number for number in range(1_000_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    path.write_bytes(directory + end)
    return path


def _lying_count(_: Files, path: Path) -> Path:
    """The same, and its end says that there is one."""
    content = bytearray(_million({}, path).read_bytes())
    struct.pack_into("<2H", content, len(content) - 22 + 8, 1, 1)
    path.write_bytes(content)
    return path


def _commented(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(zipped(files, path), "a") as file:
        file.comment = b"hello"
    return path


def _prefixed(files: Files, path: Path) -> Path:
    path.write_bytes(b"#!/bin/sh\n" + zipped(files, path).read_bytes())
    return path


def _manifest(change: Callable[[Files], bytes]) -> Callable[[Files, Path], Path]:
    return lambda files, path: zipped({**files, "manifest.json": change(files)}, path)


def _of_manifest(**changes: object) -> Callable[[Files, Path], Path]:
    return lambda files, path: zipped(told(files, "manifest.json", lambda m: m.update(changes)), path)


HOSTILE: dict[str, Callable[[Files, Path], Path]] = {
    "not a zip": _not_a_zip,
    "empty": _empty,
    "cut in the middle": _cut(0.5),
    "cut near the end": _cut(0.999),
    "zip bomb": _bomb,
    "a name twice": _twice,
    "encrypted": _encrypted,
    "huge size": _huge,
    "overlapping members": _overlapping,
    "a million members": _million,
    "a million members, one told": _lying_count,
    "a comment": _commented,
    "something before it": _prefixed,
    "path traversal": _named("../../etc/cron.d/x"),
    "traversal within": _named("records/../../x"),
    "absolute name": _named("/etc/passwd"),
    "drive letter": _named("C:/x"),
    "backslashes": _named("records\\..\\x"),
    "a hidden file": _named(".bashrc"),
    "control characters in a name": _named("a\x1b[2Jb"),
    "no manifest": lambda files, path: zipped({k: v for k, v in files.items() if k != "manifest.json"}, path),
    "no ledger": lambda files, path: zipped(
        told(files, "manifest.json", lambda m: m["as_of"].pop("ledger")), path
    ),
    "manifest: deep": _manifest(lambda _: b'{"a":' * 200_000),
    "manifest: deep list": _manifest(lambda _: b"[" * 5_000_000),
    "manifest: not UTF-8": _manifest(lambda files: files["manifest.json"].replace(b"led_", b"l\xffd_")),
    "manifest: UTF-16": _manifest(lambda files: files["manifest.json"].decode().encode("utf-16")),
    "manifest: repeated member": _manifest(lambda f: f["manifest.json"].replace(b"{", b'{"format":"x",', 1)),
    "manifest: a list": _manifest(lambda _: b"[]"),
    "manifest: NaN": _manifest(lambda f: f["manifest.json"].replace(b"{", b'{"x":NaN,', 1)),
    "manifest: long number": _manifest(
        lambda f: f["manifest.json"].replace(b"{", b'{"x":' + b"9" * 100_000 + b",", 1)
    ),
    "manifest: too long": _manifest(lambda files: files["manifest.json"] + b" " * verify.MAX_STATEMENT),
    "manifest: another format": _of_manifest(format="barograph-bundle-2"),
    "manifest: files of no shape": _of_manifest(files=[]),
    "manifest: hashes of no shape": _of_manifest(files={"a": {"sha256": 1, "bytes": 1}}),
    "manifest: scope of no shape": _of_manifest(scope={"units": "demo"}),
    "manifest: scope of strange units": _of_manifest(scope={"units": [1]}),
    "manifest: unknown scope": _of_manifest(scope={"zone": "z1"}),
    "manifest: scope of strange times": _of_manifest(scope={"from": "yesterday"}),
    "manifest: no sizes": _of_manifest(as_of=7),
    "manifest: strange sizes": _of_manifest(as_of={"ledger": {"0": -1}}),
    "manifest: strange topics": _of_manifest(as_of={"../x": {"0": 1}}),
    "manifest: strange partitions": _of_manifest(as_of={"ledger": {"00": 1}}),
    "manifest: true as a size": _of_manifest(as_of={"ledger": {"0": True}}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_bundle_is_refused(whole: Files, tmp_path: Path, name: str) -> None:
    """Exit code 2 and one sentence, within bounded memory."""
    found = limited(HOSTILE[name](whole, tmp_path / "b.zip"))
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("verify: ")
    assert found.stderr.count("\n") == 1
    assert "Traceback" not in found.stderr
    assert found.stderr.rstrip("\n").isprintable()


RECORDS = "records/grievance.submissions/0.jsonl"
LINES: dict[str, bytes] = {
    "no newline": b'{"offset":0,"timestamp":0,"key":null,"value":null}',
    "too long": b" " * (verify.MAX_LINE + 1) + b"\n",
    "very long": b"9" * (3 * verify.MAX_LINE),
    "deep": b"[" * 1_000_000 + b"\n",
    "not JSON": b"{\n",
    "not UTF-8": b'{"offset":0,"timestamp":0,"key":"\xff","value":null}\n',
    "a lone surrogate": b'{"offset":0,"timestamp":0,"key":"\\ud800","value":null}\n',
    "a repeated member": b'{"offset":0,"offset":0,"timestamp":0,"key":null,"value":null}\n',
    "a member more": b'{"offset":0,"timestamp":0,"key":null,"value":null,"x":1}\n',
    "a member less": b'{"offset":0,"timestamp":0,"key":null}\n',
    "both": b'{"offset":0,"timestamp":0,"key":null,"key64":"","value":null}\n',
    "bad base64": b'{"offset":0,"timestamp":0,"key":null,"value64":"!"}\n',
    "loose base64": b'{"offset":0,"timestamp":0,"key":null,"value64":"QR=="}\n',
    "a number for text": b'{"offset":0,"timestamp":0,"key":1,"value":null}\n',
    "a text for a number": b'{"offset":"0","timestamp":0,"key":null,"value":null}\n',
    "true for a number": b'{"offset":false,"timestamp":0,"key":null,"value":null}\n',
    "a fraction": b'{"offset":0,"timestamp":0.5,"key":null,"value":null}\n',
    "a negative offset": b'{"offset":-1,"timestamp":0,"key":null,"value":null}\n',
    "an offset out of range": b'{"offset":9223372036854775808,"timestamp":0,"key":null,"value":null}\n',
    "a time out of range": b'{"offset":0,"timestamp":9223372036854775808,"key":null,"value":null}\n',
    "an infinite time": b'{"offset":0,"timestamp":Infinity,"key":null,"value":null}\n',
    "a list": b"[]\n",
    "nothing on a line": b"\n",
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_is_no_record_is_named(whole: Files, tmp_path: Path, name: str) -> None:
    """The bundle differs, and the line is named; within bounded memory."""
    found = limited(zipped(rehashed({**whole, RECORDS: LINES[name]}), tmp_path / "b.zip"), "--json")
    assert (found.returncode, found.stderr) == (1, "")
    assert "line 1" in json.loads(found.stdout)["checks"]["records"]["first"]


STATEMENTS = ["figures.json", "keys.json", "prov.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a":' * 100_000, b'{"a":1,"a":1}', b"\xff", b"{}"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_of_no_shape_are_differences(
    whole: Files, tmp_path: Path, name: str, content: bytes
) -> None:
    """A statement that cannot be read differs; nothing else comes of it."""
    assert judge(zipped(rehashed({**whole, name: content}), tmp_path / "b.zip")).code == 1


@pytest.mark.parametrize("name", [*STATEMENTS, RECORDS, "manifest.json"])
def test_nesting_just_short_of_the_limit_is_no_traceback(whole: Files, tmp_path: Path, name: str) -> None:
    """What the parser still reads may be too deep for what comes after it."""
    for depth in range(880, 1000, 8):
        deep = b"[" * depth + b"]" * depth
        content = b'{"received":' + deep + b"}" + (b"\n" if name == RECORDS else b"")
        files = {**whole, name: content}
        found = judge(zipped(files if name == "manifest.json" else rehashed(files), tmp_path / "b.zip"))
        assert found.code in (1, 2)


def test_differences_without_end_take_no_memory(whole: Files, tmp_path: Path) -> None:
    """Of many differences the first few are told, and the others counted."""
    line = b'{"offset":%d,"timestamp":0,"key":null,"value":"x"}\n'
    files = {**whole, RECORDS: b"".join(line % number for number in range(50_000))}
    found = json.loads(limited(zipped(rehashed(files), tmp_path / "b.zip"), "--json").stdout)
    assert found["checks"]["signatures"]["differences"] == 50_000
    text = limited(tmp_path / "b.zip").stdout
    assert "49995 more" in text
    assert len(text) < 10_000


def test_hostile_text_does_not_reach_the_terminal(whole: Files, tmp_path: Path) -> None:
    """Control characters in what is reported are shown as something else."""
    files = told(whole, "figures.json", lambda figures: figures.update(received="\x1b[2J\x07" + "x" * 5000))
    found = limited(zipped(rehashed(files), tmp_path / "b.zip"))
    assert found.returncode == 1
    assert "\x1b" not in found.stdout
    assert max(map(len, found.stdout.splitlines())) < 400


# --- files that the auditor brings along ------------------------------------------------------------------

GIVEN: dict[str, tuple[str, bytes]] = {
    "receipt: not JSON": ("--receipt", b"hello"),
    "receipt: a list": ("--receipt", b"[]"),
    "receipt: within a list": ("--receipt", b'{"receipt":[]}'),
    "receipt: empty": ("--receipt", b"{}"),
    "receipt: deep": ("--receipt", b'{"receipt":' * 100_000),
    "receipt: repeated member": (
        "--receipt",
        b'{"type":"barograph.receipt.v1","type":"barograph.receipt.v1"}',
    ),
    "receipt: not complete": ("--receipt", b'{"type":"barograph.receipt.v1"}'),
    "checkpoint: not UTF-8": ("--checkpoint", b"\xff\n"),
    "checkpoint: no signature": ("--checkpoint", b"a\n1\nb\n"),
    "checkpoint: signature first": ("--checkpoint", "\u2014 a b\n".encode()),
    "checkpoint: text": ("--checkpoint", b"hello"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    whole_bundle: Path, tmp_path: Path, name: str
) -> None:
    """A receipt or checkpoint of wrong shape: a sentence that names the file, and exit code 2."""
    option, content = GIVEN[name]
    (tmp_path / "given").write_bytes(content)
    verdict = judge(whole_bundle, option, str(tmp_path / "given"))
    assert verdict.code == 2
    assert str(tmp_path / "given") in verdict.complaint


def test_wrong_use_is_refused(whole_bundle: Path, tmp_path: Path) -> None:
    """No such file, a folder that is none, keys and hashes that are none: exit code 2."""
    for options in (
        [str(tmp_path / "absent.zip")],
        [str(tmp_path)],
        [str(whole_bundle), "--receipt", str(tmp_path / "absent")],
        [str(whole_bundle), "--checkpoint", str(tmp_path)],
        [str(whole_bundle), "--witness", "witness.example"],
        [str(whole_bundle), "--witness", "w+00000000+" + "A" * 44],
        [str(whole_bundle), "--genesis", "abc"],
    ):
        verdict = judge(Path(options[0]), *options[1:])
        assert verdict.code == 2, options
        assert verdict.complaint.startswith("verify: ")


# --- a folder ---------------------------------------------------------------------------------------------


def unpacked(files: Files, folder: Path) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_an_unpacked_bundle_is_verified_in_its_folder(whole: Files, tmp_path: Path) -> None:
    """The verify.py inside, run without arguments, verifies the folder that it is in."""
    folder = unpacked(whole, tmp_path / "b")
    found = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), "--json"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    assert json.loads(found.stdout)["checks"]["files"]["notes"] == []


def test_what_is_odd_in_a_folder_is_named(whole: Files, tmp_path: Path) -> None:
    """A file more is named; a link counts as a missing file, and is not followed."""
    folder = unpacked(whole, tmp_path / "b")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "README.txt").unlink()
    (folder / "README.txt").symlink_to(os.devnull)
    first = judge(folder).report["checks"]["files"]
    assert first["differences"] == 2
    assert ".DS_Store" in first["first"]


# --- at random --------------------------------------------------------------------------------------------


class Spans:
    """Where the contents of a zip's members stand in it."""

    def __init__(self, bundle: Path) -> None:
        self.spans: list[tuple[int, int]] = []
        with zipfile.ZipFile(bundle) as file:
            content = bundle.read_bytes()
            for member in file.infolist():
                name, extra = struct.unpack_from("<2H", content, member.header_offset + 26)
                start = member.header_offset + 30 + name + extra
                self.spans.append((start, start + member.file_size))

    def holds(self, at: int) -> bool:
        """Whether this byte is in a file."""
        return any(start <= at < end for start, end in self.spans)


@pytest.fixture(scope="module")
def small(whole: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Spans]:
    """The bundle as bytes, and where its files' contents are."""
    path = zipped(whole, tmp_path_factory.mktemp("small") / "b.zip")
    return path.read_bytes(), Spans(path)


@settings(max_examples=60)
@given(seed=st.randoms(use_true_random=False), anywhere=st.booleans(), flips=st.integers(1, 3))
def test_a_flipped_byte_never_passes(
    small: tuple[bytes, Spans],
    tmp_path_factory: pytest.TempPathFactory,
    seed: random.Random,
    anywhere: bool,
    flips: int,
) -> None:
    """Bytes flipped in a file's content are found; in the zip's own, they are refused or mean nothing."""
    content, spans = bytearray(small[0]), small[1]
    # Half of the examples look at the zip's directory, which is at the end.
    places = [seed.randrange(0 if anywhere else len(content) - 4000, len(content)) for _ in range(flips)]
    for at in set(places):
        content[at] ^= seed.randrange(1, 256)
    path = tmp_path_factory.getbasetemp() / "flipped.zip"
    path.write_bytes(content)
    verdict = judge(path)
    assert verdict.code in (0, 1, 2)
    if any(map(spans.holds, places)):
        assert verdict.code in (1, 2)
    if verdict.code == 0:
        assert files_of(path) == files_of_bytes(small[0])


def files_of_bytes(content: bytes) -> Files:
    """What is in a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


@settings(max_examples=40)
@given(seed=st.randoms(use_true_random=False))
def test_nothing_that_a_forger_writes_ends_in_a_traceback(
    whole: Files, tmp_path_factory: pytest.TempPathFactory, seed: random.Random
) -> None:
    """A file changed at random, and the manifest mended: never ok, unless its records are the same ones."""
    name = seed.choice(sorted(whole.keys() - {"README.txt", "verify.py"}))
    content = bytearray(whole[name] or b"x")
    for _ in range(seed.randrange(1, 4)):
        at = seed.randrange(len(content) + 1)
        content[at : at + seed.randrange(3)] = seed.choice(
            [b"", b'"', b"{", b"\n", b"0", b"null", b"\xff", b"[]"]
        )
    files = {**whole, name: bytes(content)}
    if name != "manifest.json":
        files = rehashed(files)
    path = tmp_path_factory.getbasetemp() / "forged.zip"
    verdict = judge(zipped(files, path))
    assert verdict.code in (0, 1, 2)
    if verdict.code == 0 and name.startswith("records/"):
        place = name[len("records/") : -len(".jsonl")]
        assert records(files, place) == records(whole, place)
