"""Every format by its name. A new one adds one line to `FORMATS`; imports and exports follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .base import Reader, Writer
from .cjml.read import read_cjml
from .cjml.write import write_cjml
from .document import read_document, write_document
from .grid.read import read_grid_csv, read_grid_xlsx
from .grid.write import write_grid_csv, write_grid_xlsx
from .longform import is_long_form, read_long_form, write_long_form
from .mermaid import read_mermaid, write_mermaid
from .narrative import write_narrative
from .osmm.write import write_osmm
from .stickies.read import read_stickies

JSON = "application/json"
CSV = "text/csv"
STICKIES = "application/vnd.living-maps.stickies+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _always(_: bytes) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """A format as clients name it.

    media_type: what is written; also_types: what is read besides. extension: of a file, without the dot.
    recognises: tells formats of one media type apart, asked in the order of the table; it looks at the first
    bytes only. says_all: True where nothing of a document is lost. text: False for bytes that are no UTF-8.
    """

    name: str
    title: str
    media_type: str
    extension: str
    read: Reader | None = None
    write: Writer | None = None
    also_types: tuple[str, ...] = ()
    recognises: Callable[[bytes], bool] = _always
    says_all: bool = False
    text: bool = True

    @property
    def content_type(self) -> str:
        """Content-Type of what is written. JSON says its encoding by itself."""
        return (
            f"{self.media_type}; charset=utf-8" if self.text and self.media_type != JSON else self.media_type
        )


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("json", "The document", JSON, "json", read_document, write_document, says_all=True),
        Format(
            "mermaid",
            "Mermaid journey diagram",
            "text/vnd.mermaid",  # which Mermaid recommends; IANA has the other
            "mmd",
            read_mermaid,
            write_mermaid,
            also_types=("application/vnd.mermaid",),
        ),
        Format(
            "markdown",
            "The story told stage by stage",
            "text/markdown",
            "md",
            write=write_narrative,
        ),
        Format(
            "csv",
            "Long form, a row a statement, CSV",
            CSV,
            "csv",
            read_long_form,
            write_long_form,
            recognises=is_long_form,
            says_all=True,
        ),
        Format(
            "grid-csv",
            "Grid of lanes by touchpoints, CSV",
            CSV,
            "csv",
            read_grid_csv,
            write_grid_csv,
        ),
        Format(
            "grid-xlsx",
            "Grid of lanes by touchpoints, a sheet a map, Excel workbook",
            XLSX,
            "xlsx",
            read_grid_xlsx,
            write_grid_xlsx,
            text=False,
        ),
        Format(
            "stickies",
            "Sticky notes with places and colours, JSON or CSV",
            STICKIES,
            "json",
            read_stickies,
            also_types=("text/vnd.living-maps.stickies+csv",),
        ),
        Format("cjml", "CJML 2.0", "application/xml", "xml", read_cjml, write_cjml, also_types=("text/xml",)),
        Format(
            "osmm",
            "Open Semantic Marketing Model journey",
            "application/vnd.osmm.journey+json",
            "json",
            write=write_osmm,
        ),
    )
}


TEXTS = tuple(FORMATS[name] for name in ("csv", "mermaid"))
"""Formats in which a draft can be edited as text."""


def readable() -> list[Format]:
    """Return the formats that can be imported, in the order of the table."""
    return [each for each in FORMATS.values() if each.read]


def writable() -> list[Format]:
    """Return the formats that a document can be exported to, in the order of the table."""
    return [each for each in FORMATS.values() if each.write]


def format_of(media_type: str, raw: bytes) -> Format | None:
    """Return the format that bytes of this media type are read as, None where none is known."""
    for each in readable():
        if media_type in (each.media_type, *each.also_types) and each.recognises(raw):
            return each
    return None
