"""Schedules: fixed grids, cron across changes of clocks, and refusals that name the field."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ValidationProblem
from service.ids import new_id
from service.schedule import Cron, Every, Schedule, parse_schedule

LONDON = ZoneInfo("Europe/London")
aware = st.integers(8 * 631_152_000, 8 * 4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds / 8, UTC)
)


def _slots(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    while True:
        after = schedule.next_after(after)
        yield after


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        (60, 60),
        ("PT5M", 300),
        ("PT1H30M", 5_400),
        ("PT90S", 90),
        ("P1D", 86_400),
        ("P1W", 604_800),
        ("P1DT12H", 129_600),
        (366 * 86_400, 366 * 86_400),
    ],
)
def test_intervals_are_seconds_or_durations(every: object, seconds: int) -> None:
    assert parse_schedule({"every": every}, minimum_s=60) == Every(seconds, 0)


@pytest.mark.parametrize(
    ("spec", "pointer", "code"),
    [
        (None, "", "invalid_type"),
        ("PT5M", "", "invalid_type"),
        ([], "", "invalid_type"),
        ({}, "", "invalid_schedule"),
        ({"every": 300, "cron": "0 7 * * *"}, "", "invalid_schedule"),
        ({"every": 300, "zone": "UTC"}, "/zone", "invalid_schedule"),
        ({"every": 300, "jitter": 5}, "/jitter", "unknown_field"),
        ({"every": None}, "/every", "invalid_duration"),
        ({"every": True}, "/every", "invalid_duration"),
        ({"every": 300.0}, "/every", "invalid_duration"),
        ({"every": "300"}, "/every", "invalid_duration"),
        ({"every": "P"}, "/every", "invalid_duration"),
        ({"every": "PT"}, "/every", "invalid_duration"),
        ({"every": "P1DT"}, "/every", "invalid_duration"),
        ({"every": "P1M"}, "/every", "invalid_duration"),
        ({"every": "P1Y"}, "/every", "invalid_duration"),
        ({"every": "PT0.5M"}, "/every", "invalid_duration"),
        ({"every": "-PT5M"}, "/every", "invalid_duration"),
        ({"every": "PT5M\n"}, "/every", "invalid_duration"),
        ({"every": "PT٥M"}, "/every", "invalid_duration"),
        ({"every": 0}, "/every", "out_of_range"),
        ({"every": "PT0S"}, "/every", "out_of_range"),
        ({"every": -300}, "/every", "out_of_range"),
        ({"every": 59}, "/every", "out_of_range"),
        ({"every": 10**30}, "/every", "out_of_range"),
        ({"every": "P9999W"}, "/every", "out_of_range"),
        ({"cron": 7}, "/cron", "invalid_cron"),
        ({"cron": ""}, "/cron", "invalid_cron"),
        ({"cron": "0 7 * *"}, "/cron", "invalid_cron"),
        ({"cron": "0 0 7 * * *"}, "/cron", "invalid_cron"),
        ({"cron": "@daily"}, "/cron", "invalid_cron"),
        ({"cron": "60 7 * * *"}, "/cron", "invalid_cron"),
        ({"cron": "0 7 * * FUN"}, "/cron", "invalid_cron"),
        ({"cron": "*/0 7 * * *"}, "/cron", "invalid_cron"),
        ({"cron": "0 0 30 2 *"}, "/cron", "invalid_cron"),
        ({"cron": "0 " + "7," * 5_000 + "7 * * *"}, "/cron", "invalid_cron"),
        ({"cron": "0 " + "9" * 5_000 + " * * *"}, "/cron", "invalid_cron"),
        ({"cron": "0 7 * * *", "zone": "Mars/Olympus"}, "/zone", "unknown_zone"),
        ({"cron": "0 7 * * *", "zone": "../../etc/passwd"}, "/zone", "unknown_zone"),
        ({"cron": "0 7 * * *", "zone": "Europe"}, "/zone", "unknown_zone"),
        ({"cron": "0 7 * * *", "zone": None}, "/zone", "unknown_zone"),
    ],
)
def test_a_refusal_points_at_the_field(spec: Any, pointer: str, code: str) -> None:
    with pytest.raises(ValidationProblem) as caught:
        parse_schedule(spec, minimum_s=60, pointer="/schedule")
    assert [(issue.pointer, issue.code) for issue in caught.value.issues] == [("/schedule" + pointer, code)]


def test_both_faults_of_a_cron_schedule_are_told_at_once() -> None:
    with pytest.raises(ValidationProblem) as caught:
        parse_schedule({"cron": "x", "zone": "y"}, minimum_s=60)
    assert [issue.pointer for issue in caught.value.issues] == ["/zone", "/cron"]


@pytest.mark.parametrize(
    ("cron", "minimum_s", "fine"),
    [
        ("* * * * *", 60, True),
        ("* * * * *", 61, False),
        ("*/5 * * * *", 300, True),
        ("*/7 * * * *", 300, False),  # :56 and :00
        ("0,59 0,23 28,1 * *", 300, False),  # 23:59 on 28 February, 0:00 on 1 March
        ("0 0,23 31,1 * *", 7_200, False),
        ("0 0,22 31,1 * *", 7_200, True),
        ("0 0 1 1 *", 86_400, True),
        ("0 0 29 2 *", 86_400, True),
        ("0 0 28,29 2 *", 86_401, False),
    ],
)
def test_cron_slots_keep_the_shortest_allowed_distance(cron: str, minimum_s: int, fine: bool) -> None:
    spec = {"cron": cron}
    if fine:
        assert parse_schedule(spec, minimum_s=minimum_s) == Cron(cron, "UTC")
        return
    with pytest.raises(ValidationProblem) as caught:
        parse_schedule(spec, minimum_s=minimum_s)
    assert caught.value.issues[0].code == "out_of_range"


@given(st.integers(1, 10**7), st.uuids(), aware)
def test_the_grid_is_fixed_and_the_next_slot_is_the_nearest_later_one(
    interval_s: int, identity: object, instant: datetime
) -> None:
    schedule = parse_schedule({"every": interval_s}, minimum_s=1, identity=identity)
    assert isinstance(schedule, Every)
    slot = schedule.next_after(instant)
    assert timedelta(0) < slot - instant <= timedelta(seconds=interval_s)
    assert (slot.timestamp() - schedule.offset_s) % interval_s == 0
    # Asked late, or twice, or by another process: the same slot, and one run for all that was missed.
    assert schedule.next_after(slot - timedelta(microseconds=1)) == slot
    assert schedule.next_after(slot) == slot + timedelta(seconds=interval_s)
    assert parse_schedule({"every": interval_s}, minimum_s=1, identity=str(identity)) == schedule


def test_a_thousand_sources_spread_over_their_interval() -> None:
    schedules = [parse_schedule({"every": "PT5M"}, minimum_s=60, identity=new_id()) for _ in range(1_000)]
    offsets = [schedule.offset_s for schedule in schedules if isinstance(schedule, Every)]
    assert max(sum(1 for o in offsets if o // 30 == tenth) for tenth in range(10)) < 160
    assert max(offsets) < 300


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        # Clocks go forward in London on 29 March 2026 at 1:00 UTC, back on 25 October at 1:00 UTC.
        ("30 1 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]),
        ("30 1 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]),
        ("0,30 1 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:00Z"]),
        ("0 * * * *", "2026-10-24T23:30Z", ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"]),
        ("0 * * * *", "2026-03-29T00:30Z", ["2026-03-29T01:00Z", "2026-03-29T02:00Z"]),
        # Asked within the hour that is there twice, after the slot ran: not that slot again.
        ("30 1 * * *", "2026-10-25T01:15Z", ["2026-10-26T01:30Z"]),
        ("30 1 * * *", "2026-10-25T00:30Z", ["2026-10-26T01:30Z"]),
        ("0 7 * * 1-5", "2026-11-20T12:00Z", ["2026-11-23T07:00Z", "2026-11-24T07:00Z"]),
        ("0 7 L * *", "2026-02-01T00:00Z", ["2026-02-28T07:00Z", "2026-03-31T06:00Z"]),
    ],
)
def test_cron_across_a_change_of_clocks(cron: str, after: str, expected: list[str]) -> None:
    schedule = parse_schedule({"cron": cron, "zone": "Europe/London"}, minimum_s=60)
    slots = list(islice(_slots(schedule, datetime.fromisoformat(after)), len(expected)))
    assert slots == [datetime.fromisoformat(slot) for slot in expected]
    assert all(slot.tzinfo is UTC for slot in slots)


zones = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
patterns = st.sampled_from(
    ["30 1 * * *", "*/20 1 * * *", "0 * * * *", "15 2 * * 0", "0,30 0-3 * * *", "5 0 1 * *"]
)


@given(patterns, zones, aware)
def test_cron_slots_always_lie_ahead_and_on_the_hands_of_the_clock(
    cron: str, zone: str, instant: datetime
) -> None:
    schedule = Cron(cron, zone)
    slots = [instant, *islice(_slots(schedule, instant), 4)]
    assert all(earlier < later for earlier, later in pairwise(slots))
    assert all(slot.second == slot.microsecond == 0 for slot in slots[1:])
    assert schedule.next_after(instant.astimezone(LONDON)) == slots[1]


@given(st.text("0123456789*/,-#LW SUNMOJAE", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_schedule_or_a_refusal(text: str) -> None:
    try:
        schedule = parse_schedule({"cron": text}, minimum_s=300)
    except ValidationProblem as refusal:
        assert [issue.pointer for issue in refusal.issues] == ["/cron"]  # noqa: PT017
        return
    assert schedule.next_after(datetime(2026, 11, 1, tzinfo=UTC)) > datetime(2026, 11, 1, tzinfo=UTC)


def test_an_instant_without_a_zone_is_a_mistake_of_ours() -> None:
    for schedule in (Every(60), Cron("0 7 * * *")):
        with pytest.raises(TypeError):
            schedule.next_after(datetime(2026, 11, 1))  # noqa: DTZ001
