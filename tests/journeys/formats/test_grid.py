"""Grids as people have them: what is guessed, what is told of, what can be said otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.document.validate import parse
from journeys.formats.base import ReadMap
from journeys.formats.feelings import felt, guess_scale, scale_hinted
from journeys.formats.grid.read import read_grid_csv, read_grid_xlsx
from journeys.formats.lane_words import channel_of, lane_of

from .grids import Merged, workbook

SHOP = """Online shop,Awareness,,Purchase,,After
,See ad,Visit site,Add to cart,Pay,Receive
Customer steps,"• Scrolls the feed
• Stops",Searches,Compares,Enters card,Opens box
What they think,Nice,,Is it safe?,,
Mood,1,0,-1 anxious,-2,😀 great
Pain-Points:,,,"- Shipping cost is hidden
- Slow",Form too long,
Channel,Instagram,Website,"Web, App",web,Post
Department,Marketing,Marketing,Shop,Finance,Logistics
Systems,,CMS,SAP,"Stripe, SAP",
"""


def read(text: str, **options: Any) -> ReadMap:
    (found,) = read_grid_csv(text.encode(), options)
    return found


def touchpoints(found: ReadMap) -> list[dict[str, Any]]:
    assert found.raw is not None
    return [t for stage in found.raw["stages"] for t in stage.get("touchpoints", [])]


def texts(touchpoint: dict[str, Any], lane: str) -> list[str]:
    return [item["text"] for item in touchpoint.get(lane, [])]


def test_a_sheet_as_exported_by_hand() -> None:
    found = read(SHOP)
    assert found.raw is not None
    parse(found.raw)
    assert found.notices == ()
    assert [s["name"] for s in found.raw["stages"]] == ["Awareness", "Purchase", "After"]
    assert [len(s["touchpoints"]) for s in found.raw["stages"]] == [2, 2, 1]
    ad, site, cart, pay, receive = touchpoints(found)
    assert texts(ad, "actions") == ["Scrolls the feed", "Stops"]
    assert texts(cart, "pains") == ["Shipping cost is hidden", "Slow"]
    assert cart["emotions"] == [{"scale": "smaply", "value": -1, "label": "anxious"}]
    assert receive["emotions"] == [{"scale": "five-words", "word": "positive", "label": "great"}]
    assert [t["channels"] for t in (ad, site, cart, pay, receive)] == [
        ["social"],
        ["web"],
        ["web", "mobile-app"],
        ["web"],
        ["mail"],
    ]
    assert pay["owner"] == "Finance"
    assert pay["lane_items"] == {"systems": [{"text": "Stripe, SAP"}]}
    assert found.raw["lanes"] == [{"key": "systems", "label": "Systems"}]


def test_guesses_can_be_sent_back_and_change_nothing() -> None:
    found = read(SHOP)
    assert found.guessed == {
        "name": "Online shop",
        "turned": False,
        "stage_row": 1,
        "touchpoint_row": 2,
        "lane_column": "A",
        "lanes": {
            "Customer steps": "actions",
            "What they think": "thoughts",
            "Mood": "emotions",
            "Pain-Points:": "pains",
            "Channel": "channels",
            "Department": "owner",
            "Systems": "custom",
        },
        "merged": "repeat",
        "emotion_scale": "smaply",
    }
    assert read(SHOP, **found.guessed) == found


def test_guesses_can_be_overruled() -> None:
    lanes = {"Systems": "needs", "Department": "custom:teams", "Customer steps": "ignore", "Mood": "emotions"}
    found = read(SHOP, name="Shop 2", lanes=lanes, emotion_scale="-4..4")
    assert found.raw is not None
    assert found.raw["name"] == "Shop 2"
    assert found.raw["lanes"] == [{"key": "teams", "label": "Department"}]
    ad, site, cart, pay, _ = touchpoints(found)
    assert "actions" not in ad
    assert texts(site, "needs") == ["CMS"]
    assert cart["emotions"] == [{"scale": "sentiment", "value": -0.25, "label": "anxious"}]
    assert pay["lane_items"] == {"teams": [{"text": "Finance"}]}
    assert found.guessed["lanes"] == {**read(SHOP).guessed["lanes"], **lanes}
    assert read(SHOP, **found.guessed) == found


def test_rows_can_be_put_into_one_lane() -> None:
    found = read(SHOP, lanes={"Systems": "custom:back", "Department": "custom:back"})
    assert found.raw is not None
    assert found.raw["lanes"] == [{"key": "back", "label": "Department"}]
    assert touchpoints(found)[3]["lane_items"] == {"back": [{"text": "Finance"}, {"text": "Stripe, SAP"}]}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"colour": "red"}, "unknown_option"),
        ({"lanes": {"Systems": "robots"}}, "invalid_option"),
        ({"stage_row": -1}, "invalid_option"),
        ({"stage_row": True}, "invalid_option"),
        ({"lane_column": "1"}, "invalid_option"),
        ({"emotion_scale": "5..1"}, "invalid_option"),
        ({"merged": "both"}, "invalid_option"),
        ({"sheets": {"": {"name": 3}}}, "invalid_option"),
        ({"sheets": ["A"]}, "invalid_option"),
    ],
)
def test_options_that_there_are_not(options: dict[str, Any], code: str) -> None:
    found = read(SHOP, **options)
    assert [(n.place, n.weight, n.code) for n in found.notices] == [("options", "invalid", code)]


@pytest.mark.parametrize(
    ("stage_row", "touchpoint_row", "lane_column"), [(1, 0, "A"), (99, 98, "A"), (0, 0, "ZZ"), (2, 1, "C")]
)
def test_options_that_point_anywhere_break_nothing(
    stage_row: int, touchpoint_row: int, lane_column: str
) -> None:
    found = read(SHOP, stage_row=stage_row, touchpoint_row=touchpoint_row, lane_column=lane_column)
    assert found.raw is not None
    parse(found.raw)


def test_merged_cells_of_a_workbook() -> None:
    rows = [["Clinic"], ["", "Book"], ["Doing", "Calls"], ["Thinking"], ["Goal"]]
    merged: list[Merged] = [
        (0, 1, 0, 3, "Before"),
        (0, 4, 0, 5, "Visit"),
        (1, 2, 1, 3, "Wait"),
        (3, 1, 3, 3, "Will it hurt?"),
        (4, 1, 4, 3, "Get an appointment"),
    ]
    book = workbook({"Clinic": [*rows[:1], ["", "Book", "", "", "Arrive", "Leave"], *rows[2:]]}, merged)
    (found,) = read_grid_xlsx(book, {})
    assert found.raw is not None
    before, visit = found.raw["stages"]
    assert [t["name"] for t in before["touchpoints"]] == ["Book", "Wait"]
    assert [t["name"] for t in visit["touchpoints"]] == ["Arrive", "Leave"]
    assert before["customer_goal"] == "Get an appointment"
    assert [texts(t, "thoughts") for t in before["touchpoints"]] == [["Will it hurt?"]] * 2
    assert [(n.place, n.code) for n in found.notices] == [("Clinic!B4", "merged")]
    (first,) = read_grid_xlsx(book, {"merged": "first"})
    assert [texts(t, "thoughts") for t in touchpoints(first)][:2] == [["Will it hurt?"], []]


def test_a_workbook_of_forty_maps() -> None:
    sheets = {f"Map {n}": [["", "Start", "End"], ["Doing", f"a{n}", f"b{n}"]] for n in range(40)}
    maps = read_grid_xlsx(workbook(sheets), {"sheets": {"Map 3": {"name": "Third"}, "Map 5": {"skip": True}}})
    assert len(maps) == 39
    assert [found.place for found in maps][:4] == ["Map 0", "Map 1", "Map 2", "Map 3"]
    names = [found.raw["name"] for found in maps if found.raw]
    assert names[2:5] == ["Map 2", "Third", "Map 4"]
    assert all(len(touchpoints(found)) == 2 for found in maps)
    told = read_grid_xlsx(workbook(sheets), {"sheets": {"Map 99": {}}})[0].notices
    assert [(n.place, n.code) for n in told] == [("options", "unknown_sheet")]


def test_stages_down_and_lanes_across() -> None:
    found = read(
        "Stage,Touchpoint,Actions,Pains\nFind,Search,Types,Slow\n,Compare,Reads,\nBuy,Pay,Pays,Dear\n"
    )
    assert found.raw is not None
    assert found.guessed["turned"] is True
    assert [s["name"] for s in found.raw["stages"]] == ["Find", "Buy"]
    assert [(t["name"], texts(t, "actions"), texts(t, "pains")) for t in touchpoints(found)] == [
        ("Search", ["Types"], ["Slow"]),
        ("Compare", ["Reads"], []),
        ("Pay", ["Pays"], ["Dear"]),
    ]
    assert read(SHOP, turned=True).guessed["turned"] is True


def test_labels_of_columns_and_stages_without_touchpoints() -> None:
    found = read("Phases,Find,Buy,Use\nGoals,See,Have,Enjoy\nActions,Looks,Pays,\n,Compares,,\n")
    assert found.raw is not None
    assert [s["customer_goal"] for s in found.raw["stages"]] == ["See", "Have", "Enjoy"]
    assert [t["name"] for t in touchpoints(found)] == ["Find", "Buy"]
    assert texts(touchpoints(found)[0], "actions") == ["Looks", "Compares"]
    assert found.guessed["touchpoint_row"] == 0


def test_titles_above_empty_edges_and_stage_names_said_again() -> None:
    found = read(
        ";;;\n;Our journey;;\n;;;\n;Stages;Find;Find;Buy\n;Steps;Search;Ask;Pay\n;Emotions (1-5);5;2;\n"
    )
    assert found.raw is not None
    assert found.raw["name"] == "Our journey"
    assert [(s["name"], len(s["touchpoints"])) for s in found.raw["stages"]] == [("Find", 2), ("Buy", 1)]


def test_feelings_of_several_personas() -> None:
    found = read("Trip,Go,Stay\nFeeling: Ann (1-10),1,10\nEmotion (Bob),-1,0.5\nMood,happy,perplexed\n")
    assert found.raw is not None
    assert [p["name"] for p in found.raw["personas"]] == ["Ann", "Bob"]
    go, stay = touchpoints(found)
    assert go["emotions"] == [
        {"scale": "lines-10", "value": 1, "persona": "ann"},
        {"scale": "sentiment", "value": -1, "persona": "bob"},
        {"scale": "five-words", "word": "positive", "label": "happy"},
    ]
    assert [e["value"] for e in stay["emotions"]] == [10, 0.5]
    # A word that says no feeling is kept as it is.
    assert stay["lane_items"] == {"mood": [{"text": "perplexed"}]}
    assert [(n.place, n.weight, n.code) for n in found.notices] == [("C4", "note", "off_scale")]


@pytest.mark.parametrize(
    ("figures", "scale"),
    [
        ([-2, 0, 2], "smaply"),
        ([-1, 1, 0], "sentiment"),
        ([-0.5, 0.2], "sentiment"),
        ([1, 5, 3], "mermaid"),
        ([3.5, 2], "mermaid"),
        ([1, 9, 3], "lines-10"),
        ([0, 10], "0..10"),
        ([0, 4], "0..5"),
        ([-3, 1], "-3..3"),
        ([0.2, 0.9], "0..1"),
        ([12, 99], "lines-100"),
        ([0, 250], "0..251"),
    ],
)
def test_scales_are_guessed_from_figures(figures: list[float], scale: str) -> None:
    assert guess_scale(figures) == scale


@pytest.mark.parametrize(
    ("hint", "scale"),
    [
        ("1-5", "mermaid"),
        ("1 to 10", "lines-10"),
        ("-2 to +2", "smaply"),
        ("−1…1", "sentiment"),
        ("0–10", "0..10"),
        ("five-words", "five-words"),
        ("Grace", ""),
        ("5-1", ""),
    ],
)
def test_scales_are_named_in_labels(hint: str, scale: str) -> None:
    assert scale_hinted(hint) == scale


@pytest.mark.parametrize(
    ("text", "figure", "word", "label"),
    [
        ("+2", 2, "", ""),
        ("−1,5", -1.5, "", ""),
        ("3/5", 3, "", ""),
        ("-1 (lost)", -1, "", "lost"),
        ("4: relieved", 4, "", "relieved"),
        ("☹️ waits", None, "negative", "waits"),
        ("Very Negative", None, "very-negative", ""),
        ("frustrated", None, "negative", "frustrated"),
        ("joy", None, "joy", ""),
        ("5th call", None, "", "5th call"),
    ],
)
def test_feelings_as_people_write_them(text: str, figure: float | None, word: str, label: str) -> None:
    said = felt(text)
    assert (said.figure, said.word, said.label) == (figure, word, label)


@pytest.mark.parametrize(
    ("label", "lane"),
    [
        ("PAIN POINTS", "pains"),
        ("Pain-points:", "pains"),
        ("  doing ", "actions"),
        ("Ideas", "opportunities"),
        ("Voice of the Customer", "quotes"),
        ("Responsible", "owner"),
        ("KPIs", "custom"),
    ],
)
def test_words_for_lanes(label: str, lane: str) -> None:
    assert lane_of(label) == lane


def test_words_for_channels() -> None:
    assert [channel_of(text) for text in ("E-Mail", "Call centre", "Fax machine", "店")] == [
        "email",
        "phone",
        "fax-machine",
        "",
    ]
