"""Questions to sources that take several pulls: each pull notes where it ended, with what it recorded.

A stretch and the readings of its pages are one transaction, so a worker that is lost costs the pages that it
had not recorded, and the question goes on. Figures that only all pages make come with its last pull.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from kpis.connectors import Onward, Window
from kpis.models.sources import SourceStretch
from service.sql import execute

_FORGET = "DELETE FROM source_stretch WHERE workspace_id = %(workspace)s AND "
_QUESTION, _SOURCE = _FORGET + "question = %(id)s", _FORGET + "source_id = %(id)s"


def go_on(
    *,
    workspace_id: uuid.UUID,
    source_id: uuid.UUID,
    question: uuid.UUID,
    window: Window,
    slot: datetime,
    onward: Onward,
    at: datetime,
) -> None:
    """Note where the next pull goes on with a question: the source's own, or a backfill's."""
    if window.onward is None:
        forget_question(workspace_id=workspace_id, question=question)
    fresh = onward.kept[len(window.onward.kept) if window.onward else 0 :]
    SourceStretch.objects.create(
        workspace_id=workspace_id,
        source_id=source_id,
        question=question,
        number=len(onward.begun),
        window_start=window.start,
        window_end=window.end,
        slot_at=slot,
        began_url=onward.begun[-1],
        url=onward.url,
        page=onward.number,
        pages=onward.pages,
        kept=fresh[0] if fresh else None,
        created_at=at,
    )


def forget_question(*, workspace_id: uuid.UUID, question: uuid.UUID) -> None:
    """Drop what was noted of a question that was answered, or is to be asked anew."""
    execute(_QUESTION, {"workspace": workspace_id, "id": question})


def forget_source(*, workspace_id: uuid.UUID, source_id: uuid.UUID) -> None:
    """Drop what was noted of all questions to a source: what was read of it was said to other settings."""
    execute(_SOURCE, {"workspace": workspace_id, "id": source_id})
