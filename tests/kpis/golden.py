"""What other programs made of real figures, and how it is compared with what the API answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.conftest import Tenant
from tests.kpis.make_readings import record_all

RANGE = "from=2013-01-01T00:00:00Z&to=2015-01-01T00:00:00Z"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def points(tenant: Tenant, key: str, query: str = RANGE) -> dict[str, Decimal | None]:
    """The values of a KPI's points by the day on which they begin."""
    answer = tenant.client.call("GET", f"/v1/kpis/{key}/points?fill=none&{query}")
    assert answer.status_code == 200, answer.content
    shown = json.loads(answer.content, parse_float=Decimal)["points"]
    return {
        point["start"][:10]: None if point["value"] is None else Decimal(point["value"]) for point in shown
    }


def same(ours: Decimal | None, theirs: Any) -> bool:
    """Equal in every digit that the other side gives: it rounded to ten after the point."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - Decimal(theirs)) <= Decimal("5E-11")


def all_same(ours: dict[str, Decimal | None], theirs: dict[str, Any]) -> bool:
    return ours.keys() >= theirs.keys() and all(same(ours[day], value) for day, value in theirs.items())


def band(tenure: int) -> str:
    """The band of months as customer in which the telephone company's expected rates are told."""
    bands = ((0, "0"), (12, "1-12"), (24, "13-24"), (48, "25-48"), (72, "49-72"))
    return next(name for top, name in bands if tenure <= top)


def span(row: dict) -> dict[str, str]:
    return {"start": row["_start_at"], "end": row["_end_at"]}


def send(tenant: Tenant, items: Iterable[dict]) -> None:
    rows = list(items)
    for start in range(0, len(rows), 500):
        shown = record_all(tenant, rows[start : start + 500], "?atomic=true")
        assert shown["counts"]["created"] == len(rows[start : start + 500])
