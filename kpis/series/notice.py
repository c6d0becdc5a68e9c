"""Which findings somebody asked to be told of, or asked not to be: a selector and what it is held against.

A selector names what a finding must be; what it does not name may be anything. A finding has one aspect for
each series that it speaks of (a broken source those that it feeds, a replay those that it changed): one
aspect that fits is enough.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kpis.series.finding import SEVERITIES, Severity
from kpis.series.labels import EVERY

Occasion = Literal["opened", "changed", "closed"]
OCCASIONS: tuple[Occasion, ...] = ("opened", "changed", "closed")


@dataclass(frozen=True, slots=True)
class Selector:
    """kinds, kpis, sources, journey_maps: one of these; empty: any. severity: this or worse.

    labels: these, among others; `*` is any value.
    """

    kinds: frozenset[str] = frozenset()
    severity: Severity = "info"
    kpis: frozenset[uuid.UUID] = frozenset()
    sources: frozenset[uuid.UUID] = frozenset()
    journey_maps: frozenset[uuid.UUID] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aspect:
    """A series that a finding speaks of, and the maps on which it shows. kind: of what was found of it."""

    kind: str
    kpi_id: uuid.UUID | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    source_id: uuid.UUID | None = None
    map_ids: frozenset[uuid.UUID] = frozenset()


_OCCASIONS: Mapping[str, Occasion] = {"opened": "opened", "reopened": "opened", "closed": "closed"}
DEFAULT = Selector(severity="warning")
"""What is told in a workspace that never had a notice."""


def occasion_of(
    selector: Selector,
    *,
    kind: str,
    change: str,
    severity: Severity,
    was: Severity | None,
    aspects: Sequence[Aspect],
) -> Occasion | None:
    """Return what a change of a finding is to whoever asked with this selector; None: nothing.

    was: its severity before, None where that is the same. Who asked for critical ones alone hears of one that
    gets so as opened, and of one that is so no more as closed: else nobody would tell them that it is over.
    """
    own = _OCCASIONS.get(change, "changed")
    is_named = selects_finding(selector, kind=kind, severity=severity, aspects=aspects)
    was_named = (
        is_named if was is None else selects_finding(selector, kind=kind, severity=was, aspects=aspects)
    )
    if is_named:
        return own if was_named else "opened"
    return "closed" if was_named else None


def selects_finding(selector: Selector, *, kind: str, severity: Severity, aspects: Iterable[Aspect]) -> bool:
    """Say whether a finding of this kind and severity is one of those that the selector names."""
    if SEVERITIES.index(severity) < SEVERITIES.index(selector.severity):
        return False
    return any(_fits(selector, kind, aspect) for aspect in aspects)


def _fits(selector: Selector, kind: str, aspect: Aspect) -> bool:
    return (
        (not selector.kinds or bool(selector.kinds & {kind, aspect.kind}))
        and (not selector.kpis or aspect.kpi_id in selector.kpis)
        and (not selector.sources or aspect.source_id in selector.sources)
        and (not selector.journey_maps or not selector.journey_maps.isdisjoint(aspect.map_ids))
        and all(
            name in aspect.labels and wanted in (EVERY, aspect.labels[name])
            for name, wanted in selector.labels.items()
        )
    )
