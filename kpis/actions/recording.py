"""From mapped items to recorded readings: what sources, endpoints and their previews share."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.actions.readings import Feed, record_readings
from kpis.connectors.mapping import MAX_ISSUES, Extract
from kpis.series.reading_in import ReadingIn

Issues = list[dict[str, str]]


@dataclass(frozen=True)
class Recorded:
    """Counts by outcome (created, duplicate, corrected, refused, nulls, skipped, unfit), first issues."""

    counts: dict[str, int]
    issues: Issues

    @property
    def refused(self) -> int:
        return self.counts.get("refused", 0) + self.counts.get("unfit", 0)


def record_extract(extract: Extract, *, workspace_id: uuid.UUID, feed: Feed, at: datetime) -> Recorded:
    """Record what mappings found, correcting what was known before, in the caller's transaction."""
    items = [ReadingIn(**item) for item in extract.items]
    outcomes = record_readings(
        workspace_id=workspace_id, items=items, feed=feed, on_conflict="correct", at=at
    )
    counts: Counter[str] = Counter(outcome.status for outcome in outcomes)
    counts["nulls"], counts["skipped"], counts["unfit"] = extract.nulls, extract.skipped, extract.unfit
    issues = shown_issues(extract)
    for outcome in outcomes:
        for issue in outcome.issues[: MAX_ISSUES - len(issues)]:
            issues.append(
                {
                    "pointer": f"/readings/{outcome.index}{issue.pointer}",
                    "code": issue.code,
                    "detail": issue.detail,
                }
            )
    return Recorded({name: count for name, count in counts.items() if count}, issues)


def shown_issues(extract: Extract) -> Issues:
    """Return the issues of a mapping run as the API shows them."""
    return [{"pointer": i.pointer, "code": i.code, "detail": i.detail} for i in extract.issues]


def preview(extract: Extract, error: str = "") -> dict[str, Any]:
    """Return what would be recorded, without recording it."""
    return {
        "readings": extract.items[:100],
        "nulls": extract.nulls,
        "skipped": extract.skipped,
        "issues": shown_issues(extract),
        "error": error,
    }
