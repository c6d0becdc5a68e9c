"""How a figure was made: equal to the point and to the live entry, whatever the KPI's form."""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Tenant
from tests.kpis.live_maps import Place, stamp, week
from tests.kpis.live_maps import now as now_
from tests.kpis.make_readings import codes, kpi, record, record_all
from tests.kpis.test_inbound import RULE, answered, process, send

_OPERATORS: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worked_out(expression: str) -> Decimal:
    """What the filled formula comes to, to 12 digits."""

    def of(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](of(node.left), of(node.right))
        if isinstance(node, ast.UnaryOp):
            return -of(node.operand)
        assert isinstance(node, ast.Constant)
        return Fraction(ast.get_source_segment(expression, node) or "")

    found = of(ast.parse(expression, mode="eval").body)
    return round(Decimal(found.numerator) / Decimal(found.denominator), 12)


def get(tenant: Tenant, path: str, status: int = 200) -> Any:
    answer = tenant.client.call("GET", path)
    assert answer.status_code == status, answer.content
    return json.loads(answer.content, parse_float=Decimal)


# kind, fields of the KPI, what is recorded (each of 2026-04 unless it says otherwise)
MONTH = {"period": "2026-04"}
FORMS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "ratio of parts": ("conversion", {}, [{"period": "2026-W14", "numerator": 3, "denominator": 7}]),
    "as sent": ("conversion", {}, [{"period": "2026-W14", "value": 0.35, "unit": "fraction"}]),
    "answers of a rate": ("csat", {"period": "month"}, [{**MONTH, "distribution": {"5": 4, "2": 3}}]),
    "days of a month": (
        "csat",
        {"period": "month"},
        [{"period": f"2026-04-{day:02}", "distribution": {"5": day, "1": 2}} for day in range(1, 8)],
    ),
    "complement": ("drop_off", {"period": "month"}, [{**MONTH, "numerator": 31, "denominator": 70}]),
    "balance": ("nps", {"period": "month"}, [{**MONTH, "distribution": {"10": 8, "8": 5, "3": 4}}]),
    "mean": ("ces", {"period": "month"}, [{**MONTH, "distribution": {"7": 3, "5": 4, "1": 1}}]),
    "score": ("score", {"period": "month"}, [{**MONTH, "distribution": {"5": 4, "2": 3}}]),
    "median": (
        "time_on_task",
        {"method": "median", "period": "month", "holds": "events"},
        [
            {"observed_at": f"2026-04-1{n}T10:00:00Z", "value": seconds, "external_id": f"d{n}"}
            for n, seconds in enumerate((10, 30, 500))
        ],
    ),
    "sum": ("visitors", {"period": "month"}, [{**MONTH, "value": 123}]),
    "latest": (
        "gauge",
        {"unit": "requests", "period": "month"},
        [{"observed_at": f"2026-04-0{day}T00:00:00Z", "value": day * 1.5} for day in (1, 2, 3)],
    ),
    "instant": ("gauge", {"unit": "requests"}, [{"observed_at": "2026-04-02T00:00:00Z", "value": -4.5}]),
    "single answers": (
        "nps",
        {"period": "month", "holds": "events", "input": "answers"},
        [
            {"observed_at": f"2026-04-1{n}T10:00:00Z", "value": score, "external_id": f"a{n}"}
            for n, score in enumerate((10, 9, 8, 3, 0))
        ],
    ),
    "sides": (
        "open_rate",
        {"period": "month", "holds": "events"},
        [
            {"side": "denominator", "external_id": f"m{n}", "observed_at": "2026-04-10T10:00:00Z"}
            for n in range(3)
        ]
        + [
            {"side": "numerator", "external_id": name, "observed_at": "2026-04-12T10:00:00Z"}
            for name in ("m1", "other")
        ],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_figure_explained_is_the_point_and_adds_up(tenant: Tenant, form: str) -> None:
    kind, fields, items = FORMS[form]
    kpi(tenant, "figure", kind, **fields)
    told = record_all(tenant, [{"kpi": "figure", **item} for item in items])
    assert told["counts"]["refused"] == 0, told
    shown = get(tenant, "/v1/kpis/figure/points")["points"]
    for point in shown:
        said = get(tenant, point["explain"])
        assert said["point"] == point
        assert worked_out(said["formula"]["filled"]) == point["value"]
        assert said["readings"]["complete"]
        assert sum(share["readings"] for share in said["shares"]) == said["readings"]["counts"]["used"]
        assert [share["value"] for share in said["shares"]] == [point["value"]]
        for reading in said["readings"]["used"]:
            assert get(tenant, reading["url"])["id"] == reading["id"]
    last = get(tenant, "/v1/kpis/figure/explain")
    assert last["point"] == shown[-1] | {"explain": last["point"]["explain"]}


def test_what_is_not_in_the_figure_is_there_with_the_reason(tenant: Tenant) -> None:
    kpi(tenant, "visits", "count", period="month")
    record(tenant, "visits", period="2026-04", value=10)
    record(tenant, "visits", query="?on_conflict=correct", period="2026-04", value=12, reason="double count")
    record(tenant, "visits", period="2026-04-01", value=2)
    record(tenant, "visits", period="2026-04-02", value=1)
    record(tenant, "visits", period="2026-04-02", retract=True, reason="robots")
    said = get(tenant, "/v1/kpis/visits/explain?period=2026-04")
    assert said["point"]["value"] == 12
    told = {name: count for name, count in said["readings"]["counts"].items() if count}
    assert told == {
        "used": 1,
        "superseded": 1,
        "covered": 1,
        "retracted": 1,
        "retraction": 1,
    }
    assert said["restated"] == {
        "was": 10,
        "n": 10,
        "at": said["readings"]["used"][0]["recorded_at"],
        "why": "correction",
        "reason": "double count",
        "reading": said["readings"]["used"][0]["id"],
    }
    before = said["readings"]["used"][0]["recorded_at"]
    then = get(tenant, f"/v1/kpis/visits/explain?period=2026-04&known_at={_just_before(before)}")
    assert (then["point"]["value"], then["restated"], then["readings"]["counts"]["superseded"]) == (
        10,
        None,
        0,
    )
    assert [one["value"] for one in get(tenant, then["readings"]["url"])["results"]] == [10]
    (share,) = then["shares"]
    assert get(tenant, share["explain"])["point"]["value"] == 10
    during = get(tenant, "/v1/kpis/visits/explain?period=2026-04&as_of=2026-04-02T12:00:00Z")
    assert (during["point"]["value"], during["readings"]["counts"]["out_of_period"]) == (2, 4)
    assert len(get(tenant, said["readings"]["url"])["results"]) == 5


def _just_before(text: str) -> str:
    return stamp(datetime.fromisoformat(text) - timedelta(microseconds=1))


def test_of_several_label_sets_each_has_its_share(tenant: Tenant) -> None:
    kpi(tenant, "rate", "conversion")
    for plan, entered in (("free", 40), ("paid", 10)):
        record(tenant, "rate", period="2026-W14", numerator=4, denominator=entered, labels={"plan": plan})
    every = quote('{"plan":"*"}')
    (point,) = get(tenant, f"/v1/kpis/rate/points?labels={every}")["points"]
    said = get(tenant, point["explain"])
    assert (said["point"], said["formula"]["filled"]) == (point, "8 / 50")
    assert {share["labels"]["plan"]: share["value"] for share in said["shares"]} == {
        "free": Decimal("0.1"),
        "paid": Decimal("0.4"),
    }
    for series in get(tenant, "/v1/kpis/rate/series")["results"]:
        assert get(tenant, series["explain"])["labels"] == series["labels"]


def test_a_ratio_leads_to_what_it_divides_and_a_longer_bucket_to_its_periods(tenant: Tenant) -> None:
    for key, value in (("paid", 30), ("begun", 40)):
        kpi(tenant, key, "count", period="day")
        record_all(
            tenant, [{"kpi": key, "period": f"2026-04-0{day}", "value": value + day} for day in (6, 7)]
        )
    kpi(tenant, "share", "ratio", numerator_kpi="paid", denominator_kpi="begun", period="week")
    (point,) = get(tenant, "/v1/kpis/share/points?as_of=2026-05-01T00:00:00Z")["points"]
    said = get(tenant, point["explain"])
    assert (said["point"], said["formula"]["filled"]) == (point, "73 / 93")
    assert [(one["key"], one["value"]) for one in said["inputs"]] == [("paid", 73), ("begun", 93)]
    for one in said["inputs"]:
        made = get(tenant, one["explain"])
        assert (made["point"]["value"], made["readings"]["counts"]["used"]) == (one["value"], 2)
        assert made["judgement"] is None


def test_a_stock_shows_its_bases_and_their_drift(tenant: Tenant) -> None:
    kpi(tenant, "churn", "churn", input="flows")
    for at, count in (("2026-03-01T00:00:00Z", 100), ("2026-05-01T00:00:00Z", 130)):
        assert (
            tenant.client.call("POST", "/v1/kpis/churn/base", {"at": at, "count": count}).status_code == 201
        )
    for month in ("2026-03", "2026-04", "2026-05"):
        record(tenant, "churn", period=month, flows={"joined": 20, "lost": 8})
    said = get(tenant, "/v1/kpis/churn/explain?period=2026-04")
    assert said["formula"]["filled"] == "8 / 112"
    assert [(base["count"], base["drift"]) for base in said["bases"]] == [(100, None), (130, 6)]


def test_a_live_entry_is_explained_as_it_is_judged(tenant: Tenant) -> None:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"target": 0.8, "warn": 0.7, "breach": 0.6})
    bound = place.bind("completion", "form", thresholds={"target": 0.9, "warn": 0.85, "breach": 0.8})
    for ago, done in ((3, 70), (2, 70), (1, 71)):
        place.rate("completion", ago, done)
    live = place.live()
    (entry,) = place.entries("form")
    said = get(tenant, _filled(live["explain"], entry))
    assert (said["binding"], said["point"]["value"]) == (bound["id"], Decimal("0.71"))
    shown = json.loads(json.dumps(entry), parse_float=Decimal)
    assert said["judgement"] == {name: shown[name] for name in said["judgement"]}
    assert said["judgement"]["status"] == "breach"
    by_kpi = get(tenant, "/v1/kpis/completion/explain")
    assert by_kpi["judgement"]["status"] == "ok"
    earlier = get(tenant, f"/v1/kpis/completion/explain?period={week(3)}&binding={bound['id']}")
    assert (earlier["judgement"]["status"], earlier["judgement"]["reason"]) == ("breach", "below_breach")
    now = get(tenant, f"/v1/kpis/completion/explain?period={week(0)}")
    assert (now["point"]["value"], now["judgement"], now["point"]["complete"]) == (None, None, False)
    as_of = live["explain"]
    then = place.live(f"?as_of={stamp(now_())}")
    assert then["explain"].startswith(as_of + "&as_of=")


