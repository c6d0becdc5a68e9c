"""Celery's part of this room: housekeeping that nothing waits for."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from service import retention
from service.idempotency import forget_answers


@shared_task(name="service.forget_answers")
def forget_stored_answers() -> None:
    forget_answers(at=datetime.now(UTC))


@shared_task(name="service.forget_events")
def forget_events() -> None:
    retention.forget_events(at=datetime.now(UTC))
