"""The timeline of a map, in and out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework import serializers

from kpis.queries.timeline import KINDS, Moment
from kpis.serializers.clocks import PastQuery
from kpis.series.live_parts import iso
from service.fields import Instant

_KINDS = "; ".join(f"{kind}: {says}" for kind, says in KINDS.items())
_MEMBERS = (
    *("version", "binding", "kpi", "element", "finding", "finding_kind", "level", "severity", "source"),
    *("improvement", "cause", "start", "end"),
)


class TimelineQuery(PastQuery):
    """Then: what had happened by then, by what had been written down then."""

    since = Instant(required=False, help_text="Moments then or later.")
    kind = serializers.ChoiceField(tuple(KINDS), required=False, help_text="Moments of this kind alone.")


class TimelineMomentOut(serializers.Serializer[Any]):
    """Something that happened to a map, or to what it shows; members that say nothing of it are null."""

    at = serializers.DateTimeField(help_text="When it was so.")
    kind = serializers.CharField(help_text=f"With the changes of each: {_KINDS}. More may come.")
    change = serializers.CharField()
    text = serializers.CharField(
        allow_blank=True,
        help_text="The message of a version, label of a binding, name of a source, title "
        "of an improvement, reason of a correction; empty where there is none.",
    )
    author_name = serializers.CharField(allow_blank=True, help_text="Of versions.")
    version = serializers.IntegerField(allow_null=True)
    binding = serializers.UUIDField(allow_null=True)
    kpi = serializers.UUIDField(allow_null=True)
    element = serializers.UUIDField(allow_null=True, help_text="Null: the map as a whole.")
    finding = serializers.UUIDField(allow_null=True)
    finding_kind = serializers.CharField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    severity = serializers.CharField(allow_null=True)
    source = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    improvement = serializers.UUIDField(allow_null=True)
    cause = serializers.CharField(allow_null=True, help_text="Why figures were told otherwise.")
    start = serializers.DateTimeField(allow_null=True, help_text="Of the figures that were told otherwise.")
    end = serializers.DateTimeField(allow_null=True)
    live = serializers.CharField(
        allow_null=True, help_text="The live map as of then; null where it was not published, or no more."
    )


def moment_out(one: Moment, live: str | None) -> dict[str, Any]:
    told = one.told
    return {
        "at": iso(one.created_at),
        "kind": one.kind,
        "change": one.change,
        "text": told.get("text") or "",
        "author_name": told.get("author_name") or "",
        **{name: told.get(name) for name in _MEMBERS},
        "live": live,
    }


def live_then(
    map_id: uuid.UUID, at: datetime, known_at: datetime | None, seen: Mapping[str, datetime | None]
) -> str | None:
    """Return where the live map as of an instant is. seen: from when until when it can be seen."""
    since, until = seen["since"], seen["until"]
    if since is None or at < since or (until is not None and at >= until):
        return None
    known = "" if known_at is None else f"&known_at={iso(known_at)}"
    return f"/v1/journey-maps/{map_id}/live?as_of={iso(at)}{known}"
