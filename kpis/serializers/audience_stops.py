"""Where the slider of a page stands still: versions, improvements, instants at which figures came true, a few
between.

A map can be asked as of any instant since its first version. Between versions and ends of periods a coarse
grid of even instants lets one see the running figures move, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from journeys.render.face import Stop
from kpis.serializers.live_marks import changes_of
from kpis.serializers.live_read import Live, groups

_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440, 10_080, 40_320, 161_280, 645_120)
)
_EVEN, _FIGURES = 24, 120
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday


def stops(versions: Sequence[tuple[int, datetime]], found: Live, at: datetime) -> tuple[Stop, ...]:
    """Return the stops up to `at`, oldest first. versions: (number, published_at); none without any."""
    if not versions:
        return ()
    first = min(published for _, published in versions)
    ends = {
        end
        for _, group in groups(found)
        for entry in group.kpis
        for end, _ in entry.spark
        if first <= end <= at
    }
    told: dict[datetime, Stop] = {even: Stop(even, "") for even in _even(first, at)}
    told |= {end: Stop(end, "end of a period") for end in sorted(ends)[-_FIGURES:]}
    for changed in changes_of(found):
        if first <= changed.at <= at:
            text = f"improvement: {changed.text}" if changed.text else "improvement"
            told[changed.at] = Stop(changed.at, text, is_improvement=True)
    told |= {
        published: Stop(published.astimezone(UTC), f"version {number}", is_version=True)
        for number, published in versions
    }
    return tuple(told[instant] for instant in sorted(told))


def _even(first: datetime, at: datetime) -> Iterator[datetime]:
    step = next((step for step in _STEPS if (at - first) / step <= _EVEN), _STEPS[-1])
    instant = _EPOCH + ((first - _EPOCH) // step + 1) * step
    while instant < at:
        yield instant
        instant += step
