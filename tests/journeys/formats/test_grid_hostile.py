"""Bytes that would harm: bombs, far corners, formulas, control characters, no workbook at all."""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.base import ReadMap
from journeys.formats.grid.read import read_grid_csv, read_grid_xlsx
from journeys.formats.grid.write import write_grid_csv, write_grid_xlsx
from tests.journeys.document.strategies import minter

from .grids import workbook

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = {"Map": [["Trip", "Go"], ["Doing", "walks"]]}


def refusal(maps: tuple[ReadMap, ...]) -> tuple[str, str]:
    (found,) = maps
    assert found.raw is None
    (notice,) = found.notices
    assert notice.weight == "invalid"
    return notice.place, notice.code


def of_one(touchpoint: dict[str, Any], name: str = "Trip") -> Document:
    """Return a document of one stage with one touchpoint."""
    raw = {"name": name, "stages": [{"name": name, "touchpoints": [touchpoint]}]}
    return with_ids(parse(raw), minter(1 << 32))


def with_part(name: str, content: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(PLAIN))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return out.getvalue()


def sheet_xml(cells: str) -> bytes:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return f'<?xml version="1.0"?><worksheet {space}><sheetData>{cells}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_xlsx"),
        (b"PK\x03\x04", "not_xlsx"),
        (b"a,b\n1,2", "not_xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_xlsx"),
        (workbook(PLAIN)[:-40], "not_xlsx"),
        (workbook({"Map": []}), "empty"),
    ],
    ids=["nothing", "zip-head", "csv", "xls", "cut", "empty"],
)
def test_what_is_no_workbook(raw: bytes, code: str) -> None:
    assert refusal(read_grid_xlsx(raw, {})) == ("", code)


def test_a_bomb_is_not_unfolded() -> None:
    raw = with_part("docProps/app.xml", b" " * (80 * 1024 * 1024))
    assert len(raw) < 200_000
    tracemalloc.start()
    try:
        assert refusal(read_grid_xlsx(raw, {})) == ("", "too_large")
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_is_not_unfolded() -> None:
    size = 80 * 1024 * 1024
    raw = with_part("docProps/app.xml", b" " * size)
    lying = raw.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != raw
    assert refusal(read_grid_xlsx(lying, {})) == ("", "not_xlsx")


@pytest.mark.parametrize("cell", ["XFD1", "A1048576", "XFD1048576", "xfd9", "AAAA1"])
def test_a_cell_in_the_far_corner(cell: str) -> None:
    far = sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c><c r="{cell}"><v>1</v></c></row>')
    assert refusal(read_grid_xlsx(with_part(SHEET, far), {})) == ("", "too_large")
    assert refusal(read_grid_xlsx(with_part(SHEET, far.replace(b'"', b"'")), {})) == ("", "too_large")


def test_a_row_far_down_without_references() -> None:
    far = sheet_xml('<row r="1048576"><c><v>1</v></c></row>')
    assert refusal(read_grid_xlsx(with_part(SHEET, far), {})) == ("", "too_large")


def test_too_many_cells_at_all() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 2000))
    wide = sheet_xml(rows + '<row r="2000"><c r="AZZ2000"><v>1</v></c></row>')
    assert refusal(read_grid_xlsx(with_part(SHEET, wide), {})) == ("Map", "too_large")
    assert refusal(read_grid_csv(b"a," * 3_000, {})) == ("line 1", "too_large")
    assert refusal(read_grid_csv(b"a\n" * 3_000, {})) == ("line 2001", "too_large")
    assert refusal(read_grid_csv(b'"' + b"a" * 2_000_000, {})) == ("line 1", "not_csv")


def test_entities_are_not_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"b" * 1000 + b'">]>'
    raw = with_part(SHEET, bomb + sheet_xml('<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>')[21:])
    (found,) = read_grid_xlsx(raw, {})
    assert "bbbb" not in str(found.raw)


def test_encodings_and_characters_that_cannot_be_kept() -> None:
    (found,) = read_grid_csv("\ufeffTrip;Go\nDoing;läuft\x00\x07 weiter\n".encode("cp1252", "ignore"), {})
    assert [(n.place, n.weight, n.code) for n in found.notices] == [("line 2", "note", "encoding_guessed")]
    assert found.raw is not None
    assert found.raw["stages"][0]["touchpoints"][0]["actions"] == [{"text": "läuft weiter"}]
    for encoding in ("utf-8-sig", "utf-16"):
        (found,) = read_grid_csv("Trip,Gö\nDoing,läuft\n".encode(encoding), {})
        assert found.notices == ()
        assert found.raw is not None
        assert found.raw["stages"][0]["name"] == "Gö"


