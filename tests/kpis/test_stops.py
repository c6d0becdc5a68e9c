"""Where the slider stands still: versions, ends of periods since the first, a few instants between."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpis.serializers.audience_stops import stops
from kpis.serializers.live_read import Live, read_live

FIRST = datetime(2026, 11, 2, 9, 30, 15, tzinfo=UTC)
NOTHING = Live({}, [])


def test_a_map_without_a_version_has_no_past() -> None:
    assert stops([], NOTHING, FIRST) == ()


def test_versions_and_even_instants_between_them() -> None:
    second = FIRST + timedelta(minutes=30)
    found = stops([(2, second), (1, FIRST)], NOTHING, FIRST + timedelta(hours=1))
    assert [stop.text for stop in found if stop.is_version] == ["version 1", "version 2"]
    even = [stop.at for stop in found if not stop.is_version]
    assert even[0] == datetime(2026, 11, 2, 9, 35, tzinfo=UTC)
    assert {b - a for a, b in pairwise(even)} == {timedelta(minutes=5)}


@given(st.integers(1, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=200))
def test_stops_ascend_from_the_first_version_and_are_not_many(seconds: int, later: list[int]) -> None:
    at = FIRST + timedelta(seconds=seconds)
    versions = [(i + 1, FIRST + timedelta(seconds=s % seconds)) for i, s in enumerate(sorted(later))]
    found = stops(versions, NOTHING, at)
    instants = [stop.at for stop in found]
    assert instants == sorted(set(instants))
    assert instants[0] == min(published for _, published in versions)
    assert instants[-1] <= at
    assert len(found) <= len(versions) + 26


def test_ends_of_periods_count_from_the_first_version_on() -> None:
    entry = {
        "binding": "b", "kpi": "k", "name": "x", "labels": {}, "method": "m", "unit": "1", "currency": None,
        "value": 1, "n": 1, "interval": None, "period": None, "observed_at": None, "status": "ok",
        "certainty": None, "freshness": "fresh", "direction": "up", "target": None, "trend": None,
        "spark": [["2026-10-26T00:00:00Z", 1], ["2026-11-09T00:00:00Z", 2], ["2026-11-16T00:00:00Z", 3]],
        "running": None, "emotion": None, "caveats": [],
    }  # fmt: skip
    live = read_live(json.dumps({"live": {"map": {"kpis": [entry]}}, "unplaced": []}).encode())
    found = stops([(1, FIRST)], live, datetime(2026, 11, 10, tzinfo=UTC))
    assert [stop.at.day for stop in found if stop.text == "end of a period"] == [9]


def test_improvements_have_stops_of_their_own_since_the_first_version() -> None:
    made = [
        {"id": "1", "title": "Before", "at": "2026-10-30T00:00:00Z", "until": None, "kpis": []},
        {"id": "2", "title": "Fewer", "at": "2026-11-03T10:00:00Z", "until": None, "kpis": []},
        {"id": "3", "title": "", "at": "2026-11-04T10:00:00Z", "until": None, "kpis": []},
        {"id": "4", "title": "Ahead", "at": "2026-12-01T00:00:00Z", "until": None, "kpis": []},
    ]
    live = read_live(json.dumps({"live": {"map": {"improvements": made}}, "unplaced": []}).encode())
    found = stops([(1, FIRST)], live, datetime(2026, 11, 10, tzinfo=UTC))
    assert [(stop.text, stop.at.day) for stop in found if stop.is_improvement] == [
        ("improvement: Fewer", 3), ("improvement", 4),
    ]  # fmt: skip
