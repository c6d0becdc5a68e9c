"""How a figure was made: the answer, built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from kpis.queries.explain import Explained
from kpis.queries.explain_feeds import FeedSaid
from kpis.queries.explain_readings import PARTS, Bearing
from kpis.serializers.explain_links import (
    ExplainLinks,
    explain_series,
    feedback_address,
    instants,
    labels_text,
)
from kpis.serializers.explain_out import MOST_LISTED
from kpis.serializers.kpis_base import base_out
from kpis.serializers.kpis_points_answer import point_out
from kpis.serializers.readings_answer import reading_out
from kpis.series.formula import Filled, fill, fill_derived
from kpis.series.gaps import Drawn
from kpis.series.live_parts import iso
from kpis.series.reading_id import reading_id
from kpis.series.sums import Sums
from kpis.series.value import n_of, value

_JUDGED = (
    "status",
    "certainty",
    "reason",
    "since",
    "interval",
    "window",
    "limit",
    "direction",
    "target",
    "thresholds",
    "target_gap",
    "trend",
    "freshness",
    "fresh_until",
    "caveats",
)


def explained_out(one: Explained) -> Mapping[str, Any]:
    """Return the explanation as shown."""
    row, question, definition = one.figure.row, one.figure.question, one.definition
    filled = _filled(one)
    own = one.figure.meant[row.id].definition
    links = ExplainLinks(row.id, question)
    return {
        "kpi": row.id,
        "key": row.key,
        "name": row.name,
        "binding": one.figure.binding.id if one.figure.binding is not None else None,
        "kind": definition.kind,
        "method": definition.method,
        "unit": definition.unit,
        "currency": definition.currency,
        "labels": question.selector,
        "as_of": question.as_of,
        "known_at": question.known_at,
        "point": one.point and point_out(Drawn(one.point), one.course, own, question.as_of, links),
        "settled_at": one.settled_at,
        "feedback": _feedback(one),
        "formula": {
            "formula": filled.formula,
            "filled": filled.filled,
            "terms": dict(filled.terms),
            "source": definition.row.source,
        },
        "revisions": _revisions(one),
        "shares": _shares(one),
        "feeds": [_feed(feed) for feed in one.feeds],
        "readings": _readings(one),
        "bases": [base_out(base) for base in one.bases],
        "inputs": _inputs(one),
        "restated": _restated(one),
        "total": _total(one),
        "judgement": one.judged and {name: one.judged.state.entry[name] for name in _JUDGED},
    }


def _feedback(one: Explained) -> str | None:
    start = None if one.point is None else one.point.start
    if one.point is None or start is None:
        return None
    labels = one.figure.question.selector
    return feedback_address(one.figure.row.id, labels, iso(start), iso(one.point.end), one.figure.then)


def _filled(one: Explained) -> Filled:
    definition, point = one.definition, one.point
    figure = None if point is None else point.value
    if definition.expression is None:
        return fill(definition, Sums() if point is None else point.sums, figure)
    names = {str(each.row.id): each.row.key or str(each.row.id) for each in one.inputs}
    values = {str(each.row.id): None if each.point is None else each.point.value for each in one.inputs}
    return fill_derived(definition.expression, names, values, figure)


def _revisions(one: Explained) -> list[Mapping[str, Any]]:
    as_of = one.figure.question.as_of
    held = [row.number for row in one.revisions if row.valid_from <= as_of or row.number == 1]
    return [
        {
            "number": row.number,
            "measure": row.measure,
            "valid_from": row.valid_from,
            "recorded_at": row.recorded_at,
            "applied": bool(held) and row.number == held[-1],
        }
        for row in one.revisions
    ]


def _shares(one: Explained) -> list[Mapping[str, Any]]:
    if not one.told.complete:
        return []
    kpi_id, definition = one.figure.row.id, one.definition
    labels = {reading.reading.ref.series_id: reading.reading.labels for reading in one.told.readings}
    measures = {series.id: series.measure for series in one.series}
    return [
        {
            "labels": labels[series_id],
            "measure": measures[series_id],
            "feed": feed,
            "readings": readings,
            "numerator": sums.numerator,
            "denominator": sums.denominator,
            "total": sums.total,
            "n": n_of(sums),
            "value": None if definition.stocked else value(definition, sums),
            "explain": explain_series(kpi_id, labels[series_id], one.figure.then),
        }
        for (series_id, feed), (readings, sums) in one.told.shares().items()
    ]


def _feed(feed: FeedSaid) -> Mapping[str, Any]:
    of_source = feed.kind == "source"
    return {
        "id": feed.id,
        "kind": feed.kind,
        "name": feed.name,
        "broken": feed.broken,
        "deduplicated": feed.repeats,
        "last": feed.last_id
        and {
            "id": feed.last_id,
            "at": feed.last_at,
            "status": feed.last_status,
            "error": feed.last_error,
            "counts": feed.last_counts,
        },
        "url": f"/v1/sources/{feed.id}/runs" if of_source else f"/v1/inbound-events?endpoint={feed.id}",
    }


def _readings(one: Explained) -> Mapping[str, Any]:
    told, feeds = one.told, {feed.id: feed for feed in one.feeds}
    used = [each for each in told.readings if each.part == "used"]
    others = [each for each in told.readings if each.part != "used"]
    return {
        "counts": dict.fromkeys(PARTS, 0) | told.counts,
        "complete": told.complete,
        "used": [_bearing(each, feeds) for each in used[:MOST_LISTED]],
        "others": [_bearing(each, feeds) for each in others[:MOST_LISTED]],
        "url": _all_readings(one),
    }


def _bearing(each: Bearing, feeds: Mapping[Any, FeedSaid]) -> Mapping[str, Any]:
    shown = reading_out(each.reading)
    feed = feeds.get(each.reading.feed_id)
    raw = None
    if feed is not None:
        cause = f"/v1/inbound-events/{each.reading.cause_id}"
        raw = f"/v1/sources/{feed.id}/runs" if feed.kind == "source" else cause
    return {**shown, "part": each.part, "url": f"/v1/readings/{shown['id']}", "raw": raw}


def _all_readings(one: Explained) -> str:
    """Those that end in the period; of what was never told, all of the labels."""
    said = {"kpi": str(one.figure.row.id), "labels": labels_text(one.figure.question.selector)}
    said |= instants(one.figure.then)
    if one.point is not None:
        said |= {"from": iso(one.point.start or one.point.end), "to": iso(one.point.end)}
    return "/v1/readings?" + urlencode({name: text for name, text in said.items() if text}, safe=":")


def _inputs(one: Explained) -> list[Mapping[str, Any]]:
    inputs: list[Mapping[str, Any]] = []
    for each in one.inputs:
        address = explain_series(each.row.id, each.question.selector, one.figure.then)
        if one.point is not None:
            address = ExplainLinks(each.row.id, each.question).of(one.point)
        inputs.append(
            {
                "kpi": each.row.id,
                "key": each.row.key,
                "name": each.row.name,
                "value": each.point and each.point.value,
                "explain": address,
            }
        )
    return inputs


def _total(one: Explained) -> Mapping[str, Any] | None:
    if one.total is None or one.point is None or one.definition.total is None:
        return None
    compared = one.total.compared
    return {
        "label": one.definition.total.label,
        "sent": compared.sent.value,
        "summed": compared.summed.value,
        "agrees": not compared.members,
        "differs_in": list(compared.members),
        "explain": ExplainLinks(one.figure.row.id, one.total.question).of(one.point),
    }


def _restated(one: Explained) -> Mapping[str, Any] | None:
    if one.restated is None:
        return None
    said = one.restated
    return {
        "was": said.was.value,
        "n": said.was.n,
        "at": said.at,
        "why": said.why,
        "reason": said.reason,
        "reading": said.by and reading_id(said.by.ref),
    }
