"""From mapped items to recorded readings: what sources, endpoints and their previews share."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.actions.readings import Feed, Outcome, record_readings
from kpis.connectors.mapping import MAX_ISSUES, VALUE, Extract
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
    extract.bases_at(at)
    items = [ReadingIn(**item) for item in extract.items]
    return record_items(extract, items, (), workspace_id=workspace_id, feed=feed, at=at)


def record_items(
    extract: Extract,
    items: Sequence[ReadingIn],
    retractions: Sequence[ReadingIn],
    *,
    workspace_id: uuid.UUID,
    feed: Feed,
    at: datetime,
) -> Recorded:
    """Record `items`, which follow from what mappings found, and take back what follows no more.

    What is to be taken back and was never recorded, since it was refused, is none of the outcomes.
    """
    outcomes = record_readings(
        workspace_id=workspace_id, items=[*items, *retractions], feed=feed, on_conflict="correct", at=at
    )
    outcomes = [one for one in outcomes if one.index < len(items) or not _never_recorded(one)]
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


def _never_recorded(outcome: Outcome) -> bool:
    return outcome.status == "refused" and {issue.code for issue in outcome.issues} == {"not_recorded"}


def shown_issues(extract: Extract) -> Issues:
    """Return the issues of a mapping run as the API shows them."""
    return [{"pointer": i.pointer, "code": i.code, "detail": i.detail} for i in extract.issues]


def preview(extract: Extract, error: str = "") -> dict[str, Any]:
    """Return what would be recorded, without recording it."""
    return {
        "readings": [
            item if side == VALUE else {**item, "op": side}
            for item, side in zip(extract.items[:100], extract.sides, strict=False)
        ],
        "nulls": extract.nulls,
        "skipped": extract.skipped,
        "issues": shown_issues(extract),
        "error": error,
    }
