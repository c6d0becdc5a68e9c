"""What is wrong with how a KPI's definition takes several feeds, and totals beside their parts."""

from __future__ import annotations

import re

from kpis.series.definition import Definition
from kpis.series.method import Method
from kpis.series.resample import is_bare
from service.errors import Issue

_MOST_FEEDS = 20
_FEED = re.compile("api|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_feeds(definition: Definition, row: Method) -> list[Issue]:
    """Return what is wrong with how several feeds are combined."""
    how, feeds = definition.combine, definition.feeds
    issues: list[Issue] = []
    if how is not None and how not in ("sum", "prefer"):
        issues.append(Issue("/combine", "choice", "One of sum, prefer, or null."))
    elif how is not None and (definition.period is None or definition.input in ("none", "flows")):
        detail = "Feeds are combined period by period, of a KPI that has readings, and no stock."
        issues.append(Issue("/combine", "not_taken", detail))
    elif how == "sum" and (not row.summable or is_bare(definition)):
        issues.append(Issue("/combine", "not_summable", "Its figures cannot be summed; prefer one feed."))
    if feeds and how != "prefer":
        issues.append(Issue("/feeds", "not_taken", "An order of feeds goes with combine: prefer."))
    elif how == "prefer" and not feeds:
        issues.append(Issue("/feeds", "required", "Name the preferred feeds, best first."))
    if len(feeds) > _MOST_FEEDS or len(set(feeds)) < len(feeds):
        issues.append(Issue("/feeds", "feeds", f"At most {_MOST_FEEDS} feeds, each named once."))
    issues += [
        Issue(f"/feeds/{place}", "feed", "The id of a source or inbound endpoint, or `api`.")
        for place, name in enumerate(feeds)
        if not _FEED.fullmatch(name)
    ]
    return issues


def check_total(definition: Definition, row: Method) -> list[Issue]:
    """Return what is wrong with which totals are sent beside their parts."""
    if definition.total is None:
        return []
    if definition.period is None or definition.input in ("none", "flows") or not row.summable:
        detail = "Totals are compared period by period, of a KPI whose readings can be summed, and no stock."
        return [Issue("/total", "not_taken", detail)]
    return []
