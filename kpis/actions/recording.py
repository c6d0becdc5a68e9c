"""From mapped items to recorded readings: what sources, endpoints and their previews share."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from kpis.actions.readings import Delivery, Feed, Outcome, record_deliveries
from kpis.actions.readings_check import check_items
from kpis.connectors.mapping import MAX_ISSUES, Extract
from kpis.queries.definitions import accepting
from kpis.series.reading_in import ReadingIn
from kpis.series.told_again import Repeats, repeats_of
from service.errors import Issue
from service.tenancy import workspace_transaction

Issues = list[dict[str, str]]


@dataclass(frozen=True)
class Recorded:
    """Counts by outcome (created, duplicate, corrected, refused, nulls, skipped, unfit), first issues.

    repeats: of which series and periods the duplicates are, as `kpis.series.told_again` writes it.
    """

    counts: dict[str, int]
    issues: Issues
    repeats: Repeats

    @property
    def refused(self) -> int:
        return self.counts.get("refused", 0) + self.counts.get("unfit", 0)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What is to be recorded of what mappings found in one reply or message, and whose it is.

    items: follow from the extract. retractions: what follows no more, which goes first.
    """

    extract: Extract
    feed: Feed
    items: Sequence[ReadingIn]
    retractions: Sequence[ReadingIn] = ()

    @classmethod
    def of(cls, extract: Extract, feed: Feed, *, at: datetime) -> Mapped:
        """All that was found, as it was found. at: when, for counts that tell no instant of their own."""
        extract.bases_at(at)
        return cls(extract, feed, [ReadingIn(**item) for item in extract.items])


def record_extract(extract: Extract, *, workspace_id: uuid.UUID, feed: Feed, at: datetime) -> Recorded:
    """Record what mappings found, correcting what was known before, in the caller's transaction."""
    [recorded] = record_mapped([Mapped.of(extract, feed, at=at)], workspace_id=workspace_id, at=at)
    return recorded


def record_mapped(mapped: Sequence[Mapped], *, workspace_id: uuid.UUID, at: datetime) -> list[Recorded]:
    """Record what mappings found in many replies or messages, one after the other as regards what counts.

    Corrects what was known before, in the caller's transaction, with as many statements for many as for one
    (`record_deliveries`). What is to be taken back and was never recorded, since it was refused, is none of
    the outcomes.
    """
    outcomes = record_deliveries(
        workspace_id=workspace_id,
        deliveries=[Delivery([*one.retractions, *one.items], one.feed) for one in mapped],
        on_conflict="correct",
        at=at,
    )
    return [_recorded(one, its) for one, its in zip(mapped, outcomes, strict=True)]


def _recorded(mapped: Mapped, outcomes: Sequence[Outcome]) -> Recorded:
    extract, back = mapped.extract, len(mapped.retractions)
    taken_back = [one for one in outcomes[:back] if not _never_recorded(one)]
    counts: Counter[str] = Counter(one.status for one in (*taken_back, *outcomes[back:]))
    counts["nulls"], counts["skipped"], counts["unfit"] = extract.nulls, extract.skipped, extract.unfit
    issues = shown_issues(extract)
    refused = [*enumerate(outcomes[back:]), *enumerate(taken_back)]
    _add(issues, ((number, outcome.issues) for number, outcome in refused))
    again = [one.ref for one in outcomes if one.status == "duplicate" and one.ref is not None]
    found = {name: count for name, count in counts.items() if count}
    return Recorded(found, issues, repeats_of(again))


def _never_recorded(outcome: Outcome) -> bool:
    return outcome.status == "refused" and {issue.code for issue in outcome.issues} == {"not_recorded"}


def shown_issues(extract: Extract) -> Issues:
    """Return the issues of a mapping run as the API shows them."""
    return [{"pointer": i.pointer, "code": i.code, "detail": i.detail} for i in extract.issues]


def _add(issues: Issues, refused: Iterable[tuple[int, Sequence[Issue]]]) -> None:
    """Add why readings, by their places, were refused, as far as there is room.

    A source's own notes come beside the first issues of its mappings, so there may be none at all.
    """
    told = (
        {"pointer": f"/readings/{number}{issue.pointer}", "code": issue.code, "detail": issue.detail}
        for number, its in refused
        for issue in its
    )
    issues += islice(told, max(MAX_ISSUES - len(issues), 0))


def preview(extract: Extract, *, workspace_id: uuid.UUID, at: datetime, error: str = "") -> dict[str, Any]:
    """Return what would be recorded, and what of it the KPIs' definitions would refuse; nothing is recorded.

    Not in a transaction: it opens one of its own. What is known already is not looked at, so a series that
    another feed tells is not told of.
    """
    issues = shown_issues(extract)
    feed = Feed(None, None, "preview")
    delivery = Delivery(Mapped.of(extract, feed, at=at).items, feed)
    with workspace_transaction(workspace_id):
        takers = accepting(workspace_id, {item.kpi for item in delivery.items})
    _add(issues, sorted(check_items(takers=takers, deliveries=[delivery], at=at).refused.items()))
    return {
        "readings": extract.items[:100],
        "nulls": extract.nulls,
        "skipped": extract.skipped,
        "issues": issues,
        "error": error,
    }
