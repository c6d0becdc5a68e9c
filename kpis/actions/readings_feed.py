"""Who tells readings, and what they tell at one go."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kpis.series.reading_in import ReadingIn

OnConflict = Literal["refuse", "correct"]


@dataclass(frozen=True, slots=True)
class Feed:
    """Where readings come from. id: source or endpoint, None for the API. cause: run, event or credential.

    backfill: one part of many that are loaded or read again; findings wait for the last
    (kpis.actions.findings_due.appoint_settling). replay: messages are read again by other rules.
    """

    id: uuid.UUID | None
    cause: uuid.UUID | None
    name: str
    backfill: bool = False
    replay: bool = False

    @property
    def again(self) -> str:
        """Why something is told that was told before, as `series.restated` says it; "" where it is not."""
        return "replay" if self.replay else "backfill" if self.backfill else ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a feed tells at one go: a pull of a source, a message, a batch that somebody sent."""

    items: Sequence[ReadingIn]
    feed: Feed
