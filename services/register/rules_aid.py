"""Rules about aid programmes and the funds that pay for them."""

from __future__ import annotations

from contracts import register as r
from contracts.lineage import lineage
from contracts.programmes import Benefit, DefineFundV1, DefineProgrammeV1, FundDefinedV1, ProgrammeDefinedV1
from contracts.reference import Register
from contracts.workflow import Accepted, Answer, Refused
from services.register.answers import accept


def decide(body: r.DefineFundV1 | r.DefineProgrammeV1, register: Register, now: int) -> Answer:
    """Answer a command on a fund or a programme; its unit's administrator asks."""
    if register.unit(body.unit, now) is None:
        return Refused("unknown_unit", "unit")
    return _fund(body, register) if isinstance(body, DefineFundV1) else _programme(body, register, now)


def _fund(body: DefineFundV1, register: Register) -> Answer:
    before = register.fund(body.fund)
    if before is not None and (before.unit, before.kind) != (body.unit, body.kind):
        return Refused("fund_fixed", "unit" if before.unit != body.unit else "kind")
    return accept(FundDefinedV1, body)


def _programme(body: DefineProgrammeV1, register: Register, now: int) -> Answer:
    versions = register.spells("programme", body.programme)
    if any(spell.said.unit != body.unit for spell in versions):
        return Refused("programme_fixed", "unit")
    fund = register.fund(body.fund)
    if fund is None:
        return Refused("unknown_fund", "fund")
    if fund.unit not in lineage(register, body.unit, now):
        return Refused("fund_elsewhere", "fund")
    if len({one.document for one in body.documents}) != len(body.documents):
        return Refused("named_twice", "documents")
    refused = _refuse_benefit(body.benefit, body.income_limit)
    return refused or Accepted((ProgrammeDefinedV1(**body.__dict__, version=len(versions) + 1),))


def _refuse_benefit(benefit: Benefit, income_limit: int | None) -> Refused | None:
    if (benefit.method == "share") != (benefit.percent is not None):
        return Refused("percent_of_share", "benefit")
    if benefit.method == "top_up" and income_limit is None:
        return Refused("means_test_missing", "income_limit")
    return None
