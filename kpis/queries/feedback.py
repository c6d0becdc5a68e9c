"""Reads of what people said."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from kpis.models.bindings import Binding
from kpis.models.feedback import Feedback, FeedbackSettings, FormerFeedback
from kpis.series.labels import EVERY
from kpis.series.personal import KINDS
from service.errors import NotFound

WORDS = (
    "journey_map_id", "element_id", "kpi_id", "text", "hidden", "score", "sentiment", "channel", "labels",
    "solicited", "observed_at",
)  # fmt: skip
"""What a correction replaces of what was told."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a workspace keeps what people said. row: None where it never said so itself."""

    retention_days: int | None = None
    hide: tuple[str, ...] = KINDS
    row: FeedbackSettings | None = None


def feedback_listed(
    workspace_id: uuid.UUID,
    *,
    journey_map: uuid.UUID | None = None,
    element: uuid.UUID | None = None,
    kpi: uuid.UUID | None = None,
    bound: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    solicited: bool | None = None,
    external_id: str | None = None,
    q: str | None = None,
) -> QuerySet[Feedback, Feedback]:
    """Return what was said. since, until: when it was said, half-open. labels: among others.

    bound: beside what was said to `kpi`, what was said to none where it is bound.
    """
    rows = Feedback.objects.filter(workspace_id=workspace_id, erased_at=None)
    named = {
        "journey_map_id": journey_map,
        "element_id": element,
        "kpi_id": None if bound else kpi,
        "observed_at__gte": since,
        "observed_at__lt": until,
        "solicited": solicited,
        "external_id": external_id,
        "text__icontains": q,
    }
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    if bound and kpi is not None:
        rows = rows.filter(Q(kpi_id=kpi) | Q(_at_bound(workspace_id, kpi), kpi_id=None))
    if labels:
        exact = {name: value for name, value in labels.items() if value != EVERY}
        rows = rows.filter(labels__contains=exact, labels__has_keys=list(labels))
    return rows


def _at_bound(workspace_id: uuid.UUID, kpi: uuid.UUID) -> Q:
    """Where a KPI is bound: elements, and maps as a whole."""
    bound = Binding.objects.filter(workspace_id=workspace_id, kpi_id=kpi, archived_at=None)
    elements = bound.filter(element__isnull=False).values("element_id")
    maps = bound.filter(element=None).values("journey_map_id")
    return Q(element_id__in=elements) | Q(element_id=None, journey_map_id__in=maps)


def feedback(workspace_id: uuid.UUID, feedback_id: uuid.UUID) -> Feedback:
    """Raises NotFound, also of what was erased."""
    row = Feedback.objects.filter(workspace_id=workspace_id, id=feedback_id).first()
    if row is None:
        raise NotFound
    if row.erased_at is not None:
        raise NotFound(f"It was erased at {row.erased_at.isoformat()}.")
    return row


def as_known(row: Feedback, known_at: datetime) -> Feedback:
    """Return it, with the words that were known then in the place of its own. Raises NotFound."""
    if (row.corrected_at or row.created_at) <= known_at:
        return row
    former = FormerFeedback.objects.filter(
        workspace_id=row.workspace_id, feedback=row, known_from__lte=known_at, known_to__gt=known_at
    ).first()
    if former is None:
        raise NotFound("Nothing of it was known then, or its words of then are no longer kept.")
    for name in WORDS:
        setattr(row, name, getattr(former, name))
    row.updated_at = former.known_from
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
