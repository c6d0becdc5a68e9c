"""Which columns stand in which band of the picture, as lines of music stand on a sheet.

A row of sixty columns is no picture; bands of at most twelve are, one under the other, each with its own
stage heads and labels. Stages are kept whole where they fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.render.board import Board, Column, StageBoard

MOST = 12
LABEL = 116.0
COLUMN = 168.0


@dataclass(frozen=True, slots=True)
class Part:
    """A stage, or as much of it as stands in one band."""

    stage: StageBoard
    columns: tuple[Column | None, ...]
    continued: bool

    @property
    def width(self) -> float:
        return len(self.columns) * COLUMN


@dataclass(frozen=True, slots=True)
class Band:
    """Parts side by side. `first` is the index of the first column."""

    first: int
    parts: tuple[Part, ...]

    @property
    def columns(self) -> tuple[Column | None, ...]:
        return tuple(column for part in self.parts for column in part.columns)

    @property
    def width(self) -> float:
        return LABEL + sum(part.width for part in self.parts)


def bands(board: Board, most: int = MOST) -> tuple[Band, ...]:
    """Return the bands: as few as need be, and the widest of them as narrow as that allows."""
    chunks = [part for stage in board.stages for part in _parts(stage, most)]
    total = sum(len(part.columns) for part in chunks)
    if not total:
        return ()
    fewest = len(_pack(chunks, most))
    limit = max(-(-total // fewest), max(len(part.columns) for part in chunks))
    while len(_pack(chunks, limit)) > fewest:
        limit += 1
    found: list[Band] = []
    first = 0
    for parts in _pack(chunks, limit):
        found.append(Band(first, tuple(parts)))
        first += sum(len(part.columns) for part in parts)
    return tuple(found)


def _parts(stage: StageBoard, most: int) -> list[Part]:
    columns: Sequence[Column | None] = stage.columns or (None,)
    starts = range(0, len(columns), most)
    return [Part(stage, tuple(columns[start : start + most]), continued=start > 0) for start in starts]


def _pack(chunks: Sequence[Part], limit: int) -> list[list[Part]]:
    packed: list[list[Part]] = []
    room = 0
    for part in chunks:
        if len(part.columns) > room:
            packed.append([])
            room = limit
        packed[-1].append(part)
        room -= len(part.columns)
    return packed
