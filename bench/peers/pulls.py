"""Pulling as it is usually built: a Celery task per source, with a client that keeps its connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import httpx
from celery import shared_task

from bench.peers.models import PeerReading


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    return httpx.Client(timeout=15)


@shared_task(name="bench.pull_one")
def pull_one(url: str, kpi: int) -> None:
    """Fetch one source and upsert the figure that it tells."""
    answer = _client().get(url)
    answer.raise_for_status()
    for item in answer.json()["data"]:
        start = datetime.fromisoformat(item["day"]).replace(tzinfo=UTC)
        PeerReading.objects.update_or_create(
            kpi_id=kpi,
            start_at=start,
            end_at=start + timedelta(days=1),
            defaults={"value": item["v"], "recorded_at": datetime.now(UTC)},
        )
