"""What is drawn of many maps. All figures arrive as the text to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.render.face import Link
from journeys.render.mark import Standing
from journeys.render.palette import SIGNS


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by its name. told: its value, or of when it speaks. places: at how many it stands so."""

    name: str
    told: str
    places: int = 1

    @property
    def said(self) -> str:
        """What is told of it, with the places if they are several."""
        return self.told if self.places == 1 else f"{self.told} at {self.places} places".strip()


@dataclass(frozen=True, slots=True)
class Line:
    """A map. parts: how many of its figures stand how. judged: what its standing covers, in words. Texts are
    "" for none.

    breaches: the first of the `in_breach` figures. stalest: None for none. researched: share of its
    statements, 0 to 1, None where nothing is stated. overdue: its review is.
    """

    name: str
    href: str
    owner: str
    standing: Standing
    parts: Sequence[tuple[Standing, int]]
    judged: str
    breaches: Sequence[Figure]
    in_breach: int
    stalest: Figure | None
    sources: Sequence[str]
    findings: str
    researched: float | None
    evidence: str
    review: str
    overdue: bool

    def first_breaches(self, most: int) -> tuple[Sequence[Figure], int]:
        """Return the first so many figures in breach, and how many there are beside them."""
        shown = self.breaches[:most]
        return shown, self.in_breach - sum(figure.places for figure in shown)


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
    """title: of page and picture. note: what is left out, "" for nothing. links: other forms of the same."""

    title: str
    lines: Sequence[Line]
    grids: Sequence[Grid]
    note: str = ""
    links: Sequence[Link] = ()

    @property
    def worst_first(self) -> list[Line]:
        """The maps in the order in which they are drawn: those that hurt first, else as they came."""
        order = {standing: place for place, standing in enumerate(SIGNS)}
        return sorted(self.lines, key=lambda line: order[line.standing])

    @property
    def counted(self) -> str:
        """How many maps there are, and in which order."""
        n = len(self.lines)
        if n == 0:
            return "No maps yet"
        return "1 map" if n == 1 else f"{n} maps, those that hurt first"
