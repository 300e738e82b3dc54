"""What is to grow into a case and has not yet: see contracts.grown. Blocks."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, exists, literal, select

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
            has_grown = exists().where(case.case_id == grown)
            waiting = select(*columns).where(grown.is_not(None), ~has_grown).limit(most - len(rows))
            rows += [Seed(*row) for row in connection.execute(waiting)]
        return tuple(seed if seed.field else seed._replace(field=f"finding_{seed.number}") for seed in rows)

    return model.read(query)


class Concluded(NamedTuple):
    """A mediation or an aid request that grew from a grievance, and what it came to, which the grievance is not told yet."""

    unit: str
    case: str
    related: str
    came_to: str


_MEDIATED = ("agreed", "refused", "failed", "withdrawn", "referred")
_AIDED = ("approved", "rejected", "stopped", "withdrawn")


def concluded(model: ReadModel, limit: int) -> tuple[Concluded, ...]:
    """What grievances are to be told of what grew from them; imports tell nothing on."""

    def query(connection: Connection, tables: Tables) -> tuple[Concluded, ...]:
        mediation, aid = tables.mediations.c, tables.aid_requests.c
        told = (
            (mediation.unit, mediation.grievance, mediation.mediation_id, mediation.outcome, _MEDIATED),
            (aid.unit, aid.grown_from, aid.request_id, aid.status, _AIDED),
        )
        found: list[Concluded] = []
        for unit, case, stream, came_to, words in told:
            event = tables.case_events.c
            said = exists().where(
                event.case_id == case,
                event.type == "grievance.related_noted.v1",
                event.data.contains(stream),
                event.data.contains(came_to),
            )
            imported = mediation.imported if stream.table is tables.mediations else aid.imported
            wanted = (case.startswith("grv_"), came_to.in_(words), imported.is_(False), ~said)
            rows = select(unit, case, stream, came_to).where(*wanted).order_by(stream).limit(limit)
            found += [Concluded(*row) for row in connection.execute(rows)]
        return tuple(found)

    return model.read(query)
