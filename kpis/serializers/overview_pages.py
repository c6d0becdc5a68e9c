"""All maps side by side in any form; as page and picture the same facts in words, drawn by the renderer of
journeys."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal

from journeys.render.face import Link
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS
from journeys.render.portfolio import Cell, Figure, Grid, Line, Portfolio, render_html, render_svg
from journeys.render.words import day, instant, share
from kpis.queries.overview import MOST_MAPS, Matrix, Overview, Row
from kpis.queries.overview import Cell as CellSaid
from kpis.queries.overview_told import FigureSaid
from kpis.serializers.live_figures import coverage_said, figure, period_name
from kpis.serializers.overview_answer import When, live_address, overview_csv, overview_out, when_of
from kpis.series.finding import SEVERITIES
from kpis.series.labels import labels_key
from kpis.series.rollup import RollUp
from service.renderers import CsvRenderer, HtmlRenderer, SvgRenderer, encode

CSV = CsvRenderer.media_type
HTML, SVG = HtmlRenderer.media_type, SvgRenderer.media_type
_WORDS = {"critical": "critical", "warning": "warning", "info": "note"}


def overview_body(
    found: Overview,
    media: str,
    today: date,
    *,
    view_id: uuid.UUID | None = None,
    links: Sequence[Link] = (),
) -> bytes:
    """Return it as CSV, page or picture, else as JSON. view_id: as the audience of that view gets it.

    links: where the page finds its other forms.
    """
    is_seen, when = view_id is not None, when_of(found.clocks, today)
    if media in (HTML, SVG):
        return _drawn(found, when, media == HTML, is_seen, links)
    if media == CSV:
        return overview_csv(found, when, is_seen=is_seen)
    whose = {"view": view_id} if is_seen else {}
    return encode({**whose, **overview_out(found, when, is_seen=is_seen)})


def _drawn(found: Overview, when: When, as_page: bool, is_seen: bool, links: Sequence[Link]) -> bytes:
    shown = Portfolio(
        "Overview",
        [_line(row, when, is_seen) for row in found.rows],
        [_grid(matrix) for matrix in found.matrices],
        " ".join(_notes(found)),
        links,
    )
    return (render_html(shown) if as_page else render_svg(shown)).encode()


def _notes(found: Overview) -> Iterator[str]:
    if found.clocks is not None:
        yield f"As of {instant(found.clocks.as_of.astimezone(UTC))}."
        if found.clocks.known_at is not None:
            yield f"As known at {instant(found.clocks.known_at.astimezone(UTC))}."
    if found.more:
        yield f"Only the first {MOST_MAPS} by name."


def _line(row: Row, when: When, is_seen: bool) -> Line:
    one, said = row.map, row.map.said
    due = None if said is None else said.review_due
    overdue = due is not None and due < when.today
    evidence = None if said is None else said.evidence
    return Line(
        name=one.name,
        href="" if is_seen else live_address(one.id, when),
        owner="" if said is None else said.owner,
        standing=_standing(row.rolled.status),
        parts=[(_standing(name), count) for name, count in row.rolled.counts.items() if count],
        judged=_judged(row.rolled) if said is not None else "not published yet",
        breaches=_breaches(row.breaches),
        in_breach=row.in_breach,
        stalest=_stalest(row.stalest),
        sources=[source.name for source in row.broken],
        findings=_findings(row.findings),
        researched=None if evidence is None else evidence.share,
        evidence="" if evidence is None or evidence.share is None else f"{share(evidence.share)} researched",
        review="" if due is None else f"{'was due' if overdue else 'due'} {day(due)}",
        overdue=overdue,
    )


def _judged(rolled: RollUp) -> str:
    return coverage_said(rolled.judged, rolled.asked, rolled.without_rules)


def _standing(status: str) -> Standing:
    return next(standing for standing in SIGNS if standing == status)


def _findings(found: Mapping[str, int]) -> str:
    said = [(found[severity], severity) for severity in reversed(SEVERITIES) if found.get(severity)]
    return ", ".join(
        f"{count} {_WORDS[severity]}{'s' * (count > 1 and severity != 'critical')}"
        for count, severity in said
    )


def _breaches(found: Sequence[FigureSaid]) -> list[Figure]:
    """One KPI's figures of the same labels are one figure, at however many places it stands."""
    told: dict[tuple[object, ...], Figure] = {}
    for said in found:
        name, value = _figure(said)
        own = (said.entry.kpi, labels_key(said.entry.labels), name, value)
        told[own] = replace(told[own], places=told[own].places + 1) if own in told else Figure(name, value)
    return list(told.values())


def _figure(said: FigureSaid) -> tuple[str, str]:
    entry = said.entry
    value = entry.value if isinstance(entry.value, Decimal) else None
    told = "" if value is None else figure(value, entry.unit, entry.currency)
    # It is in breach, as far as is known; its map is not judged by it.
    old = entry.freshness if entry.freshness in ("stale", "broken") else ""
    return entry.name, ", ".join(filter(None, (told, old)))


def _stalest(said: FigureSaid | None) -> Figure | None:
    if said is None:
        return None
    entry = said.entry
    label = entry.period.label if entry.period else None
    when = period_name(label) if label else day(entry.observed_at.date()) if entry.observed_at else ""
    late = "" if entry.freshness == "fresh" else entry.freshness
    return Figure(entry.name, ", ".join(filter(None, (when, late))))


def _grid(matrix: Matrix) -> Grid:
    rows = [(one.name, [_cell(cells.get(word)) for word in matrix.words]) for one, cells, _ in matrix.rows]
    return Grid(f"Stage by stage: {matrix.label}", list(matrix.words.values()), rows)


def _cell(cell: CellSaid | None) -> Cell:
    if cell is None:
        return Cell(None)
    return Cell(_standing(cell.rolled.status), _judged(cell.rolled))
