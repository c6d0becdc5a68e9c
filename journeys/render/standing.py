"""The one word for a stage."""

from __future__ import annotations

from .board import StageBoard
from .mark import Standing
from .palette import SIGNS


def worst(stage: StageBoard) -> Standing | None:
    """Return the stage's standing: its roll-up's, else the worst of the figures in it, else None."""
    if stage.rollup is not None:
        return stage.rollup.status
    here = {mark.standing for column in stage.columns for mark in column.marks}
    here |= {mark.standing for mark in stage.marks}
    return next((standing for standing in SIGNS if standing in here), None)
