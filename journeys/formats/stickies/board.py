"""Notes → rows and columns: notes nearer to each other than a gap belong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .notes import Note

_DEFAULT = 100.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far apart notes of one row (by y) and of one column (by x) may be, in the board's unit."""

    row: float
    column: float


def gaps_of(notes: Sequence[Note]) -> Gaps:
    """Return the gaps that fit the notes: half a note where sizes are known, else half the usual step."""
    heights = [note.height for note in notes if note.height]
    widths = [note.width for note in notes if note.width]
    return Gaps(
        row=median(heights) / 2 if heights else _step([note.y for note in notes]) / 2,
        column=median(widths) if widths else _step([note.x for note in notes]) * 0.75,
    )


def rows_of(notes: Sequence[Note], gap: float) -> list[list[Note]]:
    """Return the notes in rows from top to bottom, each from left to right."""
    return [
        sorted(row, key=lambda note: (note.x, note.number))
        for row in _clusters(notes, gap, lambda note: note.y)
    ]


def nearest(columns: Sequence[float], x: float, gap: float) -> int | None:
    """Return the place of the column nearest to x, None where none is within the gap."""
    place = min(range(len(columns)), key=lambda n: abs(columns[n] - x), default=None)
    return place if place is not None and abs(columns[place] - x) <= gap else None


def _clusters(notes: Sequence[Note], gap: float, at: Callable[[Note], float]) -> list[list[Note]]:
    """Cut the notes where the next is farther than the gap from the first of its cluster."""
    found: list[list[Note]] = []
    for note in sorted(notes, key=lambda each: (at(each), each.number)):
        if found and at(note) - at(found[-1][0]) <= gap:
            found[-1].append(note)
        else:
            found.append([note])
    return found


def _step(values: Sequence[float]) -> float:
    """Return the usual distance between neighbours that are not nearly at one place."""
    ordered = sorted(set(values))
    reach = ordered[-1] - ordered[0] if ordered else 0.0
    steps = [after - before for before, after in pairwise(ordered) if after - before > reach / 50]
    return median(steps) if steps else _DEFAULT
