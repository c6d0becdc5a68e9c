"""Face: what the page says about itself, beside the document and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from .mark import Rollup, Status

Theme = Literal["auto", "light", "dark"]
Direction = Literal["ltr", "rtl"]

_RTL = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "ha", "he", "iw", "khw", "ks", "ps", "sd", "ug", "ur", "yi"}
)


def direction_of(language: str) -> Direction:
    """Return the direction in which texts of a BCP 47 language run; left to right when unknown."""
    return "rtl" if language.partition("-")[0].lower() in _RTL else "ltr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another form of the same state, or a way onwards: ("JSON", "?format=json")."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Stop:
    """An instant that the page may be asked as of: a version was published, something was improved, figures
    became true."""

    at: datetime
    text: str
    is_version: bool = False
    is_improvement: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed in the real journey, or is going to be: told where it happened.

    element: stage or touchpoint, None = the map. until: when it was taken back.
    """

    element: UUID | None
    at: datetime
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """How a map fares that shows a touchpoint in detail, with all below it. told: what that rests on."""

    element: UUID
    status: Status
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The head and foot of a page. All instants are aware."""

    version: int | None = None
    """Number of the version that is shown; None = the draft, or a version that is not told."""
    is_draft: bool = True
    """Of a page without a version: whether it says that it shows a draft."""
    published_at: datetime | None = None
    as_of: datetime | None = None
    """Set where the page is pinned to an instant: what was true then. Ages count from here."""
    known_at: datetime | None = None
    updated_at: datetime | None = None
    """When anything on the map last changed."""
    notices: tuple[str, ...] = ()
    """Lines that must be read with the figures: "Replay: dates shifted by 628 weeks"."""
    persona: UUID | None = None
    """The persona whose figures are shown; its curve leads."""
    rollups: tuple[Rollup, ...] = ()
    is_choice: bool = False
    """True where figures may be left out: a touchpoint without any is then not told to be unmeasured."""
    links: tuple[Link, ...] = ()
    refresh_s: int = 0
    """Seconds between the page's own conditional requests; 0 = it never asks again."""
    etag: str = ""
    """Validator of this page, quotes included; spares the first of those requests its body."""
    stops: tuple[Stop, ...] = ()
    """Where the slider through time may stand, oldest first; now comes after the last. None = no slider."""
    changes: tuple[Change, ...] = ()
    below: tuple[Below, ...] = ()
    """How the maps fare that show touchpoints in detail."""
    lang: str = ""
    """BCP 47 tag; "" = the document's, or English."""
    dir: Direction | None = None
    """None = by the language."""
    theme: Theme = "auto"
