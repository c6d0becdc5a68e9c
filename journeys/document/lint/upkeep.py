"""What has gone stale: the review, the personas, the ground that statements stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from journeys.document.canonical import to_plain
from journeys.document.personas import PersonaEntry
from journeys.document.pointers import pointer
from journeys.document.shape import Document, Review

from .remark import Difference, Remark
from .scores import evidence

CADENCES_D: Mapping[str, int] = {
    "weekly": 7,
    "fortnightly": 14,
    "monthly": 31,
    "quarterly": 92,
    "half-yearly": 184,
    "yearly": 366,
}
"""Days after which the next review is late."""
_UNGROUNDED_FROM = 8


def of_review(document: Document, today: date) -> Iterator[Remark]:
    """Yield what the upkeep of the map lacks, or has missed."""
    review = document.review
    if not review.owner:
        detail = "Nobody keeps the map true: name the owner in review.owner."
        yield Remark("map_without_owner", "warning", detail, "/review/owner")
    due = review_due(review)
    if due is not None and due < today:
        detail = f"The review was due on {due.isoformat()}: look through the map and set review.last_on."
        yield Remark("review_overdue", "warning", detail, "/review")
    elif due is None:
        detail = "Say how often the map is looked at: set review.cadence and review.last_on."
        yield Remark("review_not_planned", "hint", detail, "/review")


def review_due(review: Review) -> date | None:
    """Return the day of the next review; None where none is planned."""
    if review.next_on is not None:
        return review.next_on
    days = CADENCES_D.get(review.cadence)
    return None if days is None or review.last_on is None else review.last_on + timedelta(days=days)


def of_personas(document: Document, library: Mapping[UUID, PersonaEntry]) -> Iterator[Remark]:
    """Yield personas whose snapshot is not what the library says now."""
    for place, entry in enumerate(document.personas):
        now = library.get(entry.id) if entry.id else None
        if now is None or entry.is_reference:
            continue
        found = differences(entry, now)
        if found:
            fields = ", ".join(one.field for one in found)
            detail = f"The library tells {entry.name} otherwise ({fields}): refer to it again and publish."
            yield Remark(
                "persona_outdated",
                "warning",
                detail,
                pointer("personas", place),
                name=entry.name,
                differences=found,
            )


def differences(here: PersonaEntry, library: PersonaEntry) -> tuple[Difference, ...]:
    """Return the members that read otherwise, in the order of the persona's definition."""
    old, new = to_plain(here), to_plain(library)
    return tuple(
        Difference(name, old.get(name), new.get(name))
        for name in PersonaEntry.model_fields
        if name not in ("id", "key") and old.get(name) != new.get(name)
    )


def of_ground(document: Document) -> Iterator[Remark]:
    """Yield a remark where a map says much and has asked nobody."""
    found = evidence(document.touchpoints())
    if found.total >= _UNGROUNDED_FROM and not found.researched:
        detail = (
            f"All {found.total} statements are assumptions: watch, ask or measure, and set their evidence."
        )
        yield Remark("nothing_researched", "warning", detail, "/stages")
