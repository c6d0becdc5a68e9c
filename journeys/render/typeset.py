"""SVG → PNG and PDF, by typst: one wheel, no system library, no browser (docs/decisions/0017).

Same arguments, same bytes. Type comes from the fonts within typst, and from directories that are named;
the machine's own fonts are never used, as two machines would then draw two pictures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import typst

Format = Literal["png", "pdf"]
MEDIA_TYPES: dict[Format, str] = {"png": "image/png", "pdf": "application/pdf"}

PIXELS_MAX = 40_000_000
"""Of a PNG: 160 MB while it is drawn."""
SVG_MAX = 16 * 1024 * 1024
SCALE_MAX = 4.0

_POINTS = 0.75
"""Points in a CSS pixel."""
_PAGE_MAX = 14_400.0
"""Points: readers of PDF take no longer side."""
_SIZE = re.compile(rb'<svg [^>]*?width="(\d+(?:\.\d+)?)" height="(\d+(?:\.\d+)?)"')
_UNDRAWN = re.compile(r'text `"(.+?)"` could not be displayed', re.DOTALL)
_SOURCE = """
#set document(title: sys.inputs.title, date: {date})
#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)
#image("map.svg", width: 100%, alt: sys.inputs.title)
"""


_RTL_TEXT = re.compile(rb'<text ([^>]*?) direction="rtl"( text-anchor="end")?([^>]*)>')


class NotDrawn(Exception):
    """The picture cannot be made, however often it is tried; the message says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a drawing, in CSS pixels."""

    width: float
    height: float

    def pixels(self, scale: float) -> tuple[int, int]:
        """Return width and height of a PNG at that scale."""
        return round(self.width * scale), round(self.height * scale)

    def largest_scale(self) -> float:
        """Return the scale beyond which a PNG has too many pixels, two digits."""
        return int(100 * (PIXELS_MAX / (self.width * self.height)) ** 0.5) / 100


def size_of(svg: bytes) -> Size:
    """Return the size that the root element of our own drawing states."""
    match = _SIZE.search(svg, 0, 4_096)
    if match is None:
        raise NotDrawn("The drawing does not say how large it is.")
    return Size(float(match[1]), float(match[2]))


def left_to_right(svg: bytes) -> bytes:
    """Return the drawing with anchors counted from the left, also of texts that run from right to left.

    In SVG a text starts where its direction does; typst's reader knows no direction and starts at the left.
    """
    return _RTL_TEXT.sub(_anchored, svg)


def _anchored(found: re.Match[bytes]) -> bytes:
    if b" mid" in found[1]:
        return found[0]
    anchor = b"" if found[2] else b' text-anchor="end"'
    return b"<text " + found[1] + anchor + found[3] + b">"


def typeset(svg: bytes, form: Format, *, scale: float, title: str, fonts: Sequence[str] = ()) -> bytes:
    """Return the picture. scale: pixels of a PNG for each CSS pixel. fonts: directories. Raises NotDrawn."""
    size = size_of(svg)
    shrunk = min(1.0, _PAGE_MAX / (_POINTS * max(size.width, size.height))) if form == "pdf" else 1.0
    try:
        return _compiled(svg, form, size, shrunk * _POINTS, title, fonts, ppi=72 * scale / _POINTS)
    except typst.TypstError as error:
        raise NotDrawn(f"The drawing could not be typeset: {error.message}") from error


def undrawn(svg: bytes, *, fonts: Sequence[str] = ()) -> str:
    """Return the first letters of the drawing that no font has, "" where all are drawn.

    An archival PDF refuses what it cannot show; that it does is all that is asked of it here.
    """
    try:
        _compiled(svg, "pdf", size_of(svg), _POINTS, "", fonts, archival=True)
    except typst.TypstError as error:
        match = _UNDRAWN.search(error.message)
        return match[1] if match else ""
    return ""


def _compiled(
    svg: bytes,
    form: Format,
    size: Size,
    points: float,
    title: str,
    fonts: Sequence[str],
    *,
    ppi: float = 72,
    archival: bool = False,
) -> bytes:
    date = "datetime(year: 2000, month: 1, day: 1)" if archival else "none"
    source = _SOURCE.format(date=date, width=size.width * points, height=size.height * points)
    # Files by name, so that nothing touches the disk; the package's annotations leave this form out.
    files: Any = {"main.typ": source.encode(), "map.svg": left_to_right(svg)}
    made: object = typst.compile(
        files,
        format=form,
        ppi=ppi,
        sys_inputs={"title": title},
        pdf_standards="a-2b" if archival else None,
        font_paths=list(fonts),
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise NotDrawn("The drawing has more than one page.")
    return made
