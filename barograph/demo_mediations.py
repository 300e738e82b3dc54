"""The demo's mediations: made up, as everything in it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from PIL import Image, ImageDraw

from barograph.families import family_rules
from barograph.station import Station, wall_clock
from contracts.base import DAY_MS
from contracts.grievance import MediaType
from contracts.reference import Register
from ledger.blobs import BlobFolder
from runtime import embedded
from runtime.submit import Receipt
from services.filing import content_of, stored
from services.mediation.desk import FAMILY, MediationDesk, Wish

_FIRST = {
    "origin": "oral",
    "dispute": "neighbours",
    "amount": 600_000,
    "story": "楼上漏水泡坏了楼下的天花板和衣柜，双方对赔多少说不到一起。（演示内容）",
    "name_a": "虚构居民甲",
    "telephone_a": "000-0000-0101",
    "name_b": "虚构居民乙",
    "telephone_b": "000-0000-0102",
}
_SECOND = {
    "origin": "initiative",
    "dispute": "property_management",
    "amount": 120_000,
    "story": "停车费涨价后业主拒交物业费，物业停了门禁卡。（演示内容）",
    "name_a": "虚构业主丙",
    "telephone_a": "000-0000-0103",
    "kind_b": "organisation",
    "name_b": "虚构物业公司",
}


_THIRD = {
    "origin": "written",
    "dispute": "contract",
    "amount": 480_000,
    "story": "装修完工后墙面开裂，业主扣下尾款，装修队要求付清。（演示内容）",
    "name_a": "虚构装修队长丁",
    "telephone_a": "000-0000-0104",
    "name_b": "虚构业主戊",
    "telephone_b": "000-0000-0105",
}


class _File(NamedTuple):
    """A file that is attached; see services.filing.File."""

    name: str
    content: bytes
    media_type: MediaType
    original: None = None


class _Step(NamedTuple):
    command: str
    body: Mapping[str, Any]
    as_mediator: bool = False
    file: _File | None = None


async def mediate(station: Station, unit: str) -> None:
    """One whose agreement waits for signatures, one agreed by word of mouth and partly performed, one seen through."""
    register = await station.register.catch_up()
    clerk, mediator = _holder(register, "clerk"), _holder(register, "mediator")
    desk = MediationDesk(station.submitter, station.register, wall_clock)
    stories = ((_FIRST, _written()), (_SECOND, _oral()), (_THIRD, _seen_through(mediator)))
    for number, (start, steps) in enumerate(stories):
        key = f"demo-mediation-{number}"
        begins = mediator if start["origin"] == "initiative" else clerk
        last = await desk.start(begins, unit, start, key)
        subject = last.subject
        if begins == clerk:
            name = {"mediator": mediator, "choice": "assigned"}
            await desk.say(Wish(clerk, unit, "name_mediator", name, f"{key}-name", subject))
        for at, step in enumerate(steps):
            who = mediator if step.as_mediator else clerk
            wish = Wish(who, unit, step.command, step.body, f"{key}-{at}", subject, step.as_mediator)
            if step.file is not None:
                secret = await desk.file_key(wish, content_of(step.file))
                kept = await asyncio.to_thread(stored, BlobFolder(station.home.blobs), step.file, secret)
                wish = wish._replace(body={**step.body, **kept})
            if step.command == "sign":
                drawn_up = await _fingerprint(station, last)
                wish = wish._replace(body={**step.body, "fingerprint": drawn_up})
            last = await desk.say(wish)


async def _fingerprint(station: Station, last: Receipt) -> str:
    """The fingerprint of the agreement that was drawn up last in this partition, once it is decided."""
    rules = family_rules()[FAMILY]
    workers = embedded.make_workers(station.log, station.ledger, rules, wall_clock)
    await embedded.catch_up(workers)
    topic = f"{FAMILY}.events"
    end = await station.log.end_offset(topic, last.partition)
    records = await station.log.read(topic, last.partition, 0, end)
    events = [
        one for record in records for one in orjson.loads(record.value or b"")["data"].get("events", ())
    ]
    return next(
        str(one["data"]["fingerprint"]) for one in reversed(events) if one["type"] == f"{FAMILY}.drawn_up.v1"
    )


def _holder(register: Register, role: str) -> str:
    operator = register.history.administrator
    return next(one.person for one in register.appointments() if one.role == role and one.person != operator)


def _begin() -> Iterator[_Step]:
    for party in (1, 2):
        yield _Step("serve_rights_notice", {"party": party, "manner": "read_out"})
        yield _Step("record_consent", {"party": party, "consents": True})
    note = "双方到场，逐项核对损失和责任，提出了调解方案。（演示内容）"
    yield _Step("hold_session", {"sitting": "joint", "present": (1, 2), "note": note}, as_mediator=True)


def _attach(paper: str, name: str, content: bytes, media_type: MediaType = "text/plain") -> _Step:
    told = {"paper": paper, "whose": "reporter"}
    return _Step("attach", told, file=_File(name, content, media_type))


def _identity() -> Iterator[_Step]:
    for side in ("甲方", "乙方"):
        yield _attach("identity", f"{side}身份证明.txt", f"{side}身份证明，虚构，仅供演示。".encode())


def _picture(*shapes: tuple[tuple[int, int, int, int], str]) -> bytes:
    """A PNG of ellipses on grey, each in its colour: nobody's photograph."""
    image = Image.new("RGB", (480, 320), "#d9d9d4")
    for box, colour in shapes:
        ImageDraw.Draw(image).ellipse(box, fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _written() -> Iterator[_Step]:
    yield from _begin()
    yield from _identity()
    stain = _picture(((120, 60, 380, 250), "#c9bd9a"), ((170, 100, 300, 200), "#a8966b"))
    yield _attach("evidence", "天花板照片.png", stain, "image/png")
    later = wall_clock() + 20 * DAY_MS
    obligations = (
        {"kind": "pay", "due_at": later, "debtor": 2, "creditor": 1, "amount": 350_000},
        {"kind": "repair", "due_at": later, "debtor": 2, "creditor": 1},
    )
    terms = "一、乙方赔偿甲方衣柜和天花板损失三千五百元。二、乙方修好卫生间防水，甲方予以配合。（演示内容）"
    yield _Step("draw_up", {"terms": terms, "obligations": obligations, "total": 350_000}, as_mediator=True)


def _oral() -> Iterator[_Step]:
    yield from _begin()
    later = wall_clock() + 10 * DAY_MS
    obligations = (
        {"kind": "pay", "due_at": later, "debtor": 1, "creditor": 2, "amount": 120_000},
        {"kind": "give_back", "due_at": later, "debtor": 2, "creditor": 1},
    )
    terms = "甲方分两次付清物业费一千二百元，乙方当天恢复门禁卡。（演示内容）"
    yield _Step(
        "agree_orally", {"terms": terms, "obligations": obligations, "total": 120_000}, as_mediator=True
    )
    paid = {"obligation": 1, "amount": 60_000, "note": "付了第一笔。（演示内容）"}
    yield _Step("record_performance", paid)
    yield _Step("record_performance", {"obligation": 2, "whole": True, "note": "门禁卡已恢复。（演示内容）"})
    yield from _identity()
    yield _attach("receipt", "收条.txt", "今收到物业费六百元。虚构，仅供演示。".encode())


def _seen_through(mediator: str) -> Iterator[_Step]:
    yield _attach("application", "调解申请书.txt", "申请调解装修尾款纠纷。虚构，仅供演示。".encode())
    yield from _identity()
    yield from _begin()
    later = wall_clock() + 5 * DAY_MS
    owed = {"kind": "pay", "due_at": later, "debtor": 2, "creditor": 1, "amount": 400_000}
    terms = "一、甲方三日内修补墙面裂缝。二、修好后乙方付清尾款四千元。（演示内容）"
    repair = {"kind": "repair", "due_at": later, "debtor": 1, "creditor": 2}
    agreement = {"terms": terms, "obligations": (owed, repair), "total": 400_000}
    yield _Step("draw_up", agreement, as_mediator=True)
    for party in (1, 2):
        yield _Step("sign", {"manner": "on_paper", "party": party})
    yield _Step("sign", {"manner": "on_paper", "mediator": mediator}, as_mediator=True)
    yield _Step("sign", {"manner": "on_paper"})
    seal = _picture(((180, 100, 300, 220), "#b3262b"), ((190, 110, 290, 210), "#d9d9d4"))
    yield _attach("agreement", "签字盖章页.png", seal, "image/png")
    yield _Step("record_performance", {"obligation": 2, "whole": True, "note": "裂缝已修补。（演示内容）"})
    paid = {"obligation": 1, "amount": 400_000, "note": "尾款当面付清。（演示内容）"}
    yield _Step("record_performance", paid)
    yield _attach("receipt", "收条.txt", "今收到装修尾款四千元。虚构，仅供演示。".encode())
    yield _Step("record_visit", {"met": True, "note": "双方都说没有其他纠纷。（演示内容）"})
