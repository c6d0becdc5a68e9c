from __future__ import annotations

from uuid import UUID

from journeys.document.shape import Document
from journeys.render.board import Board, board
from journeys.render.face import Face, direction_of
from journeys.render.mark import Mark, Rollup
from journeys.render.paths import arcs, ways
from journeys.render.standing import worst

from . import samples


def claim(*marks: Mark, **face: object) -> Board:
    return board(samples.claim(), marks, samples.face(**face))


def test_marks_stand_at_their_elements() -> None:
    lost = Mark(element=UUID(int=1), label="Gone", value="1", n="1", observed_at=samples.NOW)
    shown = board(samples.claim(), (*samples.claim_marks(), lost), samples.face())
    assert [len(slot.marks) for slot in shown.slots if slot] == [1, 0, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    assert [mark.label for mark in shown.stages[2].marks] == ["Stage finished"]
    assert [mark.label for mark in shown.marks] == ["Claims sent online"]
    assert shown.unplaced == (lost,)


def test_an_old_figure_counts_as_old() -> None:
    shown = claim(*samples.claim_marks())
    assert shown.counts == {
        "breach": 1,
        "warn": 4,
        "ok": 6,
        "broken": 1,
        "stale": 1,
        "insufficient": 1,
        "missing": 1,
        "unjudged": 1,
    }


def test_where_it_hurts_most_comes_first() -> None:
    shown = claim(*(samples.mark(nth, status="breach") for nth in (2, 0, 4, 10)))
    assert [hurt.place for hurt in shown.hurts] == [
        "Care you provide",
        "Consent and declaration",
        "Eligibility",
        "About you",
    ]


def test_empty_lanes_are_not_drawn() -> None:
    assert [lane.key for lane in claim().lanes] == [
        "actions",
        "thoughts",
        "feeling",
        "pains",
        "opportunities",
        "gains",
        "needs",
        "links",
    ]
    assert board(Document(name="Nothing"), (), Face()).lanes == ()


def test_own_lanes_come_after_the_shipped_ones() -> None:
    document = samples.claim(lanes=[{"key": "systems", "label": "Systems"}])
    raw = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    raw["stages"][0]["touchpoints"][0]["lane_items"] = {"systems": [{"text": "CRM"}]}
    lanes = board(Document.model_validate(raw), (), Face()).lanes
    assert (lanes[-1].label, lanes[-1].row) == ("Systems", 15)


def test_rows_are_places_of_their_own() -> None:
    rows = [lane.row for lane in claim(*samples.claim_marks()).lanes]
    assert rows == sorted(set(rows))


def test_a_stage_takes_its_roll_ups_word_else_the_worst_in_it() -> None:
    figures = samples.mark(0, status="warn"), samples.mark(0, status="ok")
    rollup = Rollup(element=samples.element(900), status="insufficient")
    assert worst(claim(*figures, rollups=()).stages[0]) == "warn"
    assert worst(claim(*figures, rollups=(rollup,)).stages[0]) == "insufficient"
    assert worst(claim(rollups=()).stages[0]) is None


def test_a_stage_without_touchpoints_takes_a_column() -> None:
    raw = samples.plain(3, 1).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    del raw["stages"][1]["touchpoints"]
    shown = board(Document.model_validate(raw), (), Face())
    assert [slot.index if slot else None for slot in shown.slots] == [0, None, 2]
    assert shown.feelings.drawn[0].values[1] is None


def test_ways_and_their_arcs() -> None:
    document = samples.claim()
    found = ways(document, tuple(document.touchpoints()))
    assert [(way.source, way.target, way.text) for way in found] == [
        (4, 1, "rings for help · 18 %"),
        (6, 4, "7 %"),
        (5, 8, "no job · 40 %"),
    ]
    assert [(arc.way.source, arc.level) for arc in arcs(found)] == [(6, 0), (4, 1), (5, 1)]


def test_a_cycle_leads_from_the_end_to_the_start() -> None:
    document = samples.plain(2, 2, cyclic=True)
    (way,) = ways(document, tuple(document.touchpoints()))
    assert (way.source, way.target, way.is_back) == (3, 0, True)


def test_a_number_without_base_or_age_is_not_shown() -> None:
    assert samples.mark(0).is_shown
    assert not samples.mark(0, n="").is_shown
    assert not samples.mark(0, observed_at=None).is_shown


def test_direction_follows_the_language() -> None:
    assert [direction_of(tag) for tag in ("ar", "he-IL", "fa", "en", "", "arn")] == [
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
        "ltr",
    ]
    assert board(samples.arabic(), (), Face()).dir == "rtl"
    assert board(samples.arabic(), (), Face(dir="ltr")).dir == "ltr"
