"""All remarks about a map, in one call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import chain
from uuid import UUID

from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document

from .language import of_names
from .remark import Remark
from .structure import of_map, of_stages, of_touchpoints
from .upkeep import of_ground, of_personas, of_review

Measured = Collection[UUID] | None
"""Elements with KPIs; None where nobody knows."""


def lint(
    document: Document,
    *,
    today: date,
    measured: Measured = None,
    library: Mapping[UUID, PersonaEntry] | None = None,
) -> tuple[Remark, ...]:
    """Return all remarks, warnings first, each group in the order drawn.

    library: the personas of the workspace as they are now, by id.
    """
    found = chain(
        of_map(document),
        of_review(document, today),
        of_personas(document, library or {}),
        of_ground(document),
        of_stages(document),
        of_touchpoints(document, measured),
        of_names(document),
    )
    return tuple(sorted(found, key=lambda remark: remark.severity != "warning"))
