"""Made-up data for the style guide: every part of the kit, with contents of likely length."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from web.forms import Form, FormErrors
from web.pages import Pages

MINUTE = 60_000
DAY = 86_400_000
START = 1_783_058_700_000  # 2026-07-03 14:05 +08:00

LABELS = {
    "title": "Title",
    "story": "Story",
    "count": "Count",
    "zone": "Zone",
    "channel": "Channel",
    "occurred_at": "Occurred at",
    "due": "Due",
    "anonymous": "Anonymous",
}
VALUES = {
    "story": "三号楼二单元楼道照明自上月起不亮，夜间老人出行不便。\n曾两次电话反映，未见维修。",
    "zone": "z2",
}

TEXTS = {
    "zh-CN": {
        "title": "样式手册",
        "lead": "套件的每一个部件，附示例数据。",
        "zones": ("一区（示例里）", "二区（样板街以东）", "三区（虚构巷）"),
        "claims": ("集体访（原文：集体上访）", "造成严重影响的群体性事件", "民转刑恶性案件", "另一项"),
        "figures": ("收到", "办理中", "逾期", "答复用时（中位数）", "90 百分位"),
        "story": "楼道照明不亮，夜间老人出行不便",
        "events": ("登记", "受理", "分派给承办人", "记录进展", "办结"),
        "reason": "该诉求尚未受理，请先受理。",
        "detail": "物业已于当日更换灯具，并约定每周巡查一次。",
        "long": "关于样板街以东二区三号楼二单元楼道照明长期不亮且多次反映未果、老人和儿童夜间出行不便的反映",
    },
    "en": {
        "title": "Style guide",
        "lead": "Every part of the kit, with made-up data.",
        "zones": ("Zone 1 (Example Lane)", "Zone 2 (east of Sample Street)", "Zone 3 (Fiction Alley)"),
        "claims": (
            "Collective petition",
            "Mass incident with serious effect",
            "Civil dispute turned heinous crime",
            "Another",
        ),
        "figures": ("Received", "Open", "Overdue", "Days to reply (median)", "90th percentile"),
        "story": "The lights on the stairs do not work; older people go out in the dark",
        "events": ("Lodged", "Accepted", "Assigned to a handler", "Progress recorded", "Closed"),
        "reason": "The case has not been accepted. Accept it first.",
        "detail": "The property company changed the lamps the same day and will look in once a week.",
        "long": "About the lights on the stairs of building 3, entrance 2, out for weeks despite calls",
    },
}


def guide(pages: Pages, request: Request, *, with_errors: bool) -> dict[str, Any]:
    """The context of the style guide's template, in the visitor's language."""
    formats = pages.formats(request)
    words = TEXTS[formats.language]
    errors = FormErrors(
        {
            "title": (pages.gettext(request)("Fill in this field."),),
            "occurred_at": (pages.gettext(request)("This time lies in the future. Enter when it happened."),),
        }
        if with_errors
        else {}
    )
    values = {**VALUES, "occurred_at": formats.for_input(START), "channel": "counter"}
    return {
        "w": words,
        "form": Form(LABELS, values, errors),
        "zones": list(zip(("z1", "z2", "z3"), words["zones"], strict=True)),
        "cases": _cases(words),
        "events": _events(words),
        "moment": START,
        "series": [3, 4, 4, 6, 5, None, None, 7, 9, 8, 6, 6],
    }


def _cases(words: dict[str, Any]) -> list[dict[str, Any]]:
    states = ("lodged", "accepted", "overdue", "replied", "closed", "not_accepted", "overdue_historical")
    return [
        {
            "number": f"7K3M-{2000 + 17 * at}-QX4T-0VN8-R2DW",
            "title": words["long"] if at == 2 else words["story"],
            "zone": words["zones"][at % 3],
            "state": state,
            "recorded": START + at * 7 * MINUTE,
            "days": 0.5 + at * 1.75,
        }
        for at, state in enumerate(states)
    ]


def _events(words: dict[str, Any]) -> list[dict[str, Any]]:
    outcomes = ("accepted", "accepted", "accepted", "refused", "duplicate")
    return [
        {
            "title": title,
            "recorded": START + at * DAY,
            "occurred": START + at * DAY - (90 * MINUTE if at % 2 else 0),
            "actor": "act_7f3k2q9m",
            "role": "handler",
            "outcome": outcome,
            "position": f"grievance.events 3:{118 + at}",
            "detail": words["reason"] if outcome == "refused" else words["detail"],
        }
        for at, (title, outcome) in enumerate(zip(words["events"], outcomes, strict=True))
    ]
