"""Our drawings as PNG and PDF: the size that was asked for, the same bytes, type that is there."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from journeys.document.shape import Document
from journeys.render import typeset
from journeys.render.face import Face
from journeys.render.svg.picture import render_svg
from journeys.render.typeset import NotDrawn, left_to_right, size_of, undrawn

from .samples import arabic, claim, claim_marks


@pytest.fixture(scope="module")
def svg() -> bytes:
    return render_svg(claim(), claim_marks(), Face(version=3, theme="light")).encode()


def named(name: str) -> bytes:
    return render_svg(Document(name=name), (), Face(theme="light")).encode()


def png_size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def pixels(png: bytes) -> bytes:
    """Return the picture's data, unpacked."""
    data, place = b"", 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return zlib.decompress(data)


@pytest.mark.parametrize("scale", [0.25, 1, 1.5])
def test_a_png_has_the_size_that_was_asked_for(svg: bytes, scale: float) -> None:
    png = typeset.typeset(svg, "png", scale=scale, title="Claim")
    assert png_size(png) == pytest.approx(size_of(svg).pixels(scale), abs=1)


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_equal_drawings_are_equal_bytes(svg: bytes, form: typeset.Format) -> None:
    made = typeset.typeset(svg, form, scale=0.5, title="Claim")
    assert typeset.typeset(svg, form, scale=0.5, title="Claim") == made
    assert typeset.typeset(named("Other"), form, scale=0.5, title="Claim") != made


def test_text_is_drawn_with_the_fonts_that_are_shipped(svg: bytes) -> None:
    """A name is seen: without any type the two pictures would be one."""
    assert undrawn(svg) == ""
    one, other = (typeset.typeset(named(name), "png", scale=0.5, title="x") for name in ("Buying", "Moving"))
    assert png_size(one) == png_size(other)
    assert pixels(one) != pixels(other)


def test_a_pdf_has_the_title_whatever_it_is(svg: bytes) -> None:
    for title in ("Claim", "", 'a"#b\\', "שלום", "\n"):
        pdf = typeset.typeset(svg, "pdf", scale=1, title=title)
        assert pdf.startswith(b"%PDF-1.7")
        assert b"/CreationDate" not in pdf
    assert b"/Title(Claim)" in typeset.typeset(svg, "pdf", scale=1, title="Claim")


def test_a_page_is_no_longer_than_readers_take(svg: bytes) -> None:
    size = size_of(svg)
    long = svg.replace(f'height="{size.height:g}"'.encode(), b'height="90000"', 1)
    assert size_of(long).height == 90_000
    pdf = typeset.typeset(long, "pdf", scale=1, title="x")
    box = pdf[pdf.index(b"/MediaBox[") + 10 :].split(b"]")[0].split()
    assert float(box[3]) == pytest.approx(14_400, abs=1)


def test_texts_from_right_to_left_keep_their_edge() -> None:
    """Nothing stands in the margins, and there would be without the anchors counted from the left."""
    svg = render_svg(arabic(), (), Face(theme="light")).encode()
    size = size_of(svg)
    margin = (
        f'<rect x="{size.width - 20:g}" width="20" height="{size.height:g}" fill="#fbfaf8"/></svg>'.encode()
    )
    covered = svg.replace(b"</svg>", margin)
    assert typeset.typeset(covered, "png", scale=0.5, title="x") == typeset.typeset(
        svg, "png", scale=0.5, title="x"
    )


def test_anchors_are_counted_from_the_left() -> None:
    starts, ends = b'<text x="0" direction="rtl">a', b'<text x="0" direction="rtl" text-anchor="end">a'
    assert left_to_right(starts + ends) == b'<text x="0" text-anchor="end">a<text x="0">a'
    kept = b'<text x="0" class="z11 mid" direction="rtl">a</text><text x="0">b</text>'
    assert left_to_right(kept) == kept


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Größe → ≤ №", ""), ("Καλημέρα Привет", ""), ("שלום", ""), ("購入", "購"), ("Buy 🛒 now", "🛒")],
)
def test_letters_that_no_font_has_are_told(name: str, letters: str) -> None:
    assert undrawn(named(name))[:1] == letters


FONTS = Path("/usr/share/fonts")


@pytest.mark.skipif(not any(FONTS.rglob("NotoSans-*.ttf")), reason="no Noto Sans on this machine")
def test_fonts_of_the_operator_come_first() -> None:
    own = typeset.typeset(named("Buying"), "png", scale=1, title="x", fonts=[str(FONTS)])
    assert own != typeset.typeset(named("Buying"), "png", scale=1, title="x")


def test_what_is_no_drawing_of_ours_is_refused() -> None:
    for svg in (b"", b"<svg/>", b'<svg width="10" height="10"><rect></svg>'):
        with pytest.raises(NotDrawn):
            typeset.typeset(svg, "png", scale=1, title="x")


def test_nothing_is_read_from_the_disk() -> None:
    """An SVG may name files; ours does not, and none is looked at."""
    for href in ("file:///etc/passwd", "/etc/passwd", "../../../etc/passwd", "https://example.org/a.png"):
        image = f'<image href="{href}" width="9" height="9"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{image}</svg>'
        with pytest.raises(NotDrawn, match="linked image"):
            typeset.typeset(svg.encode(), "png", scale=1, title="x")
