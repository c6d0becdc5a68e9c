"""The words at the head of page and picture: whose journey it is, and what must be read with the figures."""

from __future__ import annotations

from .board import Board
from .words import day, instant


def subtitle(board: Board) -> list[str]:
    """Return what kind of journey it is, its state and its version."""
    document, face = board.document, board.face
    kind = document.actor_label or board.wording.actor_kind(document.actor_kind)
    parts = [f"{kind[:1].upper()}{kind[1:]} journey", f"{document.state} state"]
    if face.version is None:
        return [*parts, "draft"] if face.is_draft else parts
    when = f", published {day(face.published_at)}" if face.published_at else ""
    return [*parts, f"version {face.version}{when}"]


def people(board: Board) -> tuple[list[str], int]:
    """Return the persona that the map is shown for (else its first) with its archetype, and how many more."""
    named = [entry for entry in board.document.personas if entry.name]
    shown = [entry for entry in named if entry.id == board.face.persona] or named[:1]
    return [", ".join(filter(None, (p.name, p.archetype))) for p in shown], len(named) - len(shown)


def notices(board: Board) -> list[str]:
    """Return what must be read with the figures."""
    face = board.face
    lines = [board.document.notice, *face.notices]
    if face.as_of is not None:
        lines.append(f"As of {instant(face.as_of)}")
    if face.known_at is not None:
        lines.append(f"As known at {instant(face.known_at)}")
    return [line for line in lines if line]