def test_texts_longer_than_the_document_takes() -> None:
    long, name = "word " * 1_000, "n" * 300
    many = "\n".join(f"- {n}" for n in range(150))
    (found,) = read_grid_csv(f'Trip,{name}\nDoing,{long}\nPains,"{many}"\nOwner,{name}\n'.encode(), {})
    assert found.raw is not None
    parse(found.raw)
    stage = found.raw["stages"][0]
    assert (len(stage["name"]), stage["description"]) == (200, name)
    touchpoint = stage["touchpoints"][0]
    assert " ".join(item["text"] for item in touchpoint["actions"]) == long.strip()
    assert touchpoint["lane_items"]["owner"] == [{"text": name}]
    assert [(n.place, n.code) for n in found.notices] == [("B3", "too_many")]


@pytest.mark.parametrize(
    "text", ["007", "1.0", "-0", "1.50", "12345678901234567890", "0.1", "-3", "TRUE", "1e5"]
)
def test_texts_that_look_like_figures_stay_texts(text: str) -> None:
    document = of_one({"name": text, "pains": [{"text": text}]})
    for (found,) in (
        read_grid_csv(write_grid_csv(document).content, {}),
        read_grid_xlsx(write_grid_xlsx(document).content, {}),
    ):
        assert found.raw is not None
        (touchpoint,) = found.raw["stages"][0]["touchpoints"]
        assert (touchpoint["name"], touchpoint["pains"]) == (text, [{"text": text}])


FORMULAS = ['=HYPERLINK("http://evil","x")', "+1+1", "-2+3", "@SUM(A1)", "'=1", "''=1", "\t=1", "=1\n=2"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_and_every_one_comes_back(text: str) -> None:
    raw = {
        "name": text,
        "stages": [{"name": text, "touchpoints": [{"name": "t", "pains": [{"text": text}]}]}],
    }
    document = with_ids(parse(raw), minter(1 << 32))
    written = write_grid_csv(document).content
    cells = [cell for row in csv.reader(io.StringIO(written.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" ")[:1] in tuple("=+-@\t\r") and cell]
    book = write_grid_xlsx(document).content
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read(SHEET)
    for (found,) in (read_grid_csv(written, {}), read_grid_xlsx(book, {})):
        assert found.raw is not None
        pain = found.raw["stages"][0]["touchpoints"][0]["pains"]
        assert [item["text"] for item in pain] == [text.strip()]


def test_a_cell_too_full_for_a_spreadsheet_goes_on_below() -> None:
    items = [{"text": f"{n} " + "x" * 1_990} for n in range(100)]
    document = of_one({"name": "t", "pains": items})
    for (found,) in (
        read_grid_csv(write_grid_csv(document).content, {}),
        read_grid_xlsx(write_grid_xlsx(document).content, {}),
    ):
        assert found.raw is not None
        assert found.raw["stages"][0]["touchpoints"][0]["pains"] == items


def test_a_thousand_touchpoints_come_back() -> None:
    fill = {lane: [{"text": f"{lane} {n}"} for n in range(3)] for lane in ("actions", "pains", "thoughts")}
    inner = [
        {"name": f"t{n}", "emotions": [{"scale": "smaply", "value": n % 5 - 2}], **fill} for n in range(100)
    ]
    raw = {"name": "big", "stages": [{"name": f"s{n}", "touchpoints": inner} for n in range(10)]}
    document = with_ids(parse(raw), minter(1 << 32))
    (found,) = read_grid_xlsx(write_grid_xlsx(document).content, {})
    assert found.raw is not None
    assert len(parse(found.raw).stages[9].touchpoints) == 100


_TEXTS = st.sampled_from(
    [
        "",
        "",
        "Stage",
        "Touchpoint",
        "Doing",
        "Feelings",
        "Feelings (x)",
        "1",
        "-3",
        "a\nb",
        "😀",
        "Goal",
        "=1",
        "Links",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(st.lists(st.one_of(_TEXTS, st.text(max_size=5)), max_size=6), max_size=8),
    seed=st.integers(0, 2**32),
)
def test_any_cells_give_a_map_or_a_refusal(cells: list[list[str]], seed: int) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    (found,) = read_grid_csv(out.getvalue().encode("utf-8", "replace"), {})
    if found.raw is not None:
        parse(found.raw)
    chance = random.Random(seed)
    top, left = chance.randint(0, 4), chance.randint(0, 4)
    area = (top, left, top + chance.randint(1, 3), left + chance.randint(0, 3), "x")
    shown = [[cell for cell in row if cell.isprintable()] for row in cells]
    for each in read_grid_xlsx(workbook({"a": shown}, [area]), {}):
        if each.raw is not None:
            parse(each.raw)


_BOOK = workbook(PLAIN)


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(_BOOK)), cut=st.integers(0, 30), noise=st.binary(max_size=12))
def test_any_damage_gives_a_map_or_a_refusal(at: int, cut: int, noise: bytes) -> None:
    for found in read_grid_xlsx(_BOOK[:at] + noise + _BOOK[at + cut :], {}):
        assert found.raw is not None or found.notices


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_map_or_a_refusal(raw: bytes) -> None:
    for read in (read_grid_csv, read_grid_xlsx):
        for found in read(raw, {}):
            assert found.raw is not None or found.notices
            if found.raw is not None:
                parse(found.raw)
