"""What is missing, and what is out of balance."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from statistics import median
from uuid import UUID

from journeys.document.elements import Stage, Touchpoint
from journeys.document.pointers import pointer
from journeys.document.shape import Document

from .remark import Remark, Severity, about

TOUCHPOINTS_READABLE = 80
"""Beyond so many touchpoints people stop reading one map; tactical maps take the detail."""
ENTRIES_READABLE = 7
IMPORTANT = 0.7
GAP = 0.3


def of_map(document: Document) -> Iterator[Remark]:
    """Yield what the map as a whole lacks, in the order in which maps are built."""
    if not document.personas:
        yield Remark("map_without_persona", "warning", "Say whose journey it is: add a persona.", "/personas")
    if not document.customer_goal:
        detail = "Say what the actor wants to reach: set customer_goal."
        yield Remark("map_without_goal", "warning", detail, "/customer_goal")
    if not document.organisation_objective:
        detail = "Say what the organisation wants from it: set organisation_objective."
        yield Remark("map_without_objective", "hint", detail, "/organisation_objective")
    if not document.stages:
        yield Remark("map_without_stages", "warning", "Tell the journey as stages: add the first.", "/stages")
    touchpoints = list(document.touchpoints())
    if touchpoints and not any(one.moment_of_truth for one in touchpoints):
        detail = "Mark where the actor decides to stay or to leave: set moment_of_truth on a touchpoint."
        yield Remark("no_moment_of_truth", "hint", detail, "/stages")
    if len(touchpoints) > TOUCHPOINTS_READABLE:
        detail = (
            f"{len(touchpoints)} touchpoints are more than people read on one map: move detail into tactical "
            "maps under a touchpoint (parent_touchpoint)."
        )
        yield Remark("map_crowded", "hint", detail, "/stages")


def of_stages(document: Document) -> Iterator[Remark]:
    """Yield what single stages lack, and those that carry far more or less than the others."""
    usual = median(len(stage.touchpoints) for stage in document.stages) if document.stages else 0
    for place, stage in enumerate(document.stages):
        where, count = pointer("stages", place), len(stage.touchpoints)
        if not stage.customer_goal:
            detail = "A stage is one goal of the actor: set customer_goal."
            yield about(stage, where, "stage_without_goal", "warning", detail)
        if not count:
            detail = "Nothing happens in this stage: add the touchpoints that the actor meets, or remove it."
            yield about(stage, where, "stage_without_touchpoint", "warning", detail)
        elif len(document.stages) > 2 and (count > 2 * usual + 1 or count < usual / 3):
            detail = (
                f"{count} touchpoints where a stage here has {usual:g}: split or merge stages, or tell all "
                "of them in the same detail."
            )
            yield about(stage, where, "stage_unbalanced", "hint", detail)


def of_touchpoints(document: Document, measured: Collection[UUID] | None) -> Iterator[Remark]:
    """Yield what single touchpoints lack. measured: those with KPIs; None where nobody knows."""
    for s, stage in enumerate(document.stages):
        for t, touchpoint in enumerate(stage.touchpoints):
            where = pointer("stages", s, "touchpoints", t)
            for code, severity, detail in _lacks(touchpoint, measured):
                yield about(touchpoint, where, code, severity, detail)
            yield from _crowded(touchpoint, where)
        yield from _unanswered(stage, pointer("stages", s))


def _lacks(touchpoint: Touchpoint, measured: Collection[UUID] | None) -> Iterator[tuple[str, Severity, str]]:
    important = touchpoint.moment_of_truth or (touchpoint.importance or 0) >= IMPORTANT
    if not touchpoint.channels and touchpoint.visibility == "front":
        yield "touchpoint_without_channel", "warning", "Say where it happens: add a channel."
    if not touchpoint.owner:
        yield "touchpoint_without_owner", "hint", "Nobody answers for it: name the team in owner."
    if not touchpoint.emotions and touchpoint.visibility == "front":
        yield "touchpoint_without_emotion", "hint", "Say how it feels: add an emotion."
    if measured is not None and touchpoint.id not in measured:
        detail = "Nothing is measured here: bind a KPI."
        if important:
            detail = "It matters and nothing is measured here: bind a KPI."
        yield "touchpoint_without_kpi", "warning" if important else "hint", detail
    if important and not touchpoint.performance_standard:
        detail = "It matters: say what is promised here in performance_standard."
        yield "important_without_standard", "hint", detail
    if touchpoint.expectation is not None and touchpoint.perception is not None:
        gap = touchpoint.perception - touchpoint.expectation
        if gap <= -GAP:
            detail = f"It falls short of what is expected by {-gap:.2f}: say what would close the gap."
            yield "falls_short", "hint", detail


def _crowded(touchpoint: Touchpoint, where: str) -> Iterator[Remark]:
    for path, entries in touchpoint.lanes():
        if len(entries) > ENTRIES_READABLE:
            detail = f"{len(entries)} entries in one place: keep those that matter, merge the others."
            yield about(touchpoint, where + pointer(*path), "cell_crowded", "hint", detail)


def _unanswered(stage: Stage, where: str) -> Iterator[Remark]:
    if any(one.pains for one in stage.touchpoints) and not any(
        one.opportunities for one in stage.touchpoints
    ):
        detail = "It hurts here and no opportunity is named: say what could be made better."
        yield about(stage, where, "pain_without_opportunity", "hint", detail)
