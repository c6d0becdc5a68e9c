"""The made-up life of the subscription demo: a past to begin with, then something every few seconds.

All is a function of the instant and a seed, so that a restart goes on where it was and a repeat sends
the same figures. Waves of weeks and of minutes keep statuses moving.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Item = dict[str, Any]
MONTHS, WEEKS, DAYS = 11, 12, 30
ANSWERS_A_DAY = 40


def past(at: datetime) -> Iterator[list[Item]]:
    """Yield batches of items for the months, weeks and days before the running ones."""
    day, week, month = _day(at), _week(at), _month(at)
    starts = [month]
    for _ in range(MONTHS):
        starts.append(_month(starts[-1] - timedelta(days=1)))
    yield [_churn(start, end, 1.0) for end, start in itertools.pairwise(starts)]
    for n in range(WEEKS, 0, -1):
        yield [_trials(week - timedelta(weeks=n), 1.0), *_begun(week - timedelta(weeks=n), 1.0)]
    for n in range(DAYS, 0, -1):
        before = day - timedelta(days=n)
        opens = [_opens(before, name, 1.0) for name in ("newsletter", "onboarding")]
        yield opens + _answers(before, timedelta(days=1), ANSWERS_A_DAY)


def present(at: datetime, every: timedelta) -> list[Item]:
    """Return what happened in the `every` before `at`: the running figures so far, and new answers."""
    day, week, month = _day(at), _week(at), _month(at)
    following = _month(month + timedelta(days=32))
    return [
        _churn(month, following, (at - month) / (following - month)),
        _trials(week, (at - week) / timedelta(weeks=1)),
        *_begun(week, (at - week) / timedelta(weeks=1)),
        *(_opens(day, name, (at - day) / timedelta(days=1)) for name in ("newsletter", "onboarding")),
        *_answers(at - every, every, 1 + int(at.timestamp() // 7) % 2),
    ]


def _churn(start: datetime, end: datetime, share: float) -> Item:
    dice = random.Random(f"churn {start:%Y-%m}")
    base = 4200 + 60 * (start.year * 12 + start.month - 24310) + dice.randint(-40, 40)
    lost = base * (0.034 + 0.008 * math.sin(start.month) + dice.uniform(-0.003, 0.003))
    return {"kind": "churn", "part": int(lost * share), "whole": base, **_span(start, end)}


def _trials(week: datetime, share: float) -> Item:
    dice = random.Random(f"trials {week:%Y-%m-%d}")
    begun = dice.randint(360, 460)
    paid = begun * (0.21 + 0.04 * math.sin(week.toordinal() / 20) + dice.uniform(-0.02, 0.02))
    whole = int(begun * share)
    return {
        "kind": "trials",
        "part": min(int(paid * share), whole),
        "whole": whole,
        **_span(week, week + timedelta(weeks=1)),
    }


def _begun(week: datetime, share: float) -> list[Item]:
    """Return how many trials began: all, and by channel. Every fourth week a partner's count is lost."""
    trials = _trials(week, share)
    count, span = trials["whole"], {name: trials[name] for name in ("start", "end")}
    by_channel = {"web": int(count * 0.6), "mobile-app": int(count * 0.28)}
    if week.toordinal() // 7 % 4:
        by_channel["partner"] = count - sum(by_channel.values())
    parts = [{"kind": "begun-by-channel", "channel": name, "count": n} for name, n in by_channel.items()]
    return [{**one, **span} for one in ({"kind": "begun", "count": count}, *parts)]


def _opens(day: datetime, name: str, share: float) -> Item:
    dice = random.Random(f"opens {name} {day:%Y-%m-%d}")
    delivered = dice.randint(1800, 2600) if name == "newsletter" else dice.randint(200, 320)
    level = 0.36 if name == "newsletter" else 0.46
    opened = delivered * (level + 0.05 * math.sin(day.toordinal() / 5) + dice.uniform(-0.02, 0.02))
    whole = int(delivered * share)
    end = day + timedelta(days=1)
    part = min(int(opened * share), whole)
    return {"kind": "opens", "list": name, "part": part, "whole": whole, **_span(day, end)}


def _answers(start: datetime, length: timedelta, count: int) -> list[Item]:
    """Return `count` NPS and CSAT answers spread over the stretch; ids repeat when the stretch does."""
    dice = random.Random(f"answers {start.isoformat(timespec='seconds')} {count}")
    mood = math.sin(start.timestamp() / 400_000)
    items: list[Item] = []
    for number in range(count):
        at = (start + length * (number + 0.5) / count).isoformat()
        nps = min(10, max(0, round(dice.gauss(8.3 + mood, 1.9))))
        csat = min(5, max(1, round(dice.gauss(4.2 + 0.3 * mood, 0.9))))
        items.append({"kind": "nps", "id": f"nps-{at}", "score": nps, "at": at})
        items.append({"kind": "csat", "id": f"csat-{at}", "score": csat, "at": at})
    return items


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def _day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _week(at: datetime) -> datetime:
    return _day(at) - timedelta(days=at.weekday())


def _month(at: datetime) -> datetime:
    return _day(at).replace(day=1)
