"""What is to grow into a case and has not yet: see contracts.grown. Blocks."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, literal, select

from services.projections.schema import Tables
from services.projections.store import ReadModel


class Seed(NamedTuple):
    """An opinion or a finding of which a grievance was made; `field`: under whose name its text is sealed."""

    unit: str
    zone: str
    stream: str
    number: int
    field: str
    text: str


def seeds(model: ReadModel, most: int) -> tuple[Seed, ...]:
    """At most so many of which no case has grown yet."""

    def query(connection: Connection, tables: Tables) -> tuple[Seed, ...]:
        opinion, finding, case = tables.opinions.c, tables.findings.c, tables.cases.c
        heard = (opinion.unit, opinion.zone, opinion.visit_id, opinion.number, opinion.field, opinion.text)
        found = (finding.unit, finding.zone, finding.inspection_id, finding.number, literal(""), finding.text)
        rows: list[Seed] = []
        for columns, grown in ((heard, opinion.grievance), (found, finding.grievance)):
            exists = select(case.case_id).where(case.case_id == grown).exists()
            waiting = select(*columns).where(grown.is_not(None), ~exists).limit(most - len(rows))
            rows += [Seed(*row) for row in connection.execute(waiting)]
        return tuple(seed if seed.field else seed._replace(field=f"finding_{seed.number}") for seed in rows)

    return model.read(query)
