"""What people said is recorded: once, where it belongs, without personal data."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import transaction

from journeys import queries as journeys
from journeys.actions.maps import bump_maps
from journeys.models import Element
from kpis.models.feedback import Feedback
from kpis.queries import definitions
from kpis.queries.feedback import keeping, maps_that_show
from kpis.queries.sql import execute, statement
from kpis.series.exact import encode
from kpis.series.labels import check_labels
from kpis.series.personal import hidden
from service.errors import Issue, NotFound
from service.ids import new_id
from service.models import Workspace
from service.tenancy import advisory_lock

AHEAD = timedelta(minutes=5)
CONFLICTS = frozenset({"external_id_taken", "erased"})
_TELL = statement("tell_feedback")
_WORDS = {"journey_map": "map", "element": "element", "kpi": "KPI"}
_WRITTEN = (
    "subject", "journey_map_id", "element_id", "kpi_id", "event_id", "digest", "text", "hidden", "score",
    "sentiment", "channel", "labels", "solicited", "observed_at", "row_version", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: created, duplicate, corrected or refused, with what is wrong with it."""

    index: int
    status: str
    row: Feedback | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said. The first that is there of element, map and KPI is where it counts."""

    journey_map: uuid.UUID | None
    element: uuid.UUID | None
    kpi: uuid.UUID | None

    @property
    def subject(self) -> uuid.UUID:
        found = self.element or self.journey_map or self.kpi
        assert found is not None
        return found


@transaction.atomic(savepoint=False)
def record_feedback(
    *,
    workspace_id: uuid.UUID,
    items: Sequence[Mapping[str, Any]],
    correct: bool,
    at: datetime,
    origin: uuid.UUID | None = None,
) -> list[Outcome]:
    """Record what was said; one outcome per item, in their order.

    items: text, and as far as told score, sentiment, channel, journey_map, element, kpi (ids or keys),
    labels, observed_at (left out: at), external_id, solicited, event_id. correct: another payload under a
    known external id takes its place, else it is refused. A repeat within one batch is one, too.
    """
    look = _Places(workspace_id)
    history_from = Workspace.objects.values_list("history_from", flat=True).get(pk=workspace_id)
    hide = keeping(workspace_id).hide
    advisory_lock("feedback", workspace_id)
    known = _known(workspace_id, origin, items)
    outcomes: list[Outcome] = []
    created: list[Feedback] = []
    moved = Moved()
    for index, item in enumerate(items):
        issues = [*look.issues(item), *_wrong(item, history_from, at)]
        if issues:
            outcomes.append(Outcome(index, "refused", issues=tuple(issues)))
            continue
        row = _row(workspace_id, origin, item, look.place(item), hide, at)
        former = known.get(row.external_id) if row.external_id is not None else None
        if former is None:
            created.append(row)
            moved.add(row, 1)
            if row.external_id is not None:
                known[row.external_id] = row
            outcomes.append(Outcome(index, "created", row))
        else:
            outcomes.append(_again(index, former, row, correct, moved))
    changed = {one.row.id: one.row for one in outcomes if one.status == "corrected" and one.row}
    fresh = {row.id for row in created}
    Feedback.objects.bulk_create(created)
    Feedback.objects.bulk_update([row for row in changed.values() if row.id not in fresh], _WRITTEN)
    moved.tell(workspace_id)
    return outcomes


class Moved:
    """By place how many came or went; `tell` brings what maps show up to date."""

    def __init__(self) -> None:
        self._deltas: Counter[Place] = Counter()

    def add(self, row: Feedback, delta: int) -> None:
        self._deltas[Place(row.journey_map_id, row.element_id, row.kpi_id)] += delta

    def tell(self, workspace_id: uuid.UUID) -> None:
        """Call it last in the transaction, as it bumps the maps."""
        if not self._deltas:
            return
        by_subject: dict[uuid.UUID, tuple[Place, int]] = {}
        for place, delta in self._deltas.items():
            before = by_subject.get(place.subject, (place, 0))[1]
            by_subject[place.subject] = place, before + delta
        places = [place for place, _ in by_subject.values()]
        told = {
            "workspace": workspace_id,
            "subjects": list(by_subject),
            "maps": [place.journey_map for place in places],
            "elements": [place.element for place in places],
            "deltas": [delta for _, delta in by_subject.values()],
        }
        execute(_TELL, told)
        maps = {place.journey_map for place in places if place.journey_map}
        kpis = {place.kpi for place in places if place.kpi and place.journey_map is None}
        bump_maps(workspace_id=workspace_id, map_ids=maps | maps_that_show(workspace_id, kpis))


class _Places:
    """Looks up what items name, each name once."""

    def __init__(self, workspace_id: uuid.UUID) -> None:
        self.workspace_id = workspace_id
        self._found: dict[tuple[object, ...], Any] = {}

    def issues(self, item: Mapping[str, Any]) -> list[Issue]:
        if not any(item.get(name) for name in _WORDS):
            detail = "Say where it belongs: an element, a map or a KPI."
            return [Issue("", "no_place", detail)]
        issues = []
        for name, word in _WORDS.items():
            if item.get(name) and self._look(name, item) is None:
                detail = f"There is no {word} {item[name]!r} here."
                if name == "element" and not item.get("journey_map"):
                    detail += " By its key an element is found beside the journey_map that it is in."
                issues.append(Issue(f"/{name}", "unknown_reference", detail))
        return issues

    def place(self, item: Mapping[str, Any]) -> Place:
        element = self._look("element", item) if item.get("element") else None
        journey_map = self._look("journey_map", item) if item.get("journey_map") else None
        kpi = self._look("kpi", item) if item.get("kpi") else None
        map_id = element.journey_map_id if element else journey_map.id if journey_map else None
        return Place(map_id, element.id if element else None, kpi.id if kpi else None)

    def _look(self, name: str, item: Mapping[str, Any]) -> Any:
        key = (name, item[name], item.get("journey_map") if name == "element" else None)
        if key not in self._found:
            try:
                self._found[key] = self._read(name, item)
            except NotFound:
                self._found[key] = None
        return self._found[key]

    def _read(self, name: str, item: Mapping[str, Any]) -> Any:
        if name == "kpi":
            return definitions.open_kpi(self.workspace_id, item["kpi"])
        if name == "journey_map":
            return journeys.open_map(self.workspace_id, item["journey_map"])
        if item.get("journey_map"):
            journey_map = self._look("journey_map", item)
            return None if journey_map is None else journeys.element(journey_map, item["element"])
        try:
            element_id = uuid.UUID(item["element"])
        except ValueError:
            return None
        return Element.objects.filter(
            workspace_id=self.workspace_id, id=element_id, journey_map__archived_at=None
        ).first()


def _wrong(item: Mapping[str, Any], history_from: datetime, at: datetime) -> Iterable[Issue]:
    yield from check_labels(item.get("labels") or {})
    observed_at = item.get("observed_at")
    if observed_at is not None and observed_at > at + AHEAD:
        yield Issue("/observed_at", "in_the_future", "It cannot have been said more than 5 minutes ahead.")
    if observed_at is not None and observed_at < history_from:
        detail = f"The workspace's history begins at {history_from.isoformat()}."
        yield Issue("/observed_at", "before_history", detail)


def _known(
    workspace_id: uuid.UUID, origin: uuid.UUID | None, items: Sequence[Mapping[str, Any]]
) -> dict[str, Feedback]:
    ids = {item["external_id"] for item in items if item.get("external_id")}
    if not ids:
        return {}
    rows = Feedback.objects.filter(workspace_id=workspace_id, origin=origin, external_id__in=ids)
    return {row.external_id: row for row in rows if row.external_id is not None}


def _row(
    workspace_id: uuid.UUID,
    origin: uuid.UUID | None,
    item: Mapping[str, Any],
    place: Place,
    hide: Sequence[str],
    at: datetime,
) -> Feedback:
    told = {name: item.get(name) for name in ("score", "sentiment", "solicited", "text")}
    told |= {"channel": item.get("channel") or "", "labels": item.get("labels") or {}}
    named = [place.journey_map, place.element, place.kpi, item.get("observed_at")]
    text = hidden(item["text"], hide)
    found = [kind for kind in hide if text.count(f"[{kind}]") > item["text"].count(f"[{kind}]")]
    return Feedback(
        id=new_id(),
        workspace_id=workspace_id,
        origin=origin,
        subject=place.subject,
        journey_map_id=place.journey_map,
        element_id=place.element,
        kpi_id=place.kpi,
        external_id=item.get("external_id"),
        event_id=item.get("event_id"),
        digest=blake2b(encode([told, named]), digest_size=32).digest(),
        hidden=found,
        observed_at=item.get("observed_at") or at,
        created_at=at,
        updated_at=at,
        **(told | {"text": text}),
    )


def _again(index: int, former: Feedback, row: Feedback, correct: bool, moved: Moved) -> Outcome:
    """Something under an external id that is known."""
    if former.erased_at is not None:
        detail = "What was said under this external id was erased; it does not come back."
        return Outcome(index, "refused", issues=(Issue("/external_id", "erased", detail),))
    if bytes(former.digest) == row.digest:
        return Outcome(index, "duplicate", former)
    if row.origin is not None and row.observed_at < former.observed_at:
        return Outcome(index, "duplicate", former)  # messages arrive in any order: the latest counts
    if not correct:
        detail = "Something else is known under this external id; on_conflict=correct takes this instead."
        return Outcome(index, "refused", former, (Issue("/external_id", "external_id_taken", detail),))
    moved.add(former, -1)
    for name in _WRITTEN:
        if name != "row_version":
            setattr(former, name, getattr(row, name))
    former.row_version += 1
    moved.add(former, 1)
    return Outcome(index, "corrected", former)
