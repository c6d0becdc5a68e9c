"""The live part of a map read back from the JSON that the API answers with, as far as it is drawn."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec


class Interval(msgspec.Struct):
    method: str
    low: Decimal | None = None
    high: Decimal | None = None


class Period(msgspec.Struct):
    start: datetime
    end: datetime
    label: str | None = None


class Window(msgspec.Struct):
    value: Decimal | None
    n: int | None
    periods: int


class Running(msgspec.Struct):
    value: Decimal | None
    n: int | None
    elapsed: Decimal
    period: Period | None


class Trend(msgspec.Struct):
    previous: Decimal
    delta: Decimal
    verdict: str | None


class Band(msgspec.Struct):
    low: Decimal | None = None
    high: Decimal | None = None


class Lines(msgspec.Struct):
    warn: Band | None = None
    breach: Band | None = None


class Response(msgspec.Struct):
    invited: Decimal
    rate: Decimal | None = None


class Restated(msgspec.Struct):
    was: Decimal
    at: datetime
    why: str


class Entry(msgspec.Struct):
    """What `kpis.series.live_entry` wrote, as far as it is drawn."""

    binding: str
    kpi: str
    name: str
    labels: dict[str, str]
    method: str
    unit: str
    currency: str | None
    value: Decimal | None
    n: int | None
    interval: Interval | None
    period: Period | None
    observed_at: datetime | None
    status: str
    certainty: str | None
    freshness: str
    direction: str
    target: Decimal | Band | None
    trend: Trend | None
    spark: list[tuple[datetime, Decimal | None]]
    running: Running | None
    emotion: Decimal | None
    caveats: list[str]
    thresholds: Lines | None = None
    definition_break: datetime | None = None
    window: Window | None = None
    response: Response | None = None
    restated: Restated | None = None
    suspects: list[tuple[datetime, Decimal | None]] = []


class Coverage(msgspec.Struct):
    judged: int
    of: int
    without_rules: int = 0


class Improved(msgspec.Struct):
    title: str
    at: datetime
    until: datetime | None = None
    kpis: list[str] = []


class Tactical(msgspec.Struct):
    status: str
    coverage: Coverage


class Group(msgspec.Struct):
    """What stands at one element, or (without `status`) at none of this version's."""

    status: str = "unjudged"
    coverage: Coverage = msgspec.field(default_factory=lambda: Coverage(0, 0))
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    kpis: list[Entry] = []
    improvements: list[Improved] = []
    tactical: list[Tactical] = []
    element: uuid.UUID | None = None


class Live(msgspec.Struct):
    live: dict[str, Group]
    unplaced: list[Group]


_decoder = msgspec.json.Decoder(Live, float_hook=Decimal)


def read_live(part: bytes) -> Live:
    """Read `{"live": …, "unplaced": […]}`."""
    return _decoder.decode(part)


def groups(live: Live) -> Iterator[tuple[uuid.UUID | None, Group]]:
    """Yield each group with its element, None for the map."""
    for name, group in live.live.items():
        yield None if name == "map" else uuid.UUID(name), group
    for group in live.unplaced:
        yield group.element, group
