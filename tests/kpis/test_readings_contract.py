"""What the contract says of the bodies that no serializer reads or writes is what they are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rest_framework import serializers

from kpis.serializers.kpis_answer import KpiOut
from kpis.serializers.kpis_points_answer import PointsOut
from kpis.serializers.readings import BatchOut, ReadingBody
from kpis.serializers.readings_answer import ReadingOut, RecordedOut
from kpis.serializers.readings_wire import MOST_ITEMS, read_item
from kpis.series.reading_in import ReadingIn
from service.errors import ValidationProblem
from tests.conftest import Tenant
from tests.kpis.make_readings import kpi, record, record_all

WEEK = {"period": "2026-W10"}
NULLABLE = {"value", "numerator", "denominator", "n", "distribution", "unit", "period", "start", "end"}
NULLABLE |= {"observed_at", "external_id", "reason", "flows", "base", "side", "answers"}


def test_the_declared_fields_of_a_reading_are_those_that_are_decoded() -> None:
    declared = ReadingBody().fields
    decoded = {field.encode_name: field for field in msgspec.structs.fields(ReadingIn)}
    assert declared.keys() == decoded.keys()
    assert {name for name, field in declared.items() if field.required} == {"kpi"}
    assert {name for name, field in declared.items() if field.allow_null} == NULLABLE
    for name in decoded:
        body = msgspec.json.encode({"kpi": "a", name: None})
        if name in NULLABLE:
            assert getattr(read_item(body), name) is None
        else:
            with pytest.raises(ValidationProblem):
                read_item(body)


def test_a_batch_takes_as_many_items_as_are_declared(tenant: Tenant) -> None:
    for count, status in ((MOST_ITEMS, 207), (MOST_ITEMS + 1, 400)):
        answer = tenant.client.call("POST", "/v1/readings/batch", {"items": [{"kpi": "a"}] * count})
        assert answer.status_code == status


def test_served_bodies_have_the_declared_members(tenant: Tenant) -> None:
    kpi(tenant, "csat", "csat")
    kpi(tenant, "visits", "visitors")
    made = record(tenant, "csat", period="2026-02", distribution={"5": 3})
    batch = record_all(
        tenant, [{"kpi": "visits", "value": 1, **WEEK}, {"kpi": "visits", "value": -1, **WEEK}]
    )
    listed = tenant.client.call("GET", "/v1/readings?kpi=csat").json()["results"]
    points = tenant.client.call("GET", "/v1/kpis/csat/points").json()
    shown = tenant.client.call("GET", "/v1/kpis/csat").json()
    for body, declared in (
        (made, RecordedOut()),
        (batch, BatchOut()),
        (listed[0], ReadingOut()),
        (points, PointsOut()),
        (shown, KpiOut()),
    ):
        assert list(differences(body, declared)) == []


def differences(body: Any, declared: serializers.BaseSerializer, where: str = "") -> Any:
    """Yield the places where members, nulls or nesting are other than declared."""
    if isinstance(declared, serializers.ListSerializer):
        assert body, where
        for place, item in enumerate(body):
            yield from differences(item, declared.child, f"{where}/{place}")
    elif isinstance(declared, serializers.Serializer):
        if body.keys() != declared.fields.keys():
            yield f"{where}: {sorted(body.keys() ^ declared.fields.keys())}"
        for name, field in declared.fields.items():
            if body.get(name) is None:
                if not field.allow_null:
                    yield f"{where}/{name}: null"
            elif isinstance(field, serializers.BaseSerializer) and body[name] != []:
                yield from differences(body[name], field, f"{where}/{name}")
