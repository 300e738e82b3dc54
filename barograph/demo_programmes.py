"""The demo's funds and the nine programmes of aid, with invented sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.programmes import AidKind, Benefit, DefineFundV1, DefineProgrammeV1, Document

HARDSHIP, MUTUAL, GIFTS = "hardship", "mutual", "gifts"
_ACT = "社会救助暂行办法 (2019)"
_UNION = "工会帮扶办法（演示）"
_IDENTITY = Document(document="identity", name="身份证明")
_INCOME = Document(document="income", name="家庭收入证明")
_PAPERS: dict[str, tuple[Document, ...]] = {
    "illness": (Document(document="bills", name="医疗费用结算单"),),
    "tuition": (Document(document="admission", name="录取通知书或在读证明"),),
    "home_repair": (Document(document="estimate", name="修缮预算"),),
    "elderly_care": (Document(document="assessment", name="照料需求评估"),),
}


def funds(unit: str) -> tuple[DefineFundV1, ...]:
    """The funds of the demo community."""
    return (
        DefineFundV1(fund=HARDSHIP, unit=unit, name="虚构特困专项资金", kind="hardship"),
        DefineFundV1(fund=MUTUAL, unit=unit, name="虚构互助金", kind="mutual_aid"),
        DefineFundV1(fund=GIFTS, unit=unit, name="虚构爱心捐赠", kind="donations"),
    )


def programmes(unit: str) -> Iterator[DefineProgrammeV1]:
    """The nine programmes of the demo community. Sums are in fen."""
    for kind, name, benefit, more in _PROGRAMMES:
        limit = more.get("income_limit")
        papers = [_IDENTITY, *([_INCOME] if limit is not None else []), *_PAPERS.get(kind, ())]
        terms = {"fund": HARDSHIP, "source": _ACT, "documents": tuple(papers), **more}
        criteria = f"{name}：面向本社区有此项困难的住户，标准由社区公布。（演示内容）"
        yield DefineProgrammeV1(
            programme=kind, unit=unit, name=name, kind=kind, criteria=criteria, benefit=benefit, **terms
        )


_PROGRAMMES: tuple[tuple[AidKind, str, Benefit, dict[str, Any]], ...] = (
    (
        "subsistence",
        "最低生活保障",
        Benefit(method="top_up", amount=70_000),
        {"income_limit": 70_000, "review_months": 6},
    ),
    (
        "illness",
        "大病救助",
        Benefit(method="share", amount=3_000_000, percent=40, threshold=500_000),
        {"income_limit": 140_000},
    ),
    (
        "tuition",
        "金秋助学",
        Benefit(method="fixed", amount=300_000, per_person=True),
        {"income_limit": 140_000, "source": _UNION},
    ),
    (
        "winter",
        "冬季送暖",
        Benefit(method="fixed", amount=80_000),
        {"income_limit": 140_000, "source": _UNION},
    ),
    (
        "temporary",
        "临时救助",
        Benefit(method="up_to", amount=500_000),
        {"notice_days": 0, "emergency_limit": 200_000},
    ),
    ("employment", "就业援助补助", Benefit(method="up_to", amount=200_000), {}),
    (
        "home_repair",
        "住房修缮",
        Benefit(method="share", amount=1_000_000, percent=60),
        {"income_limit": 140_000},
    ),
    (
        "elderly_care",
        "养老照料",
        Benefit(method="fixed", amount=60_000, per_person=True),
        {"review_months": 6},
    ),
    (
        "mutual_aid",
        "互助互济",
        Benefit(method="up_to", amount=200_000),
        {"fund": MUTUAL, "source": _UNION},
    ),
)
