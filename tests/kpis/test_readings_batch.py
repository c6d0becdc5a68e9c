"""Batches: each item has its own result, in order; a poison item keeps no other out; nothing is twice."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Tenant
from tests.kpis.make_readings import codes, kpi, record_all

NOON = "2026-03-04T12:00:00Z"
COUNTS = {"created": 0, "duplicate": 0, "corrected": 0, "retracted": 0, "refused": 0}


@pytest.fixture
def nps(tenant: Tenant) -> str:
    return str(kpi(tenant, "nps", "nps", input="answers")["id"])


def score(number: int, value: int = 9, **values: object) -> dict:
    return {"kpi": "nps", "value": value, "observed_at": NOON, "external_id": f"e-{number}", **values}


def outcomes(shown: dict) -> list[str]:
    return [item["outcome"] for item in shown["results"]]


def test_a_thousand_are_recorded_at_one_stroke(tenant: Tenant, nps: str) -> None:
    items = [score(number, number % 11, labels={"segment": str(number % 7)}) for number in range(1000)]
    shown = record_all(tenant, items)
    assert shown["counts"] == COUNTS | {"created": 1000}
    assert [item["index"] for item in shown["results"]] == list(range(1000))
    again = record_all(tenant, items)
    assert again["counts"] == COUNTS | {"duplicate": 1000}
    assert [item["id"] for item in again["results"]] == [item["id"] for item in shown["results"]]


def test_each_item_is_told_what_became_of_it(tenant: Tenant, nps: str) -> None:
    kpi(tenant, "visits", "visitors")
    record_all(tenant, [score(1), score(2)])
    shown = record_all(
        tenant,
        [
            score(1),  # known
            score(2, 3),  # known with another figure
            score(3),
            score(3),  # known since the item before
            score(3, 4),
            score(4, 11),
            {"kpi": nps, "external_id": "e-3", "retract": True},
            {"kpi": "visits", "period": "2026-W10", "value": 3},
            {"kpi": "visits", "period": "2026-W10", "value": 3.0},
            {"kpi": "nobody"},
            7,
            {"kpi": "visits", "period": "2026-W10", "value": 3, "colour": "red"},
        ],
    )
    found = [(item["outcome"], item["status"], codes(item)) for item in shown["results"]]
    conflict = {("/external_id", "external_id_conflict")}
    assert found == [
        ("duplicate", 200, set()),
        ("refused", 409, conflict),
        ("created", 201, set()),
        ("duplicate", 200, set()),
        ("refused", 409, conflict),
        ("refused", 400, {("/value", "out_of_scale")}),
        ("retracted", 201, set()),
        ("created", 201, set()),
        ("duplicate", 200, set()),
        ("refused", 400, {("/kpi", "unknown_kpi")}),
        ("refused", 400, {("", "not_an_object")}),
        ("refused", 400, {("/colour", "unknown_field")}),
    ]
    assert shown["counts"] == {"created": 2, "duplicate": 3, "corrected": 0, "retracted": 1, "refused": 6}


def test_items_of_one_identity_are_taken_in_their_order(tenant: Tenant, nps: str) -> None:
    take_back = {"kpi": "nps", "external_id": "e-1", "retract": True}
    shown = record_all(
        tenant, [take_back, score(1, 5), score(1, 6), take_back, score(1, 7)], "?on_conflict=correct"
    )
    assert outcomes(shown) == ["refused", "created", "corrected", "retracted", "corrected"]
    listed = tenant.client.call("GET", "/v1/readings?kpi=nps").json()["results"]
    assert [(one["value"], one["state"]) for one in listed] == [
        (5, "superseded"),
        (6, "superseded"),
        (None, "superseded"),
        (7, "current"),
    ]
    assert [one["id"] for one in listed] == [item["id"] for item in shown["results"][1:]]


def test_all_or_none(tenant: Tenant, nps: str) -> None:
    body = {"items": [score(1), score(2, 11)]}
    refused = tenant.client.call("POST", "/v1/readings/batch?atomic=true", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "batch_refused")
    assert codes(refused.json()) == {("/items/1/value", "out_of_scale")}
    assert tenant.client.call("GET", "/v1/readings?kpi=nps").json()["results"] == []
    taken = tenant.client.call("POST", "/v1/readings/batch?atomic=true", {"items": [score(1), score(2)]})
    assert (taken.status_code, taken.json()["counts"]["created"]) == (201, 2)


def test_a_key_makes_a_batch_happen_once(tenant: Tenant, nps: str) -> None:
    body = {"items": [score(1)]}
    first = tenant.client.call("POST", "/v1/readings/batch", body, key="b-1")
    second = tenant.client.call("POST", "/v1/readings/batch", body, key="b-1")
    assert second["Idempotency-Replayed"] == "true"
    assert (first.status_code, first.content) == (second.status_code, second.content) == (207, first.content)


@pytest.mark.parametrize(
    ("body", "status", "wrong"),
    [
        (b"", 400, None),
        (b"{}", 400, {("/items", "required")}),
        (b"[]", 400, {("", "not_an_object")}),
        (b"nope", 400, {("", "syntax")}),
        (b'{"items": []}', 400, {("/items", "count")}),
        (b'{"items": 3, "x": 1}', 400, {("/items", "type"), ("/x", "unknown_field")}),
        (b'{"items": [' + b"1," * 1000 + b"1]}", 400, {("/items", "count")}),
        (b'{"items": [{"kpi": "a", "kpi": "b"}]}', 400, {("/items/0/kpi", "duplicate_key")}),
        (b'{"items": [{"kpi": "\\u0000"}]}', 400, {("/items/0/kpi", "nul_character")}),
        (b'{"items": [{"kpi": "\\ud800"}]}', 400, {("/items/0/kpi", "lone_surrogate")}),
        (b'{"items": [{"kpi": "\xff"}]}', 400, {("", "invalid_utf8")}),
        (b'{"items": [{"value": NaN}]}', 400, {("/items/0/value", "not_finite")}),
        (b'{"items": ' + b"[" * 100_000, 400, {("", "too_deep")}),
        (b'{"items": [' + b" " * 1024 * 1024 + b"]}", 413, None),
    ],
)
def test_hostile_bytes_are_refused_as_a_whole(
    tenant: Tenant, body: bytes, status: int, wrong: set | None
) -> None:
    answer = tenant.client.call("POST", "/v1/readings/batch", body, content_type="application/json")
    assert answer.status_code == status, answer.content[:300]
    assert wrong is None or codes(answer.json()) == wrong


@pytest.mark.parametrize(
    "poison",
    [
        {"labels": {"": "x"}},
        {"labels": {"a": "x" * 201}},
        {"labels": {"a\n": "x"}},
        {"labels": {str(number): "x" for number in range(9)}},
        {"labels": {str(number): "é" * 150 for number in range(8)}},
        {"external_id": "x" * 256},
        {"external_id": ""},
        {"value": 10**400},
        {"value": 1e308},
        {"value": 1e-300},
        {"value": [9]},
        {"observed_at": "0001-01-01T00:00:00+14:00"},
        {"observed_at": "9999-12-31T23:59:59-14:00"},
        {"observed_at": "2026-02-30T00:00:00Z"},
        {"period": "2026-W99", "observed_at": None},
        {"reason": "x" * 501},
        {"n": -1},
        {"kpi": "x" * 5000},
        {"kpi": "../../etc"},
    ],
)
def test_a_poison_item_keeps_no_other_out(tenant: Tenant, nps: str, poison: dict) -> None:
    body = json.dumps({"items": [score(1), {**score(2), **poison}, score(3)]}).encode()
    answer = tenant.client.call("POST", "/v1/readings/batch", body, content_type="application/json")
    assert answer.status_code == 207, answer.content
    assert outcomes(answer.json()) == ["created", "refused", "created"]


def test_a_kpi_has_only_so_many_label_sets(tenant: Tenant, nps: str) -> None:
    tenant.workspace.limits = {"series_per_kpi": 2}
    tenant.workspace.save()
    shown = record_all(tenant, [score(number, labels={"page": str(number % 4)}) for number in range(8)])
    assert shown["counts"] == COUNTS | {"created": 4, "refused": 4}
    refused = [item for item in shown["results"] if item["outcome"] == "refused"]
    assert {(item["status"], *codes(item)) for item in refused} == {(409, ("/labels", "series_limit"))}


def test_only_who_may_write_writes(tenant: Tenant, nps: str) -> None:
    answer = tenant.key("kpis:write").call("POST", "/v1/readings/batch", {"items": [score(1)]})
    assert answer.status_code == 403
