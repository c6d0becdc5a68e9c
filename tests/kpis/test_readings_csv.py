"""Readings as CSV: the same door as a batch in JSON, line by line; hostile bytes are named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.serializers.readings_csv import read_lines
from kpis.serializers.readings_wire import MOST_ITEMS
from kpis.series.reading_in import ReadingIn
from service.errors import ValidationProblem
from tests.conftest import ApiClient, Tenant
from tests.kpis.make_readings import codes, kpi, record_all


def send(client: ApiClient, body: str | bytes, query: str = "", **more: Any) -> Any:
    sent = body.encode() if isinstance(body, str) else body
    kind = "text/csv; charset=utf-8"
    return client.call("POST", f"/v1/readings/batch{query}", sent, content_type=kind, **more)


def test_a_table_is_recorded_line_by_line_like_a_batch(tenant: Tenant, stranger: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    kpi(tenant, "csat", "csat")
    kpi(tenant, "sold", "conversion", holds="events")
    table = (
        "\ufeffkpi,period,start,end,observed_at,value,numerator,denominator,external_id,label:land,distribution:5\r\n"
        "visits,2026-W10,,,,1204,,,,de,\r\n"
        '"visits",2026-W10,,,,15,,,,"Côte, ""West""",\r\n'
        "visits,,2026-03-09T00:00:00Z,2026-03-16T00:00:00Z,,1310,,,,de,\r\n"
        "csat,2026-03,,,,,,,,,42\r\n"
        "sold,,,,2026-03-04T12:00:00Z,,1,1,'=order,,\r\n"
        "visits,2026-W11,,,,-1,,,,de,\r\n"
        'visits,2026-W11,,,,"1,5",,,,de,\r\n'
        "visits,2026-W11\r\n"
        "\r\n"
        "visits,2026-W10,,,,1204,,,,de,\r\n"
        "visits,2026-W10,,,,1205,,,,de,\r\n"
    )
    answer = send(tenant.client, table, key="once")
    assert answer.status_code == 207, answer.content
    shown = answer.json()
    assert [(one["index"], one["status"], codes(one)) for one in shown["results"]] == [
        *((index, 201, set()) for index in range(5)),
        (5, 400, {("/value", "negative")}),
        (6, 400, {("/value", "type")}),
        (7, 400, {("", "cells")}),
        (8, 200, set()),
        (9, 409, {("", "reading_conflict")}),
    ]
    assert send(tenant.client, table, key="once").content == answer.content
    read = tenant.client.call("GET", f"/v1/readings/{shown['results'][4]['id']}").json()
    assert (read["external_id"], read["numerator"]) == ("=order", 1)
    read = tenant.client.call("GET", f"/v1/readings/{shown['results'][1]['id']}").json()
    assert (read["labels"], read["value"]) == ({"land": 'Côte, "West"'}, 15)
    whole = send(tenant.client, "kpi,period,value\nvisits,2026-W12,1\nvisits,2026-W13,x\n", "?atomic=true")
    assert (whole.status_code, codes(whole.json())) == (422, {("/items/1/value", "type")})
    assert send(tenant.key("kpis:read"), "kpi\nvisits\n").status_code == 403
    theirs = send(stranger.client, "kpi,period,value\nvisits,2026-W12,1\n").json()["results"]
    assert codes(theirs[0]) == {("/kpi", "unknown_kpi")}


def test_a_table_and_the_same_items_are_the_same_readings(tenant: Tenant) -> None:
    kpi(tenant, "share", "share", period="week")
    first = send(
        tenant.client, "kpi,period,numerator,denominator\nshare,2026-W10,0.5E+1,10\nshare,2026-W11,,\n"
    )
    assert first.json()["counts"]["created"] == 2
    again = [
        {"kpi": "share", "period": "2026-W10", "numerator": 5, "denominator": 10},
        {"kpi": "share", "period": "2026-W11", "numerator": None, "denominator": None},
    ]
    assert record_all(tenant, again)["counts"]["duplicate"] == 2


