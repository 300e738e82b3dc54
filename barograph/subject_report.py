"""The report to a data subject as one page, in Chinese and English: what is on record about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from contracts.reference import Register

_TEMPLATES = Path(__file__).parent / "templates"

FIELDS: Mapping[str, str] = {
    "reporter_name": "姓名 Name",
    "resident_name": "姓名 Name",
    "birth_year": "出生年份 Year of birth",
    "telephone": "电话 Telephone",
    "address": "地址 Address",
    "title": "标题 Subject",
    "story": "诉求内容 What was said",
    "note": "办理记录 Note",
    "reply": "答复 Reply",
    "remedy": "其他救济途径 Other remedy named",
}
EVENTS: Mapping[str, str] = {
    "lodged": "登记 Lodged",
    "accepted": "受理 Accepted",
    "not_accepted": "不予受理 Not accepted",
    "assigned": "分派 Assigned",
    "referred": "转办 Referred within",
    "progress_recorded": "办理进展 Progress recorded",
    "replied": "答复 Replied",
    "resolved": "办结 Resolved",
    "closed": "结案 Closed",
    "reopened": "重新办理 Reopened",
    "triaged": "分类甄别 Triaged",
    "returned": "转办退回 Referral returned",
    "extension_asked": "申请延期 Extension asked for",
    "extension_decided": "审批延期 Extension decided on",
    "urged": "督办 Urged",
    "escalated": "逐级上报 Passed up the chain",
    "reclassification_proposed": "申请重新分类 Reclassification proposed",
    "reclassification_decided": "审批重新分类 Reclassification decided on",
    "recused": "承办人回避 Handler recused",
    "service_recorded": "送达 Service recorded",
    "review_requested": "复查复核申请 Review requested",
    "review_answered": "复查复核意见 Review answered",
    "occurrence_recorded": "情况记录 Occurrence recorded",
    "overdue": "超期 Deadline passed",
}
PURPOSES: Mapping[str, str] = {
    "casework": "查看诉求页面 Case page",
    "worklist": "查看工作列表 Worklist",
    "receipt": "回执 Receipt",
    "supervision": "督办 Supervision",
    "disclosure": "向审计员披露 Disclosure to an auditor",
    "subject_search": "查找本人 Search for a person",
    "subject_report": "本人报告 Report to the person",
    "household": "查看住户页面 Household page",
}


def as_html(report: Mapping[str, Any], register: Register) -> str:
    """The report as a page that stands alone."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    units = {unit.unit: unit.name for unit in register.units()}
    template = environment.get_template("subject-report.html")
    return template.render(
        report=report, fields=FIELDS, events=EVENTS, purposes=PURPOSES, units=units, when=_when
    )


def _when(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M} UTC"
