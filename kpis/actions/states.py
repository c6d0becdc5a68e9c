"""States: what each binding shows now, worked out anew when something that it stands on has changed.

1. Find what is bound to the series, feeds, KPIs or bindings named: ratios over them, selectors with `*`.
2. Lock the bindings in id order; whoever works out the same binding waits, and then sees our readings.
3. Read definitions, rules, series and points with one statement each; fold them purely.
4. Write the entries with one statement; tell of each status that changed, and report what that means.
5. Appoint the sweep that must look again when time alone changes something, and raise the revision of
   each map once, last, in id order.

Everything here runs in the caller's transaction, after it has locked its series and written to them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import connection, transaction

from journeys.actions.maps import bump_maps
from kpis.actions.binding_terms import follow_kpi_names
from kpis.actions.findings_sources import report_source
from kpis.actions.findings_states import settle_series
from kpis.actions.freshness_due import appoint_sweeps
from kpis.queries import state
from kpis.queries.feeds import broken_feeds
from kpis.queries.findings_held import SeriesKey
from kpis.queries.points import Told
from kpis.queries.sql import execute, statement
from kpis.queries.state import Before
from kpis.queries.state_judged import Judged, judged
from kpis.series.exact import encode
from kpis.series.finding import Cause, weightiest
from kpis.series.labels import labels_key
from kpis.series.live_parts import iso
from kpis.series.period import period_of
from service.events import emit_all
from service.tenancy import advisory_lock

Why = Cause | Mapping[int, Cause]
"""Why something is worked out anew, as findings say it: one cause of all, or by the series that were told."""
NOTHING: Mapping[int, Told] = MappingProxyType({})
_WRITE = statement("write_states")
_TURN = """
INSERT INTO feed_turn (workspace_id, feed_id, broken, recorded_at)
VALUES (%(workspace)s, %(feed)s, %(broken)s, clock_timestamp())
"""


@transaction.atomic(savepoint=False)
def refresh_bindings(
    *,
    workspace_id: uuid.UUID,
    series_ids: Collection[int] = (),
    kpi_ids: Collection[uuid.UUID] = (),
    binding_ids: Collection[uuid.UUID] = (),
    told: Mapping[int, Told] = NOTHING,
    cause: Why,
    at: datetime,
) -> None:
    """Work out anew what is bound to series that got readings, or to KPIs that changed, or bindings that did.

    One of the three. series_ids: locked by the caller. told: what was told of them. kpi_ids: their name,
    definition or rules are others now.
    """
    if series_ids:
        touched = state.hold_touched(workspace_id=workspace_id, series_ids=series_ids)
    elif kpi_ids or binding_ids:
        touched = state.named(workspace_id=workspace_id, kpi_ids=kpi_ids, binding_ids=binding_ids)
    else:
        return
    if not touched:
        return
    shown = [one.binding_id for one in touched if one.shown]
    if kpi_ids:
        hold_series(workspace_id=workspace_id, kpi_ids=kpi_ids)
    if shown and not series_ids:
        state.lock_bindings(workspace_id=workspace_id, binding_ids=shown)
    if kpi_ids:
        follow_kpi_names(workspace_id=workspace_id, kpi_ids=kpi_ids, at=at)
    if shown:
        before = state.before(workspace_id=workspace_id, binding_ids=shown)
        refresh_locked(workspace_id=workspace_id, before=before, told=told, cause=cause, at=at)
    bump_maps(workspace_id=workspace_id, map_ids={one.journey_map_id for one in touched})


@transaction.atomic(savepoint=False)
def refresh_feed(*, workspace_id: uuid.UUID, feed_id: uuid.UUID, at: datetime) -> None:
    """Work out anew what a source feeds: it broke, or it is well again. Remembered for as-of reads.

    A source that is broken is one finding, which comes before what it feeds and stays until that is settled.
    """
    broken = feed_id in broken_feeds(workspace_id)
    if broken:
        report_source(workspace_id=workspace_id, source_id=feed_id, broken=True, at=at)
    with connection.cursor() as cursor:
        cursor.execute(_TURN, {"workspace": workspace_id, "feed": feed_id, "broken": broken})
    series = state.series_of_feed(workspace_id=workspace_id, feed_id=feed_id)
    cause: Cause = "source" if broken else "reading"
    refresh_bindings(workspace_id=workspace_id, series_ids=series, cause=cause, at=at)
    if not broken:
        report_source(workspace_id=workspace_id, source_id=feed_id, broken=False, at=at)


def refresh_locked(
    *,
    workspace_id: uuid.UUID,
    before: Sequence[Before],
    told: Mapping[int, Told] = NOTHING,
    cause: Why,
    at: datetime,
) -> set[uuid.UUID]:
    """Write the states of locked bindings; return the maps on which one's entry is not that of `before`.

    Sweeps are appointed; the maps' revisions are left to the caller, as they come last.
    """
    if not before:
        return set()
    known = {one.term.binding_id: one for one in before}
    terms = [one.term for one in before]
    clock = max(one.clock for one in before)
    now = judged(workspace_id=workspace_id, terms=terms, at=at, until=clock, live=True, told=told)
    looks = [_looks_again_at(one, known[one.term.binding_id], at) for one in now]
    _write(workspace_id, now, looks)
    changed: set[uuid.UUID] = set()
    others: dict[SeriesKey, Cause] = {}
    news: list[dict[str, object]] = []
    for one in now:
        was = known[one.term.binding_id]
        if was.status is not None and was.status != one.state.judgement.status:
            news.append(_news(one, was.status))
        if (was.status, was.freshness) != (one.state.judgement.status, one.state.freshness):
            key = one.term.kpi_id, labels_key(one.term.selector)
            others[key] = weightiest((_cause(one, cause), others.get(key, "backfill")))
        if was.entry != one.text or was.personas:
            changed.add(one.term.journey_map_id)
    emit_all(workspace_id=workspace_id, type="kpi.status_changed", data=news, at=at)
    for why in sorted(set(others.values()) - {"backfill"}):  # whoever loads many settles once, at the end
        keys = [key for key, its in others.items() if its == why]
        settle_series(workspace_id=workspace_id, keys=keys, cause=why, at=at)
    appoint_sweeps(
        workspace_id=workspace_id,
        changes=[(one.term.journey_map_id, look) for one, look in zip(now, looks, strict=True)],
    )
    return changed


def _cause(one: Judged, why: Why) -> Cause:
    """Why a binding shows something else: by the series that it shows, of those that were told."""
    if isinstance(why, str):
        return why
    return weightiest([why[series_id] for series_id in one.series if series_id in why] or why.values())


def _looks_again_at(one: Judged, before: Before, at: datetime) -> datetime | None:
    """When time alone changes something: on a map seen for personas at the end of a period at the latest.

    A persona's figures stand in no state, but a period that is over is over for them, too.
    """
    look, definition = one.state.next_change_at, one.definition
    if not before.personas or definition.period is None:
        return look
    over = period_of(at, definition.period, definition.zone).end + timedelta(seconds=definition.settle_s)
    return over if look is None else min(look, over)


def hold_series(*, workspace_id: uuid.UUID, kpi_ids: Iterable[uuid.UUID]) -> None:
    """Wait for readings of these KPIs (and of a ratio's parts) that are being recorded; keep new ones out.

    So what is bound next sees all that was recorded before, and who records next sees what is bound.
    """
    parts = state.with_parts(workspace_id=workspace_id, kpi_ids=kpi_ids)
    for kpi_id in sorted(parts):
        advisory_lock("series", workspace_id, kpi_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM series WHERE workspace_id = %s AND kpi_id = ANY(%s) ORDER BY id FOR SHARE",
            [workspace_id, sorted(parts)],
        )


def _write(workspace_id: uuid.UUID, now: Sequence[Judged], looks: Sequence[datetime | None]) -> None:
    rows = [
        {
            "binding": one.term.binding_id,
            "entry": one.text,
            "status": one.state.judgement.status,
            "freshness": one.state.freshness,
            "has_rules": one.state.has_rules,
            "emotion": one.emotion,
            "next": look,
        }
        for one, look in zip(now, looks, strict=True)
    ]
    execute(_WRITE, {"workspace": workspace_id, "rows": encode(rows).decode()})


def _news(one: Judged, was: str) -> dict[str, object]:
    term, judgement = one.term, one.state.judgement
    return {
        "journey_map": str(term.journey_map_id),
        "element": str(term.element_id) if term.element_id else None,
        "binding": str(term.binding_id),
        "kpi": str(term.kpi_id),
        "label": term.label,
        "from": was,
        "to": judgement.status,
        "reason": judgement.reason,
        "value": None if judgement.value is None else float(judgement.value),
        "as_of": iso(judgement.point.end) if judgement.point else None,
    }
