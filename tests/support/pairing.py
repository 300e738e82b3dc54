"""Fictional pairs and people who look for work: what is said of them."""

from __future__ import annotations

from contracts import employment as e
from contracts import pairing as p
from contracts import register as r
from contracts.personal import Sealed
from tests.support.community import SEALED
from tests.support.given import COMMUNITY, STREET, Past, day, on

HELPER = Sealed(subject="sub_helperperson", sealed="QUJD")
HELPED = Sealed(subject="sub_helpedperson", sealed="QUJD")


def pair(**fields: object) -> p.PairV1:
    """Pair a helper with somebody in need of a living, unless told otherwise."""
    usual: dict[str, object] = {"need": "living", "story": SEALED, "helper_name": HELPER, "name": HELPED}
    return p.PairV1.model_validate(usual | fields)


PAIRED = p.PairedV1(**pair().__dict__)


def register_seeker(**fields: object) -> e.RegisterSeekerV1:
    """Register somebody long out of work, unless told otherwise."""
    usual: dict[str, object] = {"need": "long_unemployed", "story": SEALED, "name": HELPED}
    return e.RegisterSeekerV1.model_validate(usual | fields)


REGISTERED = e.SeekerRegisteredV1(**register_seeker().__dict__)


def gone() -> tuple[Past, ...]:
    """The community was merged into another on the second day."""
    new = r.UnitDefinedV1(unit="new", name="New", tier="community", parent=STREET)
    merged = r.UnitsSucceededV1(of=(COMMUNITY,), into=("new",), since=day(1))
    return on(day(0), new, merged)
