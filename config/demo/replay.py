"""The real figures, shifted by whole weeks so that they end now, revealed day by day on a fast clock.

Day 0 of the replay shows HISTORY weeks; every DAY_S seconds one more day has happened. A week's
figures appear when the week is over, a day's answers when the day is. Nulls stay nulls: a week that
was not measured is sent as null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

FIGURES: dict[str, Any] = json.loads(
    Path(__file__).with_name("carers_allowance.json").read_text(encoding="utf-8")
)
FIRST_WEEK = date.fromisoformat(FIGURES["first_week"])
FIRST_DAY = date.fromisoformat(FIGURES["first_day"])
END = FIRST_DAY + timedelta(days=FIGURES["days"])
# The week after the last one that was counted: it becomes the week that runs now.
RUNNING_WEEK = FIRST_WEEK + timedelta(weeks=FIGURES["weeks"])
REPLAYED_DAYS = 23
DAY_S = 18.0


def shift_weeks(began: datetime) -> int:
    """Return by how many whole weeks the figures move, so that the replay ends in the week of `began`."""
    monday = began.date() - timedelta(days=began.weekday())
    return (monday - RUNNING_WEEK).days // 7


def notice(began: datetime) -> str:
    """Return what the map says of itself."""
    return (
        f"Real figures of 2013 to 2014 (GOV.UK, Open Government Licence), replayed: dates moved by "
        f"{shift_weeks(began)} weeks. Story and thresholds are the demo's."
    )


def happened(began: datetime, at: datetime) -> date:
    """Return the day, in the figures' own calendar, up to which everything has happened at `at`."""
    passed = int((at - began).total_seconds() / DAY_S)
    return min(END - timedelta(days=REPLAYED_DAYS) + timedelta(days=passed), END)


def feed(began: datetime, at: datetime) -> dict[str, Any]:
    """Return the body that the demo's feed serves at `at`."""
    until, shift = happened(began, at), timedelta(weeks=shift_weeks(began))
    weeks = [FIRST_WEEK + timedelta(weeks=number) for number in range(FIGURES["weeks"])]
    return {
        "source": FIGURES["source"],
        "licence": FIGURES["licence"],
        "visitors": [
            {"step": step, "visitors": values[number], **_span(week + shift, 7)}
            for step, values in FIGURES["visitors"].items()
            for number, week in enumerate(weeks)
            if week + timedelta(days=7) <= until
        ],
        "claims": [
            {"digital": digital, "all": _sum(digital, clerical), **_span(week + shift, 7)}
            for week, digital, clerical in zip(
                weeks, FIGURES["claims"]["digital"], FIGURES["claims"]["clerical"], strict=True
            )
            if week + timedelta(days=7) <= until
        ],
        "satisfaction": list(_satisfaction(min(until, at.date() - shift), shift)),
        "dwell": list(_dwell(until, shift)),
    }


def _satisfaction(until: date, shift: timedelta) -> Iterator[dict[str, Any]]:
    for number, counts in enumerate(FIGURES["satisfaction"]):
        day = FIRST_DAY + timedelta(days=number)
        if day + timedelta(days=1) <= until:
            answers = {str(score): counts[score - 1] if counts else None for score in range(1, 6)}
            yield {"answers": answers, **_span(day + shift, 1)}


def _dwell(until: date, shift: timedelta) -> Iterator[dict[str, Any]]:
    week = date.fromisoformat(FIGURES["dwell"]["week"])
    if week + timedelta(days=7) <= until:
        for step, page in FIGURES["dwell"]["pages"].items():
            yield {"step": step, **page, **_span(week + shift, 7)}


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _span(first: date, days: int) -> dict[str, str]:
    start = datetime.combine(first, time(), tzinfo=UTC)
    return {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat()}
