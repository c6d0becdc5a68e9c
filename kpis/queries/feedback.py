"""Reads of what people said."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from kpis.models.bindings import Binding
from kpis.models.feedback import Feedback, FeedbackSettings, FormerFeedback
from kpis.queries.bindings import bindings
from kpis.series.labels import EVERY
from kpis.series.personal import KINDS
from service.errors import NotFound

WORDS = (
    "journey_map_id", "element_id", "kpi_id", "text", "hidden", "score", "sentiment", "channel", "labels",
    "solicited", "observed_at",
)  # fmt: skip
"""What a correction replaces of what was told."""
Words = TypeVar("Words", QuerySet[Feedback, Feedback], QuerySet[FormerFeedback, FormerFeedback])


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a workspace keeps what people said. row: None where it never said so itself."""

    retention_days: int | None = None
    hide: tuple[str, ...] = KINDS
    row: FeedbackSettings | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which feedback. since, until: when it was said, half-open. labels: among others.

    bound: beside what was said to `kpi`, what was said to none where it is bound.
    """

    journey_map: uuid.UUID | None = None
    element: uuid.UUID | None = None
    kpi: uuid.UUID | None = None
    bound: bool = False
    since: datetime | None = None
    until: datetime | None = None
    labels: Mapping[str, str] | None = None
    solicited: bool | None = None
    external_id: str | None = None
    q: str | None = None


def feedback_listed(workspace_id: uuid.UUID, asked: Asked) -> QuerySet[Feedback, Feedback]:
    """Return what was said, as it stands now."""
    rows = Feedback.objects.filter(workspace_id=workspace_id, erased_at=None)
    if asked.external_id is not None:
        rows = rows.filter(external_id=asked.external_id)
    return narrowed(rows, asked, bindings(workspace_id), "element_id")


def narrowed(rows: Words, asked: Asked, bound: QuerySet[Binding, Binding], element: str) -> Words:
    """Return those of rows of words, of now or former ones, that are asked for by what they say.

    bound: the bindings that stand, or stood. element: which column of them names the element.
    """
    named = {
        "journey_map_id": asked.journey_map,
        "element_id": asked.element,
        "kpi_id": None if asked.bound else asked.kpi,
        "observed_at__gte": asked.since,
        "observed_at__lt": asked.until,
        "solicited": asked.solicited,
        "text__icontains": asked.q,
    }
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    if asked.bound and asked.kpi is not None:
        rows = rows.filter(
            Q(kpi_id=asked.kpi) | Q(_places(bound.filter(kpi_id=asked.kpi), element), kpi_id=None)
        )
    if asked.labels:
        exact = {name: value for name, value in asked.labels.items() if value != EVERY}
        rows = rows.filter(labels__contains=exact, labels__has_keys=list(asked.labels))
    return rows


def _places(bound: QuerySet[Binding, Binding], element: str) -> Q:
    """Where bindings stand: elements, and maps as a whole."""
    elements = bound.filter(**{f"{element}__isnull": False}).values(element)
    maps = bound.filter(**{element: None}).values("journey_map_id")
    return Q(element_id__in=elements) | Q(element_id=None, journey_map_id__in=maps)


def feedback(workspace_id: uuid.UUID, feedback_id: uuid.UUID) -> Feedback:
    """Raises NotFound, also of what was erased."""
    row = Feedback.objects.filter(workspace_id=workspace_id, id=feedback_id).first()
    if row is None:
        raise NotFound
    if row.erased_at is not None:
        raise NotFound(f"It was erased at {row.erased_at.isoformat()}.")
    return row


def keeping(workspace_id: uuid.UUID) -> Keeping:
    row = FeedbackSettings.objects.filter(workspace_id=workspace_id).first()
    return Keeping() if row is None else Keeping(row.retention_days, tuple(row.hide), row)


def maps_that_show(workspace_id: uuid.UUID, kpi_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Return the maps on which any of these KPIs is bound."""
    if not kpi_ids:
        return set()
    bound = Binding.objects.filter(workspace_id=workspace_id, kpi_id__in=kpi_ids, archived_at=None)
    return set(bound.values_list("journey_map_id", flat=True))
