"""Questions to sources that take several pulls: where each goes on."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpis.connectors import Onward, Window
from kpis.models.sources import SourceStretch

# A question that is not answered by then is asked anew: what was read of it is too old for the rest.
ANEW_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that was begun. window: the time that it is about, and where it goes on; slot: its own."""

    window: Window
    slot: datetime


def begun_questions(
    workspace_id: uuid.UUID, questions: Collection[uuid.UUID], *, at: datetime
) -> dict[uuid.UUID, Begun]:
    """Return those that were begun not long ago."""
    found: dict[uuid.UUID, list[SourceStretch]] = defaultdict(list)
    rows = SourceStretch.objects.filter(workspace_id=workspace_id, question__in=questions)
    for row in rows.order_by("question", "number"):
        found[row.question].append(row)
    return {
        question: _begun(stretches)
        for question, stretches in found.items()
        if stretches[0].created_at > at - ANEW_AFTER
    }


def _begun(stretches: list[SourceStretch]) -> Begun:
    last = stretches[-1]
    onward = Onward(
        last.url,
        last.page,
        last.pages,
        begun=tuple(row.began_url for row in stretches),
        kept=tuple(bytes(row.kept) for row in stretches if row.kept is not None),
    )
    return Begun(Window(last.window_start, last.window_end, onward), last.slot_at)
