"""Medians, percentiles and questionnaires over HTTP and from rollups."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from kpis.series.kinds import KINDS
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import AT, points_of, put
from tests.kpis.make_readings import codes, kpi
from tests.kpis.test_rollups import rebuild, rows

DAYS = [AT - timedelta(days=day) for day in (3, 2, 1, 0)]


def test_a_median_of_rollups_and_of_single_cases_is_the_same(tenant: Tenant) -> None:
    kpi(tenant, "solved", "resolution_time", method="p90", holds="events", period="month")
    hours = [(day, hour) for day in range(4) for hour in range(0, 11, day + 1)]
    cases = [
        ReadingIn(kpi="solved", value=60 * hour, external_id=f"{day}-{hour}", observed_at=DAYS[day])
        for day, hour in hours
    ]
    put(tenant, cases)
    before = points_of(tenant, "solved", as_of=AT)
    rebuild(AT + timedelta(minutes=1))
    assert len(rows(tenant, "rollup_day")) == 3
    assert points_of(tenant, "solved") == before
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rollup_day WHERE tally IS NULL")
        assert cursor.fetchone() == (0,)
    may = sorted(60 * hour for day, hour in hours if DAYS[day].month == 5)
    place = 0.9 * (len(may) - 1)
    below = int(place)
    asked = may[below] + (place - below) * (may[below + 1] - may[below])
    assert [float(point.value or -1) for point in before[:1]] == [asked]


def test_ten_answers_are_one_score(tenant: Tenant) -> None:
    kpi(tenant, "usable", "sus", holds="events", period="day")
    body = {"kpi": "usable", "external_id": "p1", "observed_at": "2026-03-02T10:00:00Z"}
    answer = tenant.client.call("POST", "/v1/readings", {**body, "answers": [5, 1] * 5})
    assert (answer.status_code, answer.json()["value"]) == (201, 100)
    again = tenant.client.call("POST", "/v1/readings", {**body, "answers": [5, 1] * 5})
    assert again.status_code == 200
    other = {**body, "external_id": "p2"}
    assert codes(tenant.client.call("POST", "/v1/readings", {**other, "answers": [5, 1]}).json()) == {
        ("/answers", "count")
    }
    assert codes(tenant.client.call("POST", "/v1/readings", {**other, "answers": "5151515151"}).json()) == {
        ("/answers", "type")
    }
    assert tenant.client.call("POST", "/v1/readings", {**other, "answers": [3] * 10}).status_code == 201
    [point] = tenant.client.call("GET", "/v1/kpis/usable/points").json()["points"]
    assert (point["value"], point["n"], point["interval"]["method"]) == (75, 2, "t")
    assert point["reason"] is None


def test_points_say_why_there_is_no_figure(tenant: Tenant) -> None:
    kpi(tenant, "done", "task_success", period="month")
    for period, parts in (("2026-01", (0, 0)), ("2026-02", (None, 4)), ("2026-03", (1, 2))):
        body = {"kpi": "done", "period": period, "numerator": parts[0], "denominator": parts[1]}
        assert tenant.client.call("POST", "/v1/readings", body).status_code == 201
    points = tenant.client.call("GET", "/v1/kpis/done/points").json()["points"]
    assert [point["reason"] for point in points] == ["division_by_zero", "no_figure", None]


def test_each_kind_knows_itself(tenant: Tenant) -> None:
    kinds = tenant.client.call("GET", "/v1/kpi-kinds").json()["results"]
    assert [kind["kind"] for kind in kinds] == list(KINDS)
    for kind in kinds:
        assert kind == tenant.client.call("GET", f"/v1/kpi-kinds/{kind['kind']}").json()
        for method in kind["methods"]:
            assert method["formula"]
            assert method["aggregation"]
            assert (method["emotion"] is not None) is (kind["nature"] == "experience")
            assert method["interval"] or not method["sampled"]
    asked = tenant.client.call("GET", "/v1/kpi-kinds?nature=experience&q=promoter").json()["results"]
    assert [kind["kind"] for kind in asked] == ["nps", "enps"]
    by_name = tenant.client.call("GET", "/v1/kpi-kinds?q=ltv").json()["results"]
    assert [kind["kind"] for kind in by_name] == ["clv"]
    assert tenant.client.call("GET", "/v1/kpi-kinds/happiness").status_code == 404


def test_a_conversion_says_within_what_time_and_of_whom(tenant: Tenant) -> None:
    told = kpi(tenant, "bought", "conversion", window_s=7 * 86400, dedupe="person")
    assert (told["window_s"], told["dedupe"], told["measure"]) == (604800, "person", 1)
    path = f"/v1/kpis/{told['id']}"
    changed = tenant.client.call("PATCH", path, {"dedupe": "session"}, etag=told["etag"]).json()
    assert changed["measure"] == 2
    silent = tenant.client.call("PATCH", path, {"dedupe": None}, etag=changed["etag"]).json()
    assert (silent["dedupe"], silent["measure"]) == (None, 3)
    refused = {"name": "x", "kind": "nps", "window_s": 5, "dedupe": "household"}
    assert codes(tenant.client.call("POST", "/v1/kpis", refused).json()) == {
        ("/window_s", "not_taken"),
        ("/dedupe", "not_taken"),
    }
    refused["kind"] = "conversion"
    assert codes(tenant.client.call("POST", "/v1/kpis", refused).json()) == {("/dedupe", "choice")}
