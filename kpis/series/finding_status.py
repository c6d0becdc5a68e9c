"""What the bindings of one series say together: at warn or breach, stale, or well again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from kpis.series.finding import Cause, Found, Over, Severity, Subject
from kpis.series.period import NotAPeriod, following, parse_period

_LEVELS: Mapping[str, Severity] = MappingProxyType({"warn": "warning", "breach": "critical"})
_OVERDUE: Mapping[str, Severity] = MappingProxyType({"stale": "warning", "late": "info"})
_WELL = ("ok", "unjudged")
_TOLD = (
    "value",
    "n",
    "unit",
    "currency",
    "period",
    "reason",
    "certainty",
    "target",
    "thresholds",
    "window",
    "limit",
)


@dataclass(frozen=True, slots=True)
class Binding:
    """How a binding stands. entry: what the live map shows at it."""

    status: str
    freshness: str
    entry: Mapping[str, object]


def seen_of(subject: Subject, bindings: Sequence[Binding], cause: Cause) -> list[Found | Over]:
    """Return what is to be reported of a series: of its status, of its freshness, or nothing.

    A series that nothing shows any more is over. While its source is broken the source's finding says it all,
    and a stale figure says nothing of now: a history that is loaded piece by piece opens no finding before
    its last piece. Too few observations, or none, close nothing: nobody knows.
    """
    if not bindings:
        return [Over("status", subject, cause), Over("freshness", subject, cause)]
    return [one for one in (_status(subject, bindings, cause), _freshness(subject, bindings, cause)) if one]


def _status(subject: Subject, bindings: Sequence[Binding], cause: Cause) -> Found | Over | None:
    current = [one for one in bindings if one.freshness in ("fresh", "late")]
    for level in ("breach", "warn"):
        for one in current:
            if one.status == level:
                told = (*_TOLD, *(() if one.entry.get("period") else ("observed_at",)))
                facts = {name: one.entry[name] for name in told if one.entry.get(name) is not None}
                past = cause not in ("reading", "time") or one.freshness == "late"
                return Found("status", subject, level, _LEVELS[level], cause, past, _since(one.entry), facts)
    return Over("status", subject, cause) if any(one.status in _WELL for one in current) else None


def _freshness(subject: Subject, bindings: Sequence[Binding], cause: Cause) -> Found | Over | None:
    """Time alone makes a figure late, then stale; one that was old when it came was never fresh here."""
    words = {one.freshness for one in bindings}
    if words == {"fresh"}:
        return Over("freshness", subject, cause)
    level = next((level for level in _OVERDUE if level in words), None)
    if cause != "time" or level is None:
        return None
    last = next(one.entry for one in bindings if one.freshness == level)
    facts = {"last": last.get("observed_at"), "period": last.get("period"), "overdue": _overdue(last)}
    told = {name: fact for name, fact in facts.items() if fact is not None}
    return Found("freshness", subject, level, _OVERDUE[level], cause, False, None, told)


def _overdue(last: Mapping[str, object]) -> str | None:
    """The label of the first period whose figure is overdue; None where figures are of instants."""
    period = last.get("period")
    label = period.get("label") if isinstance(period, Mapping) else None
    if not isinstance(label, str):
        return None
    try:
        return following(parse_period(label, "UTC")).label
    except NotAPeriod:  # an hour of a zone that UTC's clock does not have
        return None


def _since(entry: Mapping[str, object]) -> datetime | None:
    since = entry.get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else None
