"""Board: a map with its figures, sorted into what page and picture both draw. No geometry, no markup.

Board ─┬─ stages: StageBoard ── columns: Column     one column = one touchpoint
       ├─ lanes: Lane                               only those with something in them
       ├─ feelings: Feelings, ways: Way
       └─ marks of the map, marks without a place, counts by standing, where it hurts
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from journeys.document.elements import Stage, Touchpoint
from journeys.document.shape import Document

from .face import Below, Direction, Face, direction_of
from .feeling import Feelings, feelings
from .lanes import Lane, used
from .mark import Mark, Rollup, Standing
from .palette import SIGNS
from .paths import Arc, Way, arcs, ways
from .wording import Wording, wording_of


@dataclass(frozen=True, slots=True)
class Column:
    """A touchpoint with its figures. `index` counts across the map; a stage without any takes one."""

    index: int
    anchor: str
    touchpoint: Touchpoint
    marks: tuple[Mark, ...]
    ways: tuple[Way, ...]
    below: tuple[Below, ...] = ()

    @property
    def is_back(self) -> bool:
        return self.touchpoint.visibility == "back"

    @property
    def hurts(self) -> bool:
        return any(mark.standing == "breach" for mark in self.marks)


@dataclass(frozen=True, slots=True)
class StageBoard:
    """A stage with its columns (none is legal) and its own figures."""

    index: int
    anchor: str
    stage: Stage
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]
    rollup: Rollup | None


@dataclass(frozen=True, slots=True)
class Hurt:
    """A figure in breach, and the touchpoint or stage where it is. "" = the map."""

    mark: Mark
    place: str
    anchor: str
    weight: float


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is drawn."""

    document: Document
    face: Face
    language: str
    dir: Direction
    stages: tuple[StageBoard, ...]
    slots: tuple[Column | None, ...]
    """All columns by their index; None under a stage without touchpoints."""
    wording: Wording
    personas: Mapping[str, str]
    """Names by id and by key."""
    lanes: tuple[Lane, ...]
    feelings: Feelings
    arcs: tuple[Arc, ...]
    marks: tuple[Mark, ...]
    unplaced: tuple[Mark, ...]
    rollup: Rollup | None
    counts: Mapping[Standing, int]
    hurts: tuple[Hurt, ...]

    @property
    def columns(self) -> Iterator[Column]:
        return (column for column in self.slots if column is not None)

    @property
    def has_back(self) -> bool:
        return any(column.is_back for column in self.columns)

    @property
    def has_stage_marks(self) -> bool:
        return any(stage.marks for stage in self.stages)


def board(document: Document, marks: Sequence[Mark], face: Face) -> Board:
    """Return the board of a document (whose ids may still be missing, as in a draft) and its marks."""
    by_element: dict[UUID | None, list[Mark]] = {}
    for mark in marks:
        by_element.setdefault(mark.element, []).append(mark)
    points = [point for stage in document.stages for point in (stage.touchpoints or (None,))]
    found = ways(document, points)
    rollups = {rollup.element: rollup for rollup in face.rollups}
    below: dict[UUID, list[Below]] = {}
    for one in face.below:
        below.setdefault(one.element, []).append(one)
    stages = _stages(document, by_element, found, rollups, below)
    slots = tuple(column for stage in stages for column in (stage.columns or (None,)))
    people = [entry for entry in document.personas if entry.name]
    names = {entry.key: entry.name for entry in people if entry.key}
    names |= {str(entry.id): entry.name for entry in people if entry.id is not None}
    persona = "" if face.persona is None else str(face.persona)
    felt = feelings(document, points, [slot.marks if slot else () for slot in slots], names, persona)
    known = {None, *(element.id for element in document.elements())}
    front = any(slot.marks and not slot.is_back for slot in slots if slot)
    language = face.lang or document.language or "en"
    counted = Counter(mark.standing for mark in marks)
    return Board(
        document=document,
        face=face,
        language=language,
        dir=face.dir or direction_of(language),
        stages=stages,
        slots=slots,
        wording=wording_of(document, language),
        personas=names,
        lanes=used(document, feeling=bool(felt.curves), figures=front),
        feelings=felt,
        arcs=arcs(found),
        marks=tuple(by_element.get(None, ())),
        unplaced=tuple(mark for mark in marks if mark.element not in known),
        rollup=rollups.get(None),
        counts={standing: counted[standing] for standing in SIGNS if counted[standing]},
        hurts=_hurts(stages, by_element.get(None, ())),
    )


def _stages(
    document: Document,
    by_element: Mapping[UUID | None, Sequence[Mark]],
    found: Sequence[Way],
    rollups: Mapping[UUID | None, Rollup],
    below: Mapping[UUID, Sequence[Below]],
) -> tuple[StageBoard, ...]:
    leaving: dict[int, list[Way]] = {}
    for way in found:
        leaving.setdefault(way.source, []).append(way)
    stages: list[StageBoard] = []
    index = 0
    for i, stage in enumerate(document.stages):
        columns = []
        for touchpoint in stage.touchpoints:
            columns.append(
                Column(
                    index,
                    f"t-{touchpoint.id or index}",
                    touchpoint,
                    tuple(by_element.get(touchpoint.id, ())) if touchpoint.id else (),
                    tuple(leaving.get(index, ())),
                    tuple(below.get(touchpoint.id, ())) if touchpoint.id else (),
                )
            )
            index += 1
        index += not stage.touchpoints
        own = tuple(by_element.get(stage.id, ())) if stage.id else ()
        rollup = rollups.get(stage.id) if stage.id else None
        stages.append(StageBoard(i, f"s-{stage.id or i}", stage, tuple(columns), own, rollup))
    return tuple(stages)


def _hurts(stages: Sequence[StageBoard], own: Sequence[Mark]) -> tuple[Hurt, ...]:
    """Return the breaches, those at moments of truth and at what matters most to the actor first."""
    hurts = [Hurt(mark, "", "", 2.0) for mark in own]
    for stage in stages:
        hurts += [Hurt(mark, stage.stage.name, stage.anchor, 1.0) for mark in stage.marks]
        for column in stage.columns:
            point = column.touchpoint
            weight = (point.importance or 0.0) + (1.0 if point.moment_of_truth else 0.0)
            hurts += [Hurt(mark, point.name, column.anchor, weight) for mark in column.marks]
    breaches = [hurt for hurt in hurts if hurt.mark.standing == "breach"]
    return tuple(sorted(breaches, key=lambda hurt: -hurt.weight))
