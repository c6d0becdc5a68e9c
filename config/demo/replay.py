"""The real figures, shifted by whole weeks so that they end now, revealed on a fast clock.

The replay begins with the last whole week: all before it has happened. A day lasts DAY_S seconds. A week's
visitors, claims and times appear when the week is over; satisfaction is told as the week goes, a day's
answers spread evenly over it. Nulls stay nulls: a week that was not measured is sent as null.
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
REPLAYED_DAYS = 9
DAY_S = 60.0


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


def happened(began: datetime, at: datetime) -> datetime:
    """Return the instant, in the figures' own calendar, up to which everything has happened at `at`."""
    passed = timedelta(days=(at - began).total_seconds() / DAY_S)
    return min(_midnight(END - timedelta(days=REPLAYED_DAYS)) + passed, _midnight(END))


def feed(began: datetime, at: datetime) -> dict[str, Any]:
    """Return the body that the demo's feed serves at `at`."""
    shift = timedelta(weeks=shift_weeks(began))
    # Early in a week the figures' last days would still be ahead of us.
    reached = min(happened(began, at), at - shift)
    until = reached.date()
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
        "satisfaction": list(_satisfaction(reached, shift)),
        "dwell": list(_dwell(until, shift)),
    }


def _satisfaction(reached: datetime, shift: timedelta) -> Iterator[dict[str, Any]]:
    """Yield each week's answers so far; null for a week without any."""
    first = FIRST_DAY - timedelta(days=FIRST_DAY.weekday())
    for number in range(0, (END - first).days, 7):
        week = first + timedelta(days=number)
        if _midnight(week) < reached:
            counts = [_answers(week + timedelta(days=day), reached) for day in range(7)]
            known = [day for day in counts if day is not None]
            total = [sum(scores) for scores in zip(*known, strict=True)]
            answers = {str(score): total[score - 1] if known else None for score in range(1, 6)}
            yield {"answers": answers, **_span(week + shift, 7)}


def _answers(day: date, reached: datetime) -> list[int] | None:
    """Return a day's answers per score as far as the day has gone; None where nobody counted."""
    number = (day - FIRST_DAY).days
    counts = FIGURES["satisfaction"][number] if 0 <= number < FIGURES["days"] else None
    gone = min((reached - _midnight(day)) / timedelta(days=1), 1.0)
    return [int(count * gone) for count in counts] if counts and gone > 0 else None


def _dwell(until: date, shift: timedelta) -> Iterator[dict[str, Any]]:
    week = date.fromisoformat(FIGURES["dwell"]["week"])
    if week + timedelta(days=7) <= until:
        for step, page in FIGURES["dwell"]["pages"].items():
            yield {"step": step, **page, **_span(week + shift, 7)}


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _span(first: date, days: int) -> dict[str, str]:
    start = _midnight(first)
    return {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
