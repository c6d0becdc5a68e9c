"""Celery's part of this room: wake, call one action, hold no truth."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from journeys.actions import renditions


@shared_task(name="journeys.keep_renditions")
def keep_renditions() -> None:
    """Make what is due; a full slice means there is more, so another worker is woken."""
    if renditions.keep_due_renditions(at=datetime.now(UTC)) == renditions.SLICE:
        keep_renditions.delay()