def _filled(template: str, entry: dict[str, Any]) -> str:
    labels = quote(json.dumps(entry["labels"]))
    return template.format(kpi=entry["kpi"], binding=entry["binding"], labels=labels)


def test_what_was_never_told_is_explained_too(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    said = get(tenant, "/v1/kpis/visits/explain")
    assert (said["point"], said["judgement"]["reason"]) == (None, "no_reading")
    for week_told in ("2026-W14", "2026-W16"):
        record(tenant, "visits", period=week_told, value=1)
    gap = get(tenant, "/v1/kpis/visits/points")["points"][1]
    assert get(tenant, gap["explain"])["point"] == gap


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("period=2026-99", "/period", "not_a_period"),
        ("period=2026-04&at=2026-04-02T00:00:00Z", "/period", "one_of"),
        ("at=2030-01-01T00:00:00Z", "/at", "in_the_future"),
        ("period=2026-04&as_of=2026-03-01T00:00:00Z", "/period", "in_the_future"),
        ("labels=[]", "/labels", "selector"),
        ("limit=3", "/limit", "unknown_field"),
    ],
)
def test_what_cannot_be_explained_is_refused_by_place(
    tenant: Tenant, query: str, pointer: str, code: str
) -> None:
    kpi(tenant, "visits", "visitors")
    assert (pointer, code) in codes(get(tenant, f"/v1/kpis/visits/explain?{query}", 400))


