"""What somebody said becomes a quote of a draft, with its source, as observed evidence."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from journeys import queries as journeys
from journeys.actions import add_quote
from kpis.models.feedback import Feedback
from kpis.queries.feedback import feedback
from service.errors import Issue, NotFound, ValidationProblem
from service.preconditions import IfMatch
from service.tenancy import advisory_lock

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Pinned:
    """A quote in the draft of a map. draft_etag: of the draft after it."""

    journey_map: uuid.UUID
    element: uuid.UUID
    item: uuid.UUID
    quote: str
    draft_etag: str


@transaction.atomic(savepoint=False)
def pin_feedback(
    *,
    row: Feedback,
    expected: IfMatch,
    at: datetime,
    journey_map: str | None = None,
    element: str | None = None,
    excerpt: str | None = None,
) -> Pinned:
    """Quote it at a touchpoint of the draft; left out, map and touchpoint are those of where it was said.

    expected: of the draft. Raises ValidationProblem, PreconditionFailed, AlreadyQuoted, NotFound.
    """
    advisory_lock("feedback", row.workspace_id)
    row = feedback(row.workspace_id, row.id)
    quote = _quote(row, excerpt)
    map_ref, element_ref = _place(row, journey_map, element)
    try:
        found = journeys.open_map(row.workspace_id, map_ref)
        edited, item = add_quote(
            journey_map=found,
            touchpoint=element_ref,
            raw={
                "text": quote,
                "evidence": "observed",
                "source": f"/v1/feedback/{row.id}",
                "date": row.observed_at.date().isoformat(),
            },
            expected=expected,
            at=at,
        )
    except NotFound as missing:
        name = "element" if element else "journey_map"
        raise ValidationProblem([Issue(f"/{name}", "unknown_reference", str(missing))]) from missing
    pin = {"journey_map": str(found.pk), "element": str(edited.id), "item": str(item)}
    row.pins = [*row.pins, pin]
    row.row_version += 1
    row.updated_at = at
    row.save(update_fields=["pins", "row_version", "updated_at"])
    return Pinned(found.pk, edited.id, item, quote, journeys.etag_of_draft(edited.draft))


def _quote(row: Feedback, excerpt: str | None) -> str:
    quote = row.text if excerpt is None else excerpt
    if quote not in row.text:
        raise ValidationProblem([Issue("/excerpt", "not_said", "It is not in the text, word for word.")])
    # A quote of a document is one line.
    quote = " ".join(quote.split())
    if not 1 <= len(quote) <= LONGEST:
        detail = f"A quote has 1 to {LONGEST} characters: send the part that matters as excerpt."
        raise ValidationProblem([Issue("/excerpt", "length", detail)])
    return quote


def _place(row: Feedback, journey_map: str | None, element: str | None) -> tuple[str, str]:
    map_ref = journey_map or (str(row.journey_map_id) if row.journey_map_id else None)
    element_ref = element or (str(row.element_id) if row.element_id else None)
    issues = [
        Issue(f"/{name}", "required", "Say where: it was said of no such place.")
        for name, ref in (("journey_map", map_ref), ("element", element_ref))
        if ref is None
    ]
    if map_ref is None or element_ref is None:
        raise ValidationProblem(issues)
    return map_ref, element_ref
