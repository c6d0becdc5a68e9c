"""What is said, small, beside an entry of a lane and beside a status."""

from __future__ import annotations

from journeys.document.lanes import Item, Opportunity

from .board import Board
from .mark import Mark
from .palette import SIGNS
from .words import evidence, share


def notes_of(board: Board, item: Item) -> list[str]:
    """Return an entry's weight, its grounds if somebody checked, and whose it is if not everybody's."""
    notes = []
    if isinstance(item, Opportunity):
        notes += [f"impact {share(item.impact)}"] if item.impact is not None else []
        notes += [f"effort {share(item.effort)}"] if item.effort is not None else []
    notes.append(evidence(item.evidence))
    if item.persona and len(board.document.personas) > 1:
        notes.append(board.personas.get(item.persona, ""))
    return [note for note in notes if note]


def standing_notes(mark: Mark) -> list[str]:
    """Return what belongs beside a status: what it was before it went stale, lateness, noise, the goal."""
    notes = []
    if mark.standing != mark.status and mark.status in ("ok", "warn", "breach"):
        notes.append(f"was {SIGNS[mark.status].word}")
    if mark.freshness == "late":
        notes.append("late")
    if mark.certainty == "within_noise":
        notes.append("within noise")
    notes += mark.window
    if mark.target:
        notes.append(f"goal {mark.target}")
    return notes


def basis(mark: Mark) -> list[str]:
    """Return what a figure rests on, without its age."""
    return [fact for fact in (f"n {mark.n}", mark.interval, mark.method, mark.period) if fact]
