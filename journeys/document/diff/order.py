"""What moved among siblings: as few as can be, so that what stands next to an insertion has not moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from .parts import Place

K = TypeVar("K", bound=Hashable)


def moved(before: Mapping[K, Place | None], after: Mapping[K, Place | None]) -> set[K]:
    """Return those of both sides that stand in another list, or at another place among those that stayed.

    `after` is in the order drawn.
    """
    found: set[K] = set()
    stayed: dict[tuple[str | None, str], list[tuple[K, int]]] = {}
    for key, now in after.items():
        was = before.get(key)
        if was is None or now is None:
            continue
        if (was.parent, was.member) != (now.parent, now.member):
            found.add(key)
        else:
            stayed.setdefault((now.parent, now.member), []).append((key, was.index))
    for siblings in stayed.values():
        still = longest_rise([index for _, index in siblings])
        if len(still) < len(siblings):
            found.update(key for at, (key, _) in enumerate(siblings) if at not in still)
    return found


def longest_rise(numbers: Sequence[int]) -> set[int]:
    """Return the positions of a longest increasing run (not contiguous) of distinct numbers.

    Patience sorting: O(n log n).
    """
    tops: list[int] = []  # the least number on which a run of this length ends
    ends: list[int] = []  # its position
    earlier: list[int] = []  # of each position, the one before it in its run; -1 for none
    for position, number in enumerate(numbers):
        length = bisect_left(tops, number)
        earlier.append(ends[length - 1] if length else -1)
        if length == len(tops):
            tops.append(number)
            ends.append(position)
        else:
            tops[length], ends[length] = number, position
    return set(_followed(earlier, ends[-1] if ends else -1))


def _followed(earlier: Sequence[int], position: int) -> Iterable[int]:
    while position >= 0:
        yield position
        position = earlier[position]
