"""The long form: every document comes back whole; tables that people type; noise and size."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.document.canonical import to_plain
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.formats.base import ReadMap
from journeys.formats.longform import is_long_form, read_long_form, write_long_form
from journeys.formats.longform.columns import COLUMNS
from tests.journeys.document.strategies import documents, minter

from .effort import effort

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def table(text: str) -> ReadMap:
    [found] = read_long_form(text.encode(), {})
    return found


def document(text: str) -> dict[str, Any]:
    found = table(text)
    assert found.raw is not None, found.notices
    assert not [notice for notice in found.notices if notice.weight == "invalid"], found.notices
    return to_plain(parse(found.raw))


@calm
@given(documents())
def test_every_document_comes_back(given_: Document) -> None:
    written = write_long_form(given_)
    assert written.losses == ()
    assert is_long_form(written.content)
    [found] = read_long_form(written.content, {})
    assert found.raw is not None
    assert [notice for notice in found.notices if notice.weight != "note"] == []
    assert found.whole
    assert to_plain(parse(found.raw)) == to_plain(given_)


@calm
@given(documents(), st.sampled_from(["utf-8", "utf-16"]), st.sampled_from(",;\t"), st.booleans())
def test_a_spreadsheet_may_save_it_otherwise(given_: Document, encoding: str, sign: str, all_: bool) -> None:
    text = write_long_form(given_).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if all_ else csv.QUOTE_MINIMAL
    # Where lines end in LF alone, Python's writer leaves a cell's own CR unquoted: no spreadsheet does.
    end = "\r\n" if "\r" in text.replace("\r\n", "") else "\n"
    csv.writer(out, delimiter=sign, quoting=quoting, lineterminator=end).writerows([*rows, [""] * 31])
    [found] = read_long_form(out.getvalue().encode(encoding), {})
    assert found.raw is not None
    assert to_plain(parse(found.raw)) == to_plain(given_)


def test_no_cell_is_a_formula() -> None:
    texts = ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=x", "'=x", "''+y", "-5", "'quoted'"]
    pains = [{"text": text} for text in texts if text.strip()]
    raw = {
        "name": "=HYPERLINK()",
        "stages": [{"name": "@x", "touchpoints": [{"name": "-y", "pains": pains}]}],
    }
    whole = with_ids(parse(raw), minter())
    content = write_long_form(whole).content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not cell.startswith("-") or cell == "-5"
    assert document(content) == to_plain(whole)


def test_a_table_as_people_type_it() -> None:
    found = document(
        "stage,touchpoint,channel,persona,action,thought,emotion,emotion_scale,pain_point,opportunity,owner\n"
        "Search,Reads adverts,Web; e-mail,Ada,Scrolls,Free?,-1,smaply,Stale adverts,Alerts,Web team\n"
        ",,,Ada,Saves a search,,,,,,\n"
        ",Visits,in person,,,,,,Queue,,\n"
        "Contract,Signs,,,,,2,smaply,,,Legal\n"
        "Search,Reads adverts,,Bob,,Too dear,,,,,\n"
    )
    assert [stage["name"] for stage in found["stages"]] == ["Search", "Contract"]
    adverts, visits = found["stages"][0]["touchpoints"]
    assert (adverts["channels"], adverts["owner"]) == (["web", "email"], "Web team")
    assert [item["text"] for item in adverts["actions"]] == ["Scrolls", "Saves a search"]
    assert [item["text"] for item in adverts["thoughts"]] == ["Free?", "Too dear"]
    assert [(e["value"], e["scale"]) for e in adverts["emotions"]] == [(-1, "smaply")]
    assert (visits["name"], visits["channels"]) == ("Visits", ["in-store"])
    assert [persona["name"] for persona in found["personas"]] == ["Ada", "Bob"]
    assert adverts["thoughts"][1]["persona"] == "bob"


def test_heads_are_read_in_peoples_words() -> None:
    found = table("Stage;Touchpoint;Pain Points;Feeling;Colour;kpi_key\nA;B;p;4;red;nps\nA;C;;5;;\n")
    assert found.raw is not None
    assert [notice.code for notice in found.notices] == [
        "unknown_column",
        "kpis_apart",
        "name_guessed",
        "emotion_scale_guessed",
    ]
    assert found.guessed == {"name": "Untitled journey", "emotion_scale": "mermaid"}
    first, second = found.raw["stages"][0]["touchpoints"]
    assert first["pains"] == [{"text": "p"}]
    assert second["emotions"] == [{"value": 5, "scale": "mermaid"}]
    assert not found.whole


@pytest.mark.parametrize(
    ("figures", "scale", "felt"),
    [((0.2, 0.9), "0..1", (-0.6, 0.8)), ((-7, 3), "-10..10", (-0.7, 0.3)), ((4, 5), "mermaid", (4, 5))],
)
def test_figures_on_a_scale_that_documents_lack_are_restated(
    figures: tuple[float, ...], scale: str, felt: tuple[float, ...]
) -> None:
    found = table("stage,touchpoint,emotion\n" + "".join(f"S,T{n},{one}\n" for n, one in enumerate(figures)))
    assert found.raw is not None
    assert found.guessed["emotion_scale"] == scale
    read = [point["emotions"][0] for point in found.raw["stages"][0]["touchpoints"]]
    assert tuple(emotion["value"] for emotion in read) == felt
    parse(found.raw)


@pytest.mark.parametrize("scale", ["0..1", "bananas"])
def test_a_figure_beyond_the_scale_given_is_for_the_document_to_refuse(scale: str) -> None:
    (found,) = read_long_form(b"stage,touchpoint,emotion\nS,T,7\n", {"emotion_scale": scale})
    with pytest.raises(InvalidDocument) as refused:
        parse(found.raw or {})
    assert refused.value.issues[0].pointer.startswith("/stages/0/touchpoints/0/emotions/0")


def test_custom_lanes_and_fields() -> None:
    found = document(
        "stage,touchpoint,lane,text,field,value\n"
        ",,,,name,My map\n,,,,attributes.team.a,X\n,,,,review.cadence,monthly\n"
        "S,,,,time_window.start,2026-01-01\nS,T,Back office,Checks papers,,\nS,T,pains,Hurts,,\n"
        'S,T,,,moment_of_truth,TRUE\nS,T,,,importance,"0,5"\n'
    )
    assert found["lanes"] == [{"key": "back-office", "label": "Back office"}]
    assert (found["attributes"], found["review"]) == ({"team.a": "X"}, {"cadence": "monthly"})
    [touchpoint] = found["stages"][0]["touchpoints"]
    assert found["stages"][0]["time_window"] == {"start": "2026-01-01"}
    assert touchpoint["lane_items"] == {"back-office": [{"text": "Checks papers"}]}
    assert (touchpoint["moment_of_truth"], touchpoint["importance"]) == (True, 0.5)
    assert touchpoint["pains"] == [{"text": "Hurts"}]


def test_an_order_beats_the_place_of_rows() -> None:
    found = document(
        "stage_order,stage,touchpoint_order,touchpoint\n2,B,2,d\n1,A,1,a\n2,B,1,c\n1,A,2,b\n10,A,1,again\n"
    )
    assert [
        [stage["name"], *(touchpoint["name"] for touchpoint in stage["touchpoints"])]
        for stage in found["stages"]
    ] == [["A", "a", "b"], ["B", "c", "d"], ["A", "again"]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("line 1", "empty")),
        ("a,b\n1,2\n", ("line 1", "no_columns")),
        ("stage,stage\n", ("line 1", "column_twice")),
        ("stage,touchpoint\n,T\n", ("line 2", "unreadable")),
        ("stage,touchpoint,action\nS,,does\n", ("line 2", "unreadable")),
        ("stage,touchpoint,impact,opportunity\nS,T,much,o\n", ("line 2", "unreadable")),
        ("stage,touchpoint,field,value\nS,T,\n,,colour,red\n", ("line 3", "unreadable")),
        ("stage,touchpoint,field,value\nS,T,attributes,x\n", ("line 2", "unreadable")),
        ("stage,touchpoint,field,value\nS,T,cyclic.a,x\n", ("line 2", "unreadable")),
        ("stage,touchpoint,field,value\nS,T,moment_of_truth,maybe\n", ("line 2", "unreadable")),
        ("stage,touchpoint,field,value\nS,T,importance,1\nS,T,importance,1\n", ("line 3", "unreadable")),
        ("stage,touchpoint,field,value\n,,transitions,{\n", ("line 2", "unreadable")),
        ("stage,touchpoint,item_id\nS,T,x\n", ("line 2", "unreadable")),
        ('stage,touchpoint\nS,"T\n', ("line 2", "not_csv")),
        ('stage,touchpoint\nS,"a\nb"\nS,"T"x\n', ("line 4", "not_csv")),
        ("stage,touchpoint\nS,T,too,many\n", ("line 2", "too_many_cells")),
        ("stage" + ",x" * 300, ("line 1", "too_many_columns")),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, told: tuple[str, str]) -> None:
    found = table(text)
    assert told in [(notice.place, notice.code) for notice in found.notices if notice.weight == "invalid"]


def test_ids_beat_names() -> None:
    own = "018f0000-0000-7000-8000-000000000001"
    found = table(f"stage_id,stage,touchpoint\n{own},New name,T\n{own},Old name,U\n")
    assert found.raw is not None
    assert [(stage["id"], stage["name"], len(stage["touchpoints"])) for stage in found.raw["stages"]] == [
        (own, "New name", 2)
    ]
    assert ("line 3", "name_differs") in {(notice.place, notice.code) for notice in found.notices}


@calm
@given(st.text(st.sampled_from("stage,touchpoint;\n\"\t\r ='-5:é\0"), max_size=200), st.binary(max_size=50))
def test_no_bytes_break_the_reader(text: str, noise: bytes) -> None:
    for raw in (text.encode(), noise, b"stage,touchpoint,emotion,field,value\n" + text.encode() + noise):
        is_long_form(raw)
        assert len(read_long_form(raw, {})) == 1


@pytest.mark.parametrize(
    "row", ["S,T\n", "\n", ",\n", "S{n},T{n}\n", '"S{n}",\n', 'S,"', ",,\n", "x" * 90 + ",\n"]
)
def test_the_work_grows_with_the_rows_alone(row: str) -> None:
    def read(rows: int) -> int:
        text = "".join(row.replace("{n}", str(n)) for n in range(rows))
        return effort(lambda: table("stage,touchpoint\n" + text))

    assert read(4_000) <= 2.5 * read(2_000) + 1_000
    found = table("stage,touchpoint\n" + row * 20_000)
    assert len(found.notices) <= 1_010


def test_the_columns_are_what_the_guide_says() -> None:
    assert {
        "stage_order",
        "stage",
        "touchpoint_order",
        "touchpoint",
        "channel",
        "persona",
        "action",
        "thought",
    } <= set(COLUMNS)
