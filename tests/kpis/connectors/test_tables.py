"""Tables as spreadsheets of this world write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.connectors import PullFailed
from kpis.connectors.mapping import MAX_ITEMS
from kpis.connectors.tables import TableIn, rows
from service.errors import ValidationProblem
from service.serializers import checked
from tests.kpis.connectors.replica import Answer, fetched, mapped, replica

GERMAN = "Stand: heute;;\r\nMonat;Öffnungsrate;Käufe\r\n09/2026;31,5 %;1.234\r\n10/2026;;2.345,5\r\n"
READ = [
    {"Monat": "2026-09", "Öffnungsrate": "31.5", "Käufe": "1234"},
    {"Monat": "2026-10", "Öffnungsrate": None, "Käufe": "2345.5"},
]
AS_GERMAN = {"delimiter": ";", "header_row": 2, "decimal": ",", "dates": {"Monat": "MM/YYYY"}}


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (GERMAN.encode(), {}),
        (GERMAN.encode("utf-8-sig"), {}),
        (GERMAN.encode("utf-16"), {}),
        (GERMAN.encode("utf-16-le"), {"encoding": "utf-16"}),
        (GERMAN.encode("cp1252"), {"encoding": "windows-1252"}),
        (GERMAN.encode("iso-8859-15"), {"encoding": "iso-8859-15"}),
        (GERMAN.replace("\r\n", "\n").encode(), {}),
        (GERMAN.replace(";", "\t").encode(), {"delimiter": "\t"}),
    ],
)
def test_encodings_marks_and_delimiters(body: bytes, more: dict[str, Any]) -> None:
    assert rows(body, {**AS_GERMAN, **more}) == READ


@pytest.mark.parametrize(
    ("cell", "decimal", "read"),
    [
        ("1,234,567.50", ".", "1234567.50"),
        ("1.234.567,50", ",", "1234567.50"),
        ("1 234,5", ",", "1234.5"),
        ("1\u202f234", ".", "1234"),
        ("1'234.5", ".", "1234.5"),
        ("-0,5", ",", "-0.5"),
        ("12.5 %", ".", "12.5"),
        ("12,5", ".", "12,5"),  # not a number here: the mapping says so
        ("1.23.456", ",", "1.23.456"),
        ("0012", ",", "0012"),  # an id keeps its zeros
        ("2026-10-05", ",", "2026-10-05"),
        ("31.12.2026", ",", "31.12.2026"),
        ("n/a", ".", "n/a"),
    ],
)
def test_numbers_are_read_as_the_table_writes_them(cell: str, decimal: str, read: str) -> None:
    assert rows(
        f'"{cell}"|x\n'.encode(),
        {"delimiter": "|", "header_row": 0, "columns": ["a", "b"], "decimal": decimal},
    ) == [{"a": read, "b": "x"}]


@pytest.mark.parametrize(
    ("cell", "pattern", "read"),
    [
        ("05.10.2026", "DD.MM.YYYY", "2026-10-05"),
        ("10/5/2026", "MM/DD/YYYY", "2026-10-05"),
        ("05.10.26 13:45", "DD.MM.YY HH:mm", "2026-10-05T13:45:00"),
        ("2026", "YYYY", "2026-01"),
        ("31.02.2026", "DD.MM.YYYY", "31.02.2026"),
    ],
)
def test_dates_are_read_as_the_table_writes_them(cell: str, pattern: str, read: str) -> None:
    assert rows(f"d\n{cell}\n".encode(), {"dates": {"d": pattern}}) == [{"d": read}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"a,b\n1,2,3\n", "Row 1 below the header has 3 cells for 2 columns"),
        (b"a,a\n1,2\n", "several columns of one name: a"),
        (b'a,b\n"1,2\n', "is no CSV"),
        (b"\xffa\n", "Byte 0 is not utf-8"),
        (b"", "no header row"),
        (b" <!DOCTYPE html><html>", "a web page"),
        (b",".join([b"x"] * 1001), "more than 1000 columns"),
    ],
)
def test_a_broken_table_fails_as_a_whole_and_says_why(body: bytes, said: str) -> None:
    with pytest.raises(PullFailed, match=said):
        rows(body, {})


def test_rows_may_be_short_blank_and_padded() -> None:
    assert rows(b"a, b ,\n1\n\n,,\n2,3,,,\n", {}) == [{"a": "1", "b": None}, {"a": "2", "b": "3"}]
    assert len(rows(b"a\n" + b"1\n" * (MAX_ITEMS + 50), {})) == MAX_ITEMS + 1


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({"columns": ["a"]}, "/columns"),
        ({"header_row": 0}, "/columns"),
        ({"delimiter": "::"}, "/delimiter"),
        ({"encoding": "rot13"}, "/encoding"),
        ({"dates": {"d": "day"}}, "/dates/d"),
        ({"dates": {"d": "DD.MM."}}, "/dates/d"),
        ({"dates": {"d": "YYYY %s"}}, "/dates/d"),
    ],
)
def test_what_no_table_is_written_like_is_refused(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationProblem) as problem:
        checked(TableIn, config)
    assert pointer in [issue.pointer for issue in problem.value.issues]


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16", "windows-1252", "shift_jis"]))
def test_any_bytes_are_a_table_or_refused(body: bytes, encoding: str) -> None:
    try:
        found = rows(body, {"encoding": encoding})
    except PullFailed:
        return
    assert all(isinstance(cell, (str, type(None))) for row in found for cell in row.values())


def test_a_csv_is_fetched_and_its_rows_are_mapped() -> None:
    mapping = {
        "kpi": "open-rate",
        "value": "$['Öffnungsrate']",
        "unit": "percent",
        "period": "$.Monat",
    }
    with replica(lambda asked: Answer(GERMAN.encode(), headers={"Content-Type": "text/csv"})) as peer:
        _, documents = fetched(
            "csv_url", {"url": f"{peer.base}/a.csv?from={{start_date}}", **AS_GERMAN}, "s3cret"
        )
    assert peer.asked[0].query == {"from": "2026-10-01"}
    assert peer.asked[0].headers["Authorization"] == "Bearer s3cret"
    found = mapped([mapping], documents)
    assert [(str(item["value"]), item["period"]) for item in found.items] == [("31.5", "2026-09")]
    assert (found.nulls, found.seen) == (1, 2)
