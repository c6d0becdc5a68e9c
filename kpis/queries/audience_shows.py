"""What a view shows, as it is stored: a projection of the document, and which figures with which members.

{"stages": [id…] | null, "lanes": […] | null, "personas": [id…] | null, "evidence": […] | null,
 "back_stage": true, "redact": […], "kpis": [id…] | null, "tactical": false, "feedback": false,
 "journey_maps": [id…] | null}; null shows all of a kind. journey_maps is in views of the overview alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from journeys.document.projection import EVERYTHING, Projection, both, redactable
from kpis.queries.improvements import Known
from kpis.queries.live_json import Standing
from kpis.series.exact import encode

# What a figure may be shown without, and the members of a live entry that tell it.
FIGURE_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "target": ("target", "target_gap", "thresholds", "limit"),
    "trend": ("trend",),
    "spark": ("spark", "suspects", "definition_break"),
    "running": ("running",),
}
BROKEN_SOURCES, OPEN_FINDINGS = "broken_sources", "open_findings"
"""What an overview may be shown without."""
# … and what may be left out of the improvements: all of them, or what they are called.
IMPROVEMENT_MEMBERS = frozenset({"improvements", "improvement_titles"})
_ABSENT: Mapping[str, Any] = {"spark": [], "suspects": []}
_entries = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Shows:
    """A view's projection; kpis: those whose figures are shown (None: all); without: members they lack.
    tactical: whether it is told how maps below fare, by the same KPIs. feedback: whether it is told what
    people said, as far as the view shows quotes at all.

    journey_maps: of an overview those that are shown (None: all). unsaid: what is not told, of
    BROKEN_SOURCES and OPEN_FINDINGS (an overview) and of IMPROVEMENT_MEMBERS (a map).
    """

    projection: Projection = EVERYTHING
    kpis: frozenset[uuid.UUID] | None = None
    without: tuple[str, ...] = ()
    tactical: bool = False
    journey_maps: frozenset[uuid.UUID] | None = None
    unsaid: frozenset[str] = frozenset()
    feedback: bool = False

    @property
    def kpi_list(self) -> list[uuid.UUID] | None:
        return None if self.kpis is None else sorted(self.kpis)

    def has(self, kpi_id: uuid.UUID) -> bool:
        """Say whether figures of a KPI, and what was said to it, are shown."""
        return self.kpis is None or kpi_id in self.kpis

    @property
    def says(self) -> bool:
        """Say whether it is told what people said. It is a quote that was observed, not pinned yet: who is
        shown no quotes, or nothing that was observed, is not shown it, either."""
        seen, levels = self.projection.lanes, self.projection.evidence
        quoted = "quotes" not in self.projection.redact and (seen is None or "quotes" in seen)
        return self.feedback and quoted and (levels is None or "observed" in levels)

    @property
    def untold(self) -> frozenset[str]:
        """Members that are not told of what people said: its id opens nothing to an audience."""
        return frozenset({"id", *(["channel"] if "channels" in self.projection.redact else [])})

    def within(self, other: Shows) -> Shows:
        """Return what both show."""
        without = {*self.without, *other.without}
        return Shows(
            self.projection.within(other.projection),
            both(self.kpis, other.kpis),
            tuple(name for names in FIGURE_MEMBERS.values() for name in names if name in without),
            self.tactical and other.tactical,
            unsaid=self.unsaid | other.unsaid,
            feedback=self.feedback and other.feedback,
        )

    def told(self, standing: Standing) -> Standing:
        """Return what stands at an element without the members of figures that are not shown."""
        if not self.without or not standing.entries:
            return standing
        shown = [self._told(entry) for entry in _entries.decode(f"[{standing.entries}]")]
        text = ",".join(encode(entry).decode() for entry in shown)
        return Standing(text, standing.parts, standing.emotions)

    def improvement(self, one: Known, here: Collection[uuid.UUID | None]) -> Known | None:
        """Return an improvement as it may be told: only where all that it names is shown.

        One that names nothing is of the whole map: it is for those from whom nothing of it is kept. here: the
        elements that are shown.
        """
        if "improvements" in self.unsaid or not all(element in here for element in one.elements):
            return None
        if self.kpis is not None and not all(aim.kpi in self.kpis for aim in one.aims):
            return None
        seen = self.projection
        whole = seen.stages is None and seen.back_stage and self.kpis is None
        if not whole and not one.elements and not one.aims:
            return None
        return replace(one, title="") if "improvement_titles" in self.unsaid else one

    def _told(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {name: _ABSENT.get(name) if name in self.without else value for name, value in entry.items()}


def redactable_members() -> frozenset[str]:
    """Return what `redact` of a view may name."""
    return redactable() | FIGURE_MEMBERS.keys() | {BROKEN_SOURCES, OPEN_FINDINGS} | IMPROVEMENT_MEMBERS


def read_shows(stored: Mapping[str, Any]) -> Shows:
    """Return what a stored `shows` says."""
    return _read(msgspec.json.encode(stored, order="sorted"))


@lru_cache(maxsize=1024)
def _read(text: bytes) -> Shows:
    stored = msgspec.json.decode(text)
    redact = frozenset(stored["redact"])
    projection = Projection(
        stages=_ids(stored["stages"]),
        lanes=None if stored["lanes"] is None else frozenset(stored["lanes"]),
        personas=_ids(stored["personas"]),
        back_stage=stored["back_stage"],
        evidence=None if stored["evidence"] is None else frozenset(stored["evidence"]),
        redact=redact & redactable(),
    )
    without = tuple(name for member, names in FIGURE_MEMBERS.items() if member in redact for name in names)
    unsaid = redact & ({BROKEN_SOURCES, OPEN_FINDINGS} | IMPROVEMENT_MEMBERS)
    return Shows(
        projection,
        _ids(stored["kpis"]),
        without,
        stored.get("tactical", False),
        _ids(stored.get("journey_maps")),
        unsaid,
        stored.get("feedback", False),
    )


def _ids(found: list[str] | None) -> frozenset[uuid.UUID] | None:
    return None if found is None else frozenset(map(uuid.UUID, found))
