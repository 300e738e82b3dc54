"""What a bundle states beside its records: definitions, figures, and what was derived from what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.base import sha256_hex
from contracts.figures import AsOf, compute
from contracts.reference import Register
from ledger.stored_zip import indented
from services.audit.cases import Books

FAMILY_OF_FIGURES = "grievance"


def policies(register: Register) -> dict[str, bytes]:
    """Each policy in force: the name of its file → its content."""
    return {
        f"policy.{policy.policy}.{policy.version}": indented(policy.model_dump(mode="json"))
        for policy in register.policies()
    }


def stated_figures(books: Books, as_of: AsOf, undecided: int) -> bytes:
    """The figures of the whole ledger, computed from the records that the bundle holds."""
    rest_on = {topic: ends for topic, ends in as_of.items() if topic.partition(".")[0] == FAMILY_OF_FIGURES}
    figures = compute(books.facts(), books.occurrences(), as_of=rest_on, undecided=undecided)
    return indented(figures.model_dump(mode="json"))


def provenance(ledger: str, roots: Mapping[str, str], version: str, figures: bytes | None) -> bytes:
    """What was derived from what, in PROV-JSON (W3C Member Submission, 24 April 2013).

    `roots`: topic/partition → root of its tree, in hexadecimal.
    """
    trees = {f"b:{place}": {"b:root": root, "prov:type": "b:partition"} for place, root in roots.items()}
    families = sorted({place.partition(".")[0] for place in roots if "." in place})
    statement: dict[str, Any] = {
        "prefix": {"b": f"urn:barograph:{ledger}:"},
        "entity": {**trees, "b:definition": {"prov:type": "b:definition"}},
        "agent": {"b:software": {"prov:type": "prov:SoftwareAgent", "b:version": version}},
        "activity": {f"b:decide-{family}": {} for family in families},
        "used": {},
        "wasGeneratedBy": {},
        "wasDerivedFrom": {},
        "wasAssociatedWith": {},
    }
    for family in families:
        activity = f"b:decide-{family}"
        _relate(statement, "wasAssociatedWith", {"prov:activity": activity, "prov:agent": "b:software"})
        for place in (place for place in roots if place.startswith(f"{family}.")):
            made = place.startswith(f"{family}.events/")
            kind = "wasGeneratedBy" if made else "used"
            _relate(statement, kind, {"prov:activity": activity, "prov:entity": f"b:{place}"})
            if made:
                source = f"b:{place.replace('.events/', '.submissions/')}"
                _derive(statement, f"b:{place}", source)
        if family != "register":
            _relate(statement, "used", {"prov:activity": activity, "prov:entity": "b:register.events/0"})
    if figures is not None:
        statement["entity"]["b:figures"] = {"prov:type": "b:figures", "b:sha256": sha256_hex(figures)}
        _derive(statement, "b:figures", "b:definition")
        for place in roots:
            if place.startswith(f"{FAMILY_OF_FIGURES}.events/"):
                _derive(statement, "b:figures", f"b:{place}")
    return indented(statement)


def _derive(statement: dict[str, Any], made: str, source: str) -> None:
    _relate(statement, "wasDerivedFrom", {"prov:generatedEntity": made, "prov:usedEntity": source})


def _relate(statement: dict[str, Any], kind: str, members: dict[str, str]) -> None:
    statement[kind][f"_:{kind}{len(statement[kind])}"] = members


def readme(ledger: str, genesis_hash: str) -> bytes:
    """What is in the bundle, and how to check it, in both languages."""
    return _README.format(ledger=ledger, genesis=genesis_hash).encode()


_README = """\
Barograph evidence bundle / 晴雨计证据包
ledger {ledger}
genesis SHA-256 {genesis}

Check it, off line, with Python 3.9 or later:
用 Python 3.9 或更高版本离线核验：

    python3 verify.py                      (in the unpacked folder / 在解压后的文件夹中)
    python3 verify.py BUNDLE.zip --checkpoint FILE --receipt FILE --witness VKEY --genesis SHA256

Take verify.py from a source that you trust, not from the bundle that you doubt; it is one file. Compare the
genesis hash and a checkpoint with copies that you hold: whoever owns the keys could make another history, but
not one that agrees with a checkpoint handed out before. Signatures are verified where the Python package
`cryptography` is installed; else the checks that were left out are named.
请从可信来源取得 verify.py（只有一个文件），不要只用证据包自带的一份。请将创世哈希与检查点同您自存的副本核对：掌握
密钥者可以另造一段历史，却无法使之与先前发出的检查点一致。装有 cryptography 软件包时核验签名；否则会列明未查的项目。

What it does not tell: whether a decision follows from its rules; that a replay of the log tells (barograph audit).
本程序不核验处理结果是否符合规则；该项须重放日志（barograph audit）。

manifest.json   scope, how far each partition goes, the hash of every file
                范围、各分区截止位置、每个文件的哈希
records/        one line a record: offset, timestamp (ms), key, value; `key64`/`value64` for bytes that are no text
                每行一条记录；非文本字节以 key64、value64 给出
entries/        only in a partial bundle: the 81-byte entry of every record, in or out of scope
                仅部分导出时有：范围内外每条记录的 81 字节条目
checkpoints/    signed checkpoints (C2SP signed-note, tlog-checkpoint), witnesses' lines included
                签名检查点及见证签名
keys.json       public keys as the ledger topic tells of them / 账本所载公钥
definitions/    the frozen definition of the figures, the policies in force / 指标定义与现行政策
figures.json    the figures, computed from these records / 由上述记录计算的数字
prov.json       what was derived from what (PROV-JSON) / 来源关系

Text that is personal stays encrypted here; nothing in this file opens it.
个人信息在此仍为密文，本证据包不含解密所需的密钥。
"""
