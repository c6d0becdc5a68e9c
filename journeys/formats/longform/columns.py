"""The columns of the long form, in their order."""

from __future__ import annotations

from journeys.formats.lane_words import STAGE_WORDS, TOUCHPOINT_WORDS, lane_of, words_of

STAGE = ("stage_order", "stage_id", "stage")
TOUCHPOINT = ("touchpoint_order", "touchpoint_id", "touchpoint")
LANES = {
    "action": "actions",
    "thought": "thoughts",
    "emotion": "emotions",
    "pain_point": "pains",
    "gain": "gains",
    "need": "needs",
    "opportunity": "opportunities",
    "quote": "quotes",
    "link": "links",
}
"""Columns whose cells are entries of a shipped lane. Those of a custom lane stand in `lane` and `text`."""

COLUMNS = (
    *STAGE,
    *TOUCHPOINT,
    "channel",
    "owner",
    "persona",
    *(name for column in LANES for name in ((column, "emotion_scale") if column == "emotion" else (column,))),
    "lane",
    "text",
    "item_id",
    "evidence",
    "source",
    "date",
    "impact",
    "effort",
    "intensity",
    "label",
    "field",
    "value",
)
KPI = "kpi_key"
"""A column that other tools have: KPIs are bound to touchpoints, they are no part of the document."""

OWN = frozenset({*LANES.values()})
CUSTOM = "lane_items."
"""Stands before the key of a custom lane that has the name of a shipped one."""

ENTRY_TEXTS = {"evidence": "evidence", "source": "source", "date": "date", "item_id": "id"}
ENTRY_NUMBERS = {"impact": "impact", "effort": "effort", "intensity": "intensity"}
LISTED = "; "


def column_of(head: str) -> str:
    """Return the column that a head means, "" where it means none: in any case, in the words of lanes too."""
    name = words_of(head).replace(" ", "_")
    if name in COLUMNS or name == KPI:
        return name
    if words_of(head) in STAGE_WORDS:
        return "stage"
    if words_of(head) in TOUCHPOINT_WORDS:
        return "touchpoint"
    lane = lane_of(head)
    by_lane = {member: column for column, member in LANES.items()} | {"channels": "channel", "owner": "owner"}
    return by_lane.get(lane, "")
