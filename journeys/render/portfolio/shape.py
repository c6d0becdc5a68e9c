"""What is drawn of many maps. All figures arrive as the text to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.render.mark import Standing


@dataclass(frozen=True, slots=True)
class Line:
    """A map. judged: what its standing covers. breaches: figures with their values. Texts are "" for none.

    overdue: its review is.
    """

    name: str
    href: str
    owner: str
    standing: Standing
    judged: str
    breaches: Sequence[str]
    stalest: str
    sources: Sequence[str]
    findings: str
    evidence: str
    review: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """Some stages of a map under one word. standing None: the map has no such stage."""

    standing: Standing | None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Maps by the words of a vocabulary of stages; rows: (name of the map, a cell for each word)."""

    name: str
    words: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """title: of page and picture. note: what is left out, "" for nothing."""

    title: str
    lines: Sequence[Line]
    grids: Sequence[Grid]
    note: str = ""
