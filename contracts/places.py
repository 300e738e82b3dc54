"""Places of the register: units, zones with their boundaries, and what became of those that went.

A unit or a zone may change from a date on (`since`, milliseconds since the epoch): what stood before it is
kept, and so is its id. What is merged or split is not deleted: it names its successors.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from contracts.base import Code, Identifier, Line, Message, Milliseconds, clean, not_blank

Tier = Literal["city", "district", "street", "community", "organisation"]
"""The four tiers, from above; an organisation stands beside them and keeps no cases of its own."""

TIERS: tuple[Tier, ...] = ("city", "district", "street", "community")
OrganisationKind = Literal[
    "police_post", "property_company", "school", "hospital", "employer", "enterprise", "office", "other"
]

MAX_POINTS = 1_000
"""Most points of a boundary: with two coordinates of six decimals each it takes about 25 KB."""
_RING, _LONGITUDE, _LATITUDE, _DECIMALS = 4, 180, 90, 7


def geometry(area: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON Polygon or MultiPolygon; raise ValueError with a sentence where it is none.

    Source: RFC 7946, sections 3.1.6 and 3.1.7: closed rings of four positions or more, longitude first.
    Other members than type and coordinates are refused: nobody would read them.
    """
    if set(area) != {"type", "coordinates"} or area["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError("Give a GeoJSON geometry of type Polygon or MultiPolygon, without other members.")
    polygons = [area["coordinates"]] if area["type"] == "Polygon" else area["coordinates"]
    if not isinstance(polygons, list) or not polygons:
        raise ValueError("A boundary needs at least one ring.")
    points = 0
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise ValueError("A boundary needs at least one ring.")
        for ring in polygon:
            points += _ring(ring)
    if points > MAX_POINTS:
        raise ValueError("A boundary has at most 1,000 points. Simplify it.")
    return area


def _ring(ring: Any) -> int:
    """How many points a ring has. Raises ValueError."""
    if not isinstance(ring, list) or len(ring) < _RING or ring[0] != ring[-1]:
        raise ValueError("Each ring of a boundary has four points or more and ends where it begins.")
    if len(ring) > MAX_POINTS or not all(_is_position(point) for point in ring):
        raise ValueError(
            "Each point is a longitude from -180 to 180 and a latitude from -90 to 90, in at most 7 decimals."
        )
    return len(ring)


def _is_position(point: Any) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2  # noqa: PLR2004 - longitude and latitude
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in point)
        and abs(point[0]) <= _LONGITUDE
        and abs(point[1]) <= _LATITUDE
        and all(round(number, _DECIMALS) == number for number in point)
    )


Area = Annotated[dict[str, Any], AfterValidator(geometry)]
"""A boundary as a GeoJSON geometry."""

Words = Annotated[
    str, Field(min_length=1, max_length=2_000), AfterValidator(clean), AfterValidator(not_blank)
]
"""A boundary in words."""


class DefineUnitV1(Message):
    """Enter a unit of one of the four tiers, or an organisation of some kind, or change it from a date on."""

    unit: Code
    name: Line
    tier: Tier
    parent: Code | None = None
    time_zone: Annotated[str, Field(max_length=40)] = "Asia/Shanghai"
    kind: OrganisationKind | None = None
    since: Milliseconds | None = None


class DefineZoneV1(Message):
    """Enter a zone of a community, or change it: its name, and its boundary in words, on a map, or both."""

    zone: Code
    unit: Code
    name: Line
    boundary: Words | None = None
    area: Area | None = None
    since: Milliseconds | None = None


class NameResponsibleV1(Message):
    """Name the person responsible for a zone from a date on; None: nobody is, and that is shown as a gap."""

    unit: Code
    zone: Code
    person: Identifier | None = None
    since: Milliseconds | None = None


class Place(Message):
    """A zone of a unit."""

    unit: Code
    zone: Code


Units = Annotated[tuple[Code, ...], Field(strict=False, min_length=1, max_length=60)]
Places = Annotated[tuple[Place, ...], Field(strict=False, min_length=1, max_length=60)]


class SucceedUnitsV1(Message):
    """From `since` on, each unit of `of` is succeeded by those of `into`: one for a merger, more for a split."""

    of: Units
    into: Units
    since: Milliseconds


class SucceedZonesV1(Message):
    """From `since` on, each zone of `of` is succeeded by those of `into`, which may be of other units."""

    of: Places
    into: Places
    since: Milliseconds


class TierName(Message):
    """What a tier is called here."""

    zh: Line
    en: Line


class TierNames(Message):
    """What the tiers are called here, as the policy `tiers` of the register holds it."""

    names: dict[Tier, TierName]

    @model_validator(mode="after")
    def _names_something(self) -> TierNames:
        if not self.names:
            raise ValueError("blank")
        return self


TIERS_POLICY = "tiers"


class UnitDefinedV1(DefineUnitV1):
    """A unit was entered or changed."""


class ZoneDefinedV1(DefineZoneV1):
    """A zone was entered or changed."""


class ResponsibleNamedV1(NameResponsibleV1):
    """This person is responsible for the zone, or nobody is."""


class UnitsSucceededV1(SucceedUnitsV1):
    """Units were merged or split."""


class ZonesSucceededV1(SucceedZonesV1):
    """Zones were merged, split or moved."""
