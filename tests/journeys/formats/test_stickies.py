"""Sticky boards: columns and rows are found, colours are lanes, and no note is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.document.validate import parse
from journeys.formats.base import ReadMap
from journeys.formats.stickies.read import read_stickies

Json = dict[str, Any]


def note(text: str, x: float, y: float, colour: str = "", **more: Any) -> Json:
    return {"text": text, "x": x, "y": y, "colour": colour, "width": 100, "height": 100, **more}


BOARD = [
    note("Find", 210, 5, "black"),
    note("Buy", 600, 0, "black"),
    note("Search", 200, 150, "grey"),
    note("Compare", 400, 152, "grey"),
    note("Pay", 605, 149, "grey"),
    note("Doing", 0, 300),
    note("Types words", 205, 310, "yellow"),
    note("Reads reviews", 396, 290, "yellow"),
    note("Form is long", 610, 295, "red"),
    note("Pays late", 600, 460, "red"),
    note("Slow site", 190, 465, "red"),
    note("SAP", 600, 470, "teal"),
    note("Ask legal?", 1500, 460, "yellow"),
    note("parking lot", 200, -900, "yellow"),
]


def read(notes: object, **options: Any) -> ReadMap:
    (found,) = read_stickies(json.dumps(notes).encode(), options)
    return found


def shown(found: ReadMap) -> dict[str, dict[str, list[str]]]:
    """Return {touchpoint: {lane: texts}}."""
    assert found.raw is not None
    parse(found.raw)
    return {
        t["name"]: {
            **{
                lane: [i["text"] for i in t[lane]]
                for lane in t
                if isinstance(t[lane], list) and lane != "emotions"
            },
            **{lane: [i["text"] for i in items] for lane, items in t.get("lane_items", {}).items()},
        }
        for stage in found.raw["stages"]
        for t in stage.get("touchpoints", [])
    }


def test_a_board_is_read_as_its_makers_see_it() -> None:
    found = read(BOARD[:-1])
    assert found.raw is not None
    assert [s["name"] for s in found.raw["stages"]] == ["Find", "Buy", "Unassigned"]
    assert shown(found) == {
        "Search": {"actions": ["Types words"], "pains": ["Slow site"]},
        "Compare": {"actions": ["Reads reviews"]},
        "Pay": {"actions": ["Form is long"], "pains": ["Pays late"], "teal": ["SAP"]},
        "Unassigned": {"actions": ["Ask legal?"]},
    }
    assert [(n.place, n.weight, n.code) for n in found.notices] == [("note 13", "note", "unassigned")]
    assert found.guessed == {
        "name": "Untitled map",
        "stage_row": 1,
        "touchpoint_row": 2,
        "row_gap": 50,
        "column_gap": 100,
        "lanes": {"Doing": "actions", "red": "pains", "teal": "custom", "yellow": "actions"},
        "assign": {"13": 0},
    }
    assert read(BOARD[:-1], **found.guessed) == found


def test_clusters_can_be_overruled() -> None:
    lanes = {"red": "gains", "teal": "custom:systems", "Doing": "thoughts"}
    found = read(
        BOARD, name="Shop", stage_row=2, touchpoint_row=3, lanes=lanes, assign={"13": 3, "9": 1, "10": 0}
    )
    assert found.raw is not None
    assert found.raw["name"] == "Shop"
    told = shown(found)
    assert told["Search"] == {
        "actions": ["parking lot"],
        "thoughts": ["Types words", "Form is long"],
        "gains": ["Slow site"],
    }
    assert told["Pay"] == {"actions": ["Ask legal?"], "systems": ["SAP"]}
    assert told["Unassigned"] == {"gains": ["Pays late"]}


def test_boards_as_exported_by_tools() -> None:
    miro = [
        {
            "data": {"content": n["text"]},
            "position": {"x": n["x"], "y": n["y"]},
            "style": {"fillColor": n["colour"]},
        }
        for n in BOARD[:-1]
    ]
    assert set(shown(read({"data": miro}))) == {"Search", "Compare", "Pay", "Unassigned"}
    rows = [f"{n['text']};{n['x']};{n['y']};{n['colour']};100;100" for n in BOARD[:-1]]
    lines = ["Text;X;Y;Color;Width;Height", *rows]
    (found,) = read_stickies("\n".join(lines).encode(), {})
    assert shown(found) == shown(read(BOARD[:-1]))


def test_a_board_without_touchpoints_sizes_or_colours() -> None:
    found = read(
        [
            {"text": t, "x": x, "y": y}
            for t, x, y in [("A", 0, 0), ("B", 300, 4), ("a", 5, 200), ("b", 290, 210)]
        ]
    )
    assert shown(found) == {"A": {"row-2": ["a"]}, "B": {"row-2": ["b"]}}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"{}", "no_notes"),
        (b"[", "not_json"),
        (b"[]", "empty"),
        (b"[1]", "wrong_type"),
        (b'[{"text": "a", "x": "left", "y": 0}]', "no_place"),
        (b'[{"text": "a", "x": 1e999, "y": 0}]', "not_json"),
        (b'[{"text": "a", "x": true, "y": 0}]', "no_place"),
        (b"text,x\na,1", "no_place"),
        (b"[" + b'{"text":"a","x":1,"y":1},' * 20_001 + b"{}]", "too_large"),
    ],
)
def test_what_is_no_board(raw: bytes, code: str) -> None:
    (found,) = read_stickies(raw, {})
    assert found.raw is None
    assert [notice.code for notice in found.notices] == [code]


def test_wrong_options() -> None:
    found = read(BOARD, colour=1, stage_row=-1, lanes={"red": "robots"}, assign={"1": "Pay"}, row_gap=True)
    codes = [notice.code for notice in found.notices if notice.weight == "invalid"]
    assert codes == ["unknown_option", *["invalid_option"] * 4]


_FIGURES = st.one_of(
    st.integers(-3, 3).map(lambda n: n * 100), st.floats(-1e9, 1e9), st.integers(-(10**9), 10**9)
)
_WORDS = st.one_of(st.sampled_from(["Doing", "Pains", "Mood", "1"]), st.text(min_size=1))
_COLOURED = st.sampled_from(["red", "yellow", "#fff", ""])
_NOTES = st.lists(
    st.fixed_dictionaries(
        {"text": _WORDS, "x": _FIGURES, "y": _FIGURES},
        optional={"colour": _COLOURED, "width": _FIGURES, "height": _FIGURES},
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(notes=_NOTES, stage_row=st.one_of(st.none(), st.integers(0, 5)))
def test_no_note_is_lost(notes: list[Json], stage_row: int | None) -> None:
    options = {} if stage_row is None else {"stage_row": stage_row}
    (found,) = read_stickies(json.dumps(notes).encode(), options)
    if found.raw is None:
        assert found.notices
        return
    parse(found.raw)
    told = json.dumps([found.raw, found.guessed], ensure_ascii=False)
    for each in notes:
        for word in each["text"].split():
            if word.isalnum() and not word.isdigit():
                assert word in told


def test_a_note_far_off_moves_no_column() -> None:
    notes = [("Aware", 0, 0), ("Buy", 500, 0), ("See ad", 0, 200), ("Pay", 510, 200), ("Late", 5000, 400)]
    found = read([{"text": text, "x": x, "y": y} for text, x, y in notes])
    assert found.raw is not None
    placed = {
        stage["name"]: [list(texts.values()) for texts in shown(found).values() if texts][number]
        for number, stage in enumerate(found.raw["stages"])
    }
    assert placed == {"Aware": [["See ad"]], "Buy": [["Pay"]], "Unassigned": [["Late"]]}
    heads = [{"text": "Aware", "x": 0, "y": 0}, {"text": "Buy", "x": 500, "y": 0}]
    wide = read(heads, column_gap=2000).raw or {}
    assert [[point["name"] for point in stage["touchpoints"]] for stage in wide["stages"]] == [
        ["Aware"],
        ["Buy"],
    ]
