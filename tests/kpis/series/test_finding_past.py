"""What a finding said at an instant follows from the lines of its history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpis.series.finding_past import Line, was

START = datetime(2026, 3, 2, tzinfo=UTC)
SNOOZE = START + timedelta(days=9)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def lines(*told: tuple[str, str, str] | tuple[str, str, str, dict[str, Any]]) -> list[Line]:
    """Return lines an hour apart of (change, state, cause[, more])."""
    found = []
    for hour, (change, state, cause, *more) in enumerate(told):
        members: dict[str, Any] = {"level": "warn", "severity": "warning"} | (more[0] if more else {})
        given = {"snoozed_until": None, "parent": None, "facts": None} | members
        found.append(Line(change=change, state=state, cause=cause, at=at(hour), **given))
    return found


OPENED = ("opened", "open", "reading", {"facts": {"value": 1}})
CLOSED_BY_HAND = ("closed", "closed", "")
SNOOZED = ("snoozed", "snoozed", "", {"snoozed_until": SNOOZE})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            [OPENED],
            {"state": "open", "standing": True, "over_at": None, "closed_at": None, "facts": {"value": 1}},
        ),
        ([OPENED, ("acknowledged", "acknowledged", "")], {"cause": "reading", "changed_at": at(1)}),
        (
            [OPENED, SNOOZED, ("eased", "snoozed", "time")],
            {"state": "snoozed", "snoozed_until": SNOOZE, "facts": {"value": 1}, "cause": "time"},
        ),
        ([OPENED, SNOOZED, ("woken", "open", "")], {"snoozed_until": None}),
        (
            [OPENED, CLOSED_BY_HAND],
            {"state": "closed", "standing": True, "over_at": None, "closed_at": at(1)},
        ),
        (
            [OPENED, CLOSED_BY_HAND, ("over", "closed", "reading")],
            {"standing": False, "over_at": at(2), "closed_at": at(1)},
        ),
        (
            [OPENED, ("closed", "closed", "reading"), ("noted", "closed", "")],
            {"standing": False, "over_at": at(1), "closed_at": at(1), "changed_at": at(2)},
        ),
        (
            [OPENED, ("closed", "closed", "reading"), ("reopened", "open", "time", {"facts": {"value": 2}})],
            {"standing": True, "over_at": None, "closed_at": None, "facts": {"value": 2}},
        ),
        ([OPENED, ("told_opened", "open", "reading")], {"standing": True, "changed_at": at(1)}),
    ],
)
def test_lines_come_to(told: list[Any], said: dict[str, Any]) -> None:
    found = was("status", lines(*told))
    assert found is not None
    assert {name: getattr(found, name) for name in said} == said


def test_what_gathers_others_is_over_at_once() -> None:
    found = was("restated", lines(("opened", "open", "backfill"), ("ended", "closed", "backfill")))
    assert found is not None
    assert (found.standing, found.over_at, found.state, found.closed_at) == (False, at(0), "closed", at(1))


def test_nothing_is_said_before_it_was_opened() -> None:
    assert was("status", []) is None
