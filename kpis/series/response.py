"""Of how many who were asked a survey's figure is: the response rate that travels with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from kpis.series.exact import quotient
from kpis.series.point import Point


@dataclass(frozen=True, slots=True)
class Response:
    """invited: how many were asked in the period. rate: the share that answered, None: n is unknown."""

    invited: Decimal
    rate: Decimal | None


Responses = Mapping[tuple[datetime | None, datetime], Response]
"""By the span of a point."""
NOBODY: Responses = MappingProxyType({})


def responses(points: Sequence[Point], invited: Sequence[Point]) -> Responses:
    """Return the responses of a survey's points; none of periods of which nobody told who was asked."""
    asked = {(point.start, point.end): point.value for point in invited}
    found = {}
    for point in points:
        many = asked.get((point.start, point.end))
        if many is not None:
            rate = None if point.n is None else quotient(Decimal(point.n), many)
            found[point.start, point.end] = Response(many, rate)
    return found
