"""How often readings were told again, written small: it stands with each run or message that told some.

By series, as rows of [start, length, count, n]: of `count` periods that follow each other, `length`
microseconds each, the first from `start` on, every one was told again n times. Instants have the length 0,
and follow each other by quarters of an hour.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from kpis.series.reading_id import ReadingRef, micros

QUARTER = 15 * 60 * 1_000_000
MOST = 500
Row = Sequence[int]
Repeats = Mapping[str, Sequence[Row]]


def repeats_of(refs: Iterable[ReadingRef]) -> dict[str, list[Row]]:
    """Return what readings come to that were told again. Of more than MOST rows instants are told by their
    quarters of an hour, and then those are left out that were told again least."""
    told = Counter((ref.series_id, micros(ref.start_at), micros(ref.end_at)) for ref in refs)
    rows = _rows(told)
    if len(rows) > MOST:
        coarse: Counter[tuple[int, int, int]] = Counter()
        for (series, start, end), n in told.items():
            at = start - start % QUARTER
            coarse[(series, at, at) if start == end else (series, start, end)] += n
        rows = sorted(_rows(coarse), key=lambda row: row[3] * row[4], reverse=True)[:MOST]
    found: dict[str, list[Row]] = defaultdict(list)
    for series, *row in rows:
        found[str(series)].append(row)
    return found


def _rows(told: Mapping[tuple[int, int, int], int]) -> list[list[int]]:
    """As of the module, the series first."""
    rows: list[list[int]] = []
    ordered = sorted((series, end - start, start, n) for (series, start, end), n in told.items())
    for series, length, start, n in ordered:
        _, first, _, count, _ = last = rows[-1] if rows else [0] * 5
        follows = [series, first + count * (length or QUARTER), length, n]
        if [last[0], start, last[2], last[4]] == follows:
            last[3] += 1
        else:
            rows.append([series, start, length, 1, n])
    return rows


def told_within(repeats: Repeats, series: Collection[str], since: datetime | None, until: datetime) -> int:
    """Return how many readings of some series were told again that lie in [since, until); since None: that
    are of the instant `until`."""
    first, end = None if since is None else micros(since), micros(until)
    return sum(_within(row, first, end) for name in series for row in repeats.get(name, ()))


def _within(row: Row, first: int | None, end: int) -> int:
    start, length, count, n = row
    step = length or QUARTER
    last = end - length - start  # how far the last of them may begin after the first
    if first is None:
        return n if last >= 0 and last % step == 0 and last // step < count else 0
    if length == 0:
        last -= 1  # an instant at the end is of the next period
    return n * max(0, min(count - 1, last // step) - max(0, -((start - first) // step)) + 1)