def test_a_zero_of_any_exponent_is_a_zero(tenant: Tenant) -> None:
    """Postgres takes no exponent below -16383, not even of a zero."""
    kpi(tenant, "visits", "visitors")
    kpi(tenant, "churn", "churn", input="flows")
    zeros = ("visits,2026-W10,0e-99999,", "visits,2026-W11,0e99999,", "churn,2026-03,,0e-99999")
    table = "\n".join(["kpi,period,value,flows:lost", *zeros])
    assert send(tenant.client, table).json()["counts"]["created"] == 3
    shown = tenant.client.call("GET", "/v1/kpis/visits/points").json()["points"]
    assert [point["value"] for point in shown[:2]] == [0, 0]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"", "/columns", "required"),
        (b"period,value\n2026-W10,1\n", "/columns", "required"),
        (b"kpi,value\n", "", "count"),
        (b"kpi\n" + b"a\n" * (MOST_ITEMS + 1), "", "count"),
        (b"kpi;value\na;1\n", "/columns/0", "unknown_column"),
        (b"kpi,colour\na,red\n", "/columns/1", "unknown_column"),
        (b"kpi,label:\na,red\n", "/columns/1", "unknown_column"),
        (b"kpi,value,value\na,1,2\n", "/columns/2", "duplicate_column"),
        (b'kpi,value\na,"1\n', "", "syntax"),
        (b'kpi,value\na,"1"2\n', "", "syntax"),
        (b"kpi,value\na,\xff\n", "", "not_utf8"),
        (b"\xff\xfek\0p\0i\0", "", "not_utf8"),
        (b"kpi,value\na\0,1\n", "", "nul_character"),
    ],
)
def test_what_is_wrong_with_the_file_is_named(body: bytes, pointer: str, code: str) -> None:
    with pytest.raises(ValidationProblem) as refused:
        read_lines(body)
    assert (refused.value.issues[0].pointer, refused.value.issues[0].code) == (pointer, code)


@pytest.mark.parametrize(
    ("column", "cell", "read"),
    [
        ("value", "12", 12),
        ("value", "+1.50", Decimal("1.50")),
        ("value", "'-3", -3),
        ("value", "1e3", Decimal(1000)),
        ("value", "NaN", "type"),
        ("value", "１２", "type"),
        ("value", "1.234,5", "type"),
        ("value", "9" * 65, "number_out_of_range"),
        ("observed_at", "2026-03-04T12:00:00", "type"),
        ("observed_at", "yesterday", "type"),
        ("retract", "TRUE", True),
        ("retract", "1", "type"),
        ("reason", "'@home", "@home"),
        ("reason", "'tis", "'tis"),
    ],
)
def test_cells_are_read_exactly_or_refused(column: str, cell: str, read: Any) -> None:
    good, bad = read_lines(f'kpi,{column}\na,"{cell}"\n'.encode())
    if isinstance(read, str) and column not in {"reason"}:
        assert [(issue.pointer, issue.code) for issue in bad[0]] == [(f"/{column}", read)]
    else:
        assert getattr(good[0], column) == read


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["value", "n", "label:a", "distribution:5", "reason", "external_id"]),
            st.one_of(st.integers(-(10**17), 10**17).map(str), st.text(st.characters(codec="utf-8"))),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_line_of_a_table_has_one_result(rows: list[dict[str, str]]) -> None:
    names = sorted({name for row in rows for name in row})
    lines = [",".join(["kpi", *names])]
    for row in rows:
        cells = ['"' + row.get(name, "").replace('"', '""').replace("\0", "") + '"' for name in names]
        lines.append(",".join(["k", *cells]))
    good, bad = read_lines("\r\n".join(lines).encode())
    assert good.keys() | bad.keys() == set(range(len(rows)))
    assert not good.keys() & bad.keys()
    for index, item in good.items():
        assert isinstance(item, ReadingIn)
        sent = rows[index].get("reason", "").replace("\0", "")
        assert (item.reason or "") in {sent, sent[1:]}
