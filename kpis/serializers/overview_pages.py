"""All maps side by side in any form; as page and picture the same facts in words, drawn by the renderer of
journeys."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from journeys.render.portfolio import Cell, Grid, Line, Portfolio, render_html, render_svg
from journeys.render.words import day, share
from kpis.queries.overview import MOST_MAPS, Matrix, Overview, Row
from kpis.queries.overview import Cell as CellSaid
from kpis.queries.overview_told import FigureSaid
from kpis.serializers.live_figures import figure, period_name
from kpis.serializers.overview_answer import overview_csv, overview_out
from kpis.series.rollup import RollUp
from service.renderers import CsvRenderer, HtmlRenderer, SvgRenderer, encode

CSV = CsvRenderer.media_type
HTML, SVG = HtmlRenderer.media_type, SvgRenderer.media_type


def overview_body(found: Overview, media: str, today: date, *, view_id: uuid.UUID | None = None) -> bytes:
    """Return it as CSV, page or picture, else as JSON. view_id: as the audience of that view gets it."""
    is_seen = view_id is not None
    if media in (HTML, SVG):
        return _drawn(found, today, media == HTML, is_seen)
    if media == CSV:
        return overview_csv(found, today, is_seen=is_seen)
    whose = {"view": view_id} if is_seen else {}
    return encode({**whose, **overview_out(found, today, is_seen=is_seen)})


def _drawn(found: Overview, today: date, as_page: bool, is_seen: bool) -> bytes:
    shown = Portfolio(
        "Overview",
        [_line(row, today, is_seen) for row in found.rows],
        [_grid(matrix) for matrix in found.matrices],
        f"The first {MOST_MAPS} maps by name." if found.more else "",
    )
    return (render_html(shown) if as_page else render_svg(shown)).encode()


def _line(row: Row, today: date, is_seen: bool) -> Line:
    one, said = row.map, row.map.said
    due = None if said is None else said.review_due
    overdue = due is not None and due < today
    evidence = None if said is None else said.evidence
    standing: Any = row.rolled.status
    more = row.in_breach - len(row.breaches)
    return Line(
        name=one.name,
        href="" if is_seen else f"/v1/journey-maps/{one.id}/live",
        owner="" if said is None else said.owner,
        standing=standing,
        judged=_judged(row.rolled) if said is not None else "not published",
        breaches=[*map(_figure, row.breaches), *([f"and {more} more"] if more > 0 else [])],
        stalest=_stalest(row.stalest),
        sources=[source.name for source in row.broken],
        findings=", ".join(f"{count} {severity}" for severity, count in sorted(row.findings.items())),
        evidence="" if evidence is None or evidence.share is None else f"{share(evidence.share)} researched",
        review="" if due is None else f"{'was due' if overdue else 'due'} {day(due)}",
        overdue=overdue,
    )


def _judged(rolled: RollUp) -> str:
    said = f"judged {rolled.judged} of {rolled.asked}"
    return f"{said}, {rolled.without_rules} without limits" if rolled.without_rules else said


def _figure(said: FigureSaid) -> str:
    entry = said.entry
    value = entry.value if isinstance(entry.value, Decimal) else None
    return entry.name if value is None else f"{entry.name} {figure(value, entry.unit, entry.currency)}"


def _stalest(said: FigureSaid | None) -> str:
    if said is None:
        return ""
    entry = said.entry
    label = entry.period.label if entry.period else None
    when = period_name(label) if label else day(entry.observed_at.date()) if entry.observed_at else ""
    return ", ".join(filter(None, (entry.name, when, "" if entry.freshness == "fresh" else entry.freshness)))


def _grid(matrix: Matrix) -> Grid:
    rows = [(one.name, [_cell(cells.get(word)) for word in matrix.words]) for one, cells, _ in matrix.rows]
    return Grid(f"Stage by stage: {matrix.label}", list(matrix.words.values()), rows)


def _cell(cell: CellSaid | None) -> Cell:
    if cell is None:
        return Cell(None)
    standing: Any = cell.rolled.status
    return Cell(standing, _judged(cell.rolled))