def test_only_for_whom_it_is_meant(tenant: Tenant, stranger: Tenant) -> None:
    made = kpi(tenant, "visits", "visitors")
    path = f"/v1/kpis/{made['id']}/explain"
    assert stranger.client.call("GET", path).status_code == 404
    assert tenant.key("maps:read").call("GET", path).status_code == 403
    place = Place(tenant)
    place.kpi("completion")
    bound = place.bind("completion", "form")
    assert codes(get(tenant, f"{path}?binding={bound['id']}", 400)) == {("/binding", "other_kpi")}
    get(stranger, f"{path}?binding={bound['id']}", 404)


def test_each_reading_leads_to_the_message_that_brought_it(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", holds="events", input="answers", period="day")
    endpoint = {"key": "survey", "name": "Survey", "rules": [{**RULE, "external_id": "$.id"}]}
    made = tenant.client.call("POST", "/v1/inbound-endpoints", endpoint).json()
    for number, score in ((1, 9), (2, 3), (3, 3)):
        send(made, {**answered(score), "id": str(number)}, f"msg_{number}")
    process()
    said = get(tenant, "/v1/kpis/nps/explain?period=2026-10-05")
    assert (said["point"]["value"], said["point"]["n"]) == (Decimal("-33.333333333333"), 3)
    (feed,) = said["feeds"]
    assert (feed["id"], feed["kind"], feed["last"]["status"]) == (made["id"], "endpoint", "processed")
    assert [(share["feed"], share["readings"]) for share in said["shares"]] == [(made["id"], 3)]
    raw = {get(tenant, reading["raw"])["message_id"] for reading in said["readings"]["used"]}
    assert raw == {"msg_1", "msg_2", "msg_3"}
    assert get(tenant, feed["url"])["results"]
    assert feed["deduplicated"] == 0
    send(made, {**answered(3), "id": "3"}, "msg_4")  # the third answer, told again
    process()
    period = "/v1/kpis/nps/explain?period=2026-10-05"
    assert get(tenant, period)["feeds"][0]["deduplicated"] == 1
    # Read again here, a message tells nothing again; and a figure of then names what had come last by then.
    then = said["as_of"]
    for one in said["readings"]["used"]:
        assert tenant.client.call("POST", f"{one['raw']}/replays", {}).status_code == 202
    process()
    assert get(tenant, period)["feeds"][0]["deduplicated"] == 1
    (feed_then,) = get(tenant, f"{period}&as_of={then}")["feeds"]
    assert (feed_then["deduplicated"], feed_then["last"]["id"]) == (0, feed["last"]["id"])
