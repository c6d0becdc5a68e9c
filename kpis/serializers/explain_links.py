"""Where each figure is explained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote, urlencode
from uuid import UUID

from kpis.queries.points_kpi import Question
from kpis.queries.points_plan import Clocks
from kpis.series.definition import Definition
from kpis.series.figure_id import FigureRef, figure_id
from kpis.series.labels import EVERY, labels_key
from kpis.series.live_parts import iso
from kpis.series.point import Point


class ExplainLinks:
    """Links of the points of one KPI: what they share is worked out once."""

    def __init__(self, kpi_id: UUID, question: Question) -> None:
        self._kpi_id, self._labels = kpi_id, question.selector
        said = {
            "labels": labels_text(question.selector),
            "bucket": question.bucket,
            "zone": question.zone,
            "as_of": iso(question.as_of),
            "known_at": iso(question.known_at) if question.known_at else None,
        }
        self._base = f"/v1/kpis/{kpi_id}/explain?at="
        self._rest = "&" + urlencode({name: value for name, value in said.items() if value}, safe=":")

    def of(self, point: Point) -> str:
        """Return the address of the explanation of a point."""
        return self._base + iso(point.start or point.end) + self._rest

    def figure_of(self, point: Point, figure: Decimal, definition: Definition) -> str | None:
        """Return the id of a point's figure that is doubted; None where it is that of other labels."""
        whole = definition.row.form == "of_kpis" or EVERY not in self._labels.values()
        if point.start is None or not whole:
            return None
        return figure_id(FigureRef(self._kpi_id, self._labels, point.start, point.end, figure))


def labels_text(labels: Mapping[str, str]) -> str | None:
    """Return labels as the text of a parameter; None for none."""
    return json.dumps(dict(labels), sort_keys=True, separators=(",", ":")) if labels else None


def instants(clocks: Clocks | None) -> dict[str, str]:
    """Return the parameters that ask for the same instants; none of now."""
    if clocks is None:
        return {}
    known = {} if clocks.known_at is None else {"known_at": iso(clocks.known_at)}
    return {"as_of": iso(clocks.as_of), **known}


def feedback_address(
    kpi_id: UUID, labels: Mapping[str, str], start: str, end: str, clocks: Clocks | None = None
) -> str:
    """Return the address of what was said in a period, to a KPI and where it is bound, by a label set; or
    had been by then."""
    query = {"kpi": str(kpi_id), "bound": "true", "from": start, "to": end}
    if labels:
        query["labels"] = labels_key(labels)
    return f"/v1/feedback?{urlencode(query | instants(clocks))}"


def explain_series(
    kpi_id: UUID, labels: Mapping[str, str], clocks: Clocks | None = None, *, at: str | None = None
) -> str:
    """Return the address of the explanation of a label set's last figure, now or then; or of that of `at`."""
    said = {"at": at, "labels": labels_text(labels), **instants(clocks)}
    query = urlencode({name: value for name, value in said.items() if value}, safe=":", quote_via=quote)
    return f"/v1/kpis/{kpi_id}/explain" + (f"?{query}" if query else "")
