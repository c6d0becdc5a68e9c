"""Backfills of sources, in and out."""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from kpis.connectors.fields import DurationField
from kpis.models.sources import SourceBackfill
from service.fields import Instant
from service.serializers import Part


class BackfillIn(Part):
    """The time to be asked about: [from, to), in windows."""

    to = Instant(help_text="Not later than now.")
    step = DurationField(
        required=False,
        minimum_s=60,
        help_text="How much time is asked about at once; the source's lookback when left out. At most 1,000 "
        "windows.",
    )

    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(), **super().get_fields()}


class WindowsOut(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class BackfillOut(serializers.Serializer[Any]):
    """A backfill and how far it is: its windows are worked oldest first, and each is a run of the source."""

    id = serializers.UUIDField()
    to = serializers.DateTimeField()
    step_s = serializers.IntegerField(help_text="Seconds that are asked about at once.")
    state = serializers.CharField(help_text="pending, running, succeeded, failed or cancelled.")
    done_to = serializers.DateTimeField(help_text="What lies before has been read; a new one may begin here.")
    windows = WindowsOut()
    failures = serializers.IntegerField(help_text="Failed runs since the last window that was read.")
    counts = serializers.DictField(child=serializers.IntegerField())
    error = serializers.CharField(help_text="Why it failed, or was tried again last; else empty.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {
            "source": serializers.UUIDField(),
            "from": serializers.DateTimeField(),
            **super().get_fields(),
        }


def backfill_out(row: SourceBackfill) -> dict[str, Any]:
    names = ("id", "step_s", "state", "done_to", "failures", "counts", "error", "created_at", "finished_at")
    done, total = ((end - row.start_at).total_seconds() / row.step_s for end in (row.done_to, row.end_at))
    return {name: getattr(row, name) for name in names} | {
        "source": row.source_id,
        "from": row.start_at,
        "to": row.end_at,
        "windows": {"done": math.ceil(done), "total": math.ceil(total)},
    }
