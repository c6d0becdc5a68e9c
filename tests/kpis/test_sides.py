"""Rates whose sides are told by themselves: each numerator counts with its denominator, in whichever
order."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import AT, points_of, put
from tests.kpis.make_readings import codes, kpi, record, record_all

Json = dict[str, Any]


def opens(tenant: Tenant, key: str = "opens", **values: Any) -> Json:
    return kpi(tenant, key, "open_rate", **{"holds": "events", **values})


def side(name: str, id: str, at: str, key: str = "opens", **more: Any) -> Json:
    return {"kpi": key, "side": name, "external_id": id, "observed_at": at, **more}


def told(tenant: Tenant, query: str = "", key: str = "opens") -> tuple[list[tuple[str, Any, Any]], int]:
    body = tenant.client.call("GET", f"/v1/kpis/{key}/points?{query}").json()
    return [(one["label"], one["value"], one["n"]) for one in body["points"]], body["unmatched"]


def test_an_open_counts_in_the_month_of_its_delivery_however_often_it_is_told(tenant: Tenant) -> None:
    opens(tenant, settle_s=3 * 86400)
    delivered = [side("denominator", f"m1:{who}", "2026-09-30T10:00:00Z") for who in ("ann", "bob")]
    record_all(tenant, delivered)
    assert told(tenant) == ([("2026-09", 0, 2)], 0)
    before = datetime.now(UTC).isoformat()
    first = record(
        tenant, "opens", side="numerator", external_id="m1:ann", observed_at="2026-10-02T08:00:00Z"
    )
    assert (first["side"], first["external_id"], first["outcome"]) == ("numerator", "m1:ann", "created")
    again = side("numerator", "m1:ann", "2026-10-05T08:00:00Z")
    assert record_all(tenant, [again, *delivered])["counts"]["duplicate"] == 3
    assert told(tenant) == ([("2026-09", 0.5, 2)], 0)
    assert told(tenant, f"known_at={quote(before)}") == ([("2026-09", 0, 2)], 0)
    # An open without its delivery is counted apart, and finds it when it comes late, under its labels.
    record_all(tenant, [side("numerator", "m2:ann", "2026-10-06T08:00:00Z")])
    assert told(tenant) == ([("2026-09", 0.5, 2)], 1)
    late = side("denominator", "m2:ann", "2026-09-29T08:00:00Z", labels={"list": "news"})
    record_all(tenant, [late])
    assert told(tenant) == ([("2026-09", 0.5, 2)], 0)
    news = "labels=" + quote('{"list": "news"}')
    assert told(tenant, news) == ([("2026-09", 1, 1)], 0)
    # What is taken back is taken back on both sides.
    record(tenant, "opens", side="numerator", external_id="m1:ann", retract=True)
    assert told(tenant)[0] == [("2026-09", 0, 2)]
    record(tenant, "opens", side="denominator", external_id="m2:ann", retract=True, labels={"list": "news"})
    assert told(tenant, news) == ([], 1)


def test_a_young_month_is_preliminary(tenant: Tenant) -> None:
    opens(tenant, settle_s=3 * 86400)
    record_all(tenant, [side("denominator", "m1:ann", "2026-09-30T10:00:00Z")])
    for day, state in (
        ("09-30T12:00", (False, False)),
        ("10-02T00:00", (True, False)),
        ("10-04T00:00", (False, True)),
    ):
        path = f"/v1/kpis/opens/points?as_of=2026-{day}:00Z"
        (point,) = tenant.client.call("GET", path).json()["points"]
        assert (point["preliminary"], point["complete"]) == state


def test_what_has_no_side_is_refused_by_name(tenant: Tenant) -> None:
    opens(tenant)
    kpi(tenant, "visits", "visitors")
    for body, issue in (
        (side("opened", "m1", "2026-09-01T00:00:00Z"), ("/side", "choice")),
        (side("numerator", "m1", "2026-09-01T00:00:00Z", numerator=1), ("/numerator", "not_taken")),
        (side("numerator", "m1\x1f", "2026-09-01T00:00:00Z"), ("/external_id", "external_id")),
        ({"kpi": "opens", "side": "numerator", "external_id": "m1"}, ("/observed_at", "required")),
        ({"kpi": "visits", "side": "numerator", "value": 1, "period": "2026-W10"}, ("/side", "not_taken")),
    ):
        answer = tenant.client.call("POST", "/v1/readings", body)
        assert (answer.status_code, codes(answer.json())) == (400, {issue}), answer.content


@pytest.mark.parametrize("seed", range(6))
def test_any_order_repeat_and_delay_gives_what_a_plain_count_gives(tenant: Tenant, seed: int) -> None:
    dice = random.Random(seed)
    opens(tenant, period="day")
    things = [f"m{number}" for number in range(12)]
    days = {thing: [dice.randint(1, 5) for _ in range(dice.randint(0, 2))] for thing in things}
    opened = {thing: dice.randint(0, 2) for thing in things}
    items = [_item("denominator", thing, day) for thing in things for day in days[thing]]
    items += [
        _item("numerator", thing, dice.randint(1, 20)) for thing in things for _ in range(opened[thing])
    ]
    items += dice.choices(items, k=5)
    dice.shuffle(items)
    while items:
        size = dice.randint(1, 5)
        put(tenant, items[:size], on_conflict=dice.choice(["refuse", "correct"]))
        items = items[size:]
    plain: dict[int, list[int]] = {}
    for thing in things:
        if days[thing]:
            plain.setdefault(min(days[thing]), []).append(int(opened[thing] > 0))
    found = {
        point.end.day - 1: (point.sums.numerator, point.sums.denominator)
        for point in points_of(tenant, "opens")
    }
    assert found == {day: (Decimal(sum(hits)), Decimal(len(hits))) for day, hits in plain.items()}


def _item(side: str, thing: str, day: int) -> ReadingIn:
    return ReadingIn(kpi="opens", side=side, external_id=thing, observed_at=AT.replace(month=5, day=day))
