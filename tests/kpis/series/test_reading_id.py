"""Ids of readings: every row has one, and it has one spelling."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.reading_id import ReadingRef, parse_reading_id, reading_id

instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
keys = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=255)
refs = st.builds(ReadingRef, st.integers(0, 2**63 - 1), instants, instants, instants, keys)


@given(refs)
def test_an_id_is_read_back(ref: ReadingRef) -> None:
    assert parse_reading_id(reading_id(ref)) == ref


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{40,60}", fullmatch=True))
def test_no_text_has_two_meanings_or_fails(text: str) -> None:
    ref = parse_reading_id(text)
    assert ref is None or reading_id(ref) == text


@pytest.mark.parametrize("text", ["", "A", "A" * 43 + "=", "A" * 42, "_" * 43, "é" * 44])
def test_what_is_no_id_is_none(text: str) -> None:
    assert parse_reading_id(text) is None
