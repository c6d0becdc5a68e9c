"""Publishing a map whose elements carry KPIs: every binding is kept, carried or named as orphaned.

kept      its element is in the new version, or it is bound to the map itself
carried   its element is gone, and the new version says what `continues` it. A rename or a merge has one
          successor. A split has several: the binding goes to the first in the order drawn, as a figure that
          was measured of the whole must not count twice; the others are named, for the author to bind
orphaned  nothing continues its element. Publishing is refused until `on_orphan` says keep (it stays and is
          shown as unplaced), close (it is archived) or where to move each. What was orphaned and kept
          before is told again, but not asked again

All in one transaction, under the map's turn; what loses its element is locked before the map is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import F

from journeys import queries as journeys
from journeys.actions.publish import Published
from journeys.models import JourneyMap
from kpis.actions.binding_terms import add_terms
from kpis.actions.findings_states import settle_series
from kpis.models.bindings import Binding, BindingState
from kpis.queries.bindings import HeldBinding, held_bindings
from kpis.series.labels import labels_key
from service.errors import Conflict, Issue, ValidationProblem
from service.sql import fetch

Decision = Literal["keep", "close", "move"]
# The function is written in kpis/migrations/0023_hold_bindings.py.
_HOLD = "SELECT binding, element FROM hold_bindings(%(workspace)s, %(map)s, %(redrawn)s)"


@dataclass(frozen=True, slots=True)
class OnOrphan:
    """What to do with orphans: keep, close, or move those that `moves` names ({binding: element}).

    Both go by id or key.
    """

    decision: Decision
    moves: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Carried:
    """A binding that went from an element to another; others: further elements that continue the former."""

    binding_id: uuid.UUID
    source: uuid.UUID
    target: uuid.UUID
    others: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Orphaned:
    """A binding whose element the version lacks. action: kept | closed | moved, None where nobody decided."""

    binding_id: uuid.UUID
    label: str
    element_id: uuid.UUID
    action: Literal["kept", "closed", "moved"] | None
    target: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class BindingsTold:
    """What became of a map's bindings."""

    kept: tuple[uuid.UUID, ...]
    carried: tuple[Carried, ...]
    orphaned: tuple[Orphaned, ...]


class OrphanedBindings(Conflict):
    """409: the version would leave figures without a place; `issues` name each binding."""

    code, title = "orphaned_bindings", "Some KPIs would lose their place."


@transaction.atomic(savepoint=False)
def publish_with_bindings(
    *,
    journey_map: JourneyMap,
    publish: Callable[[], Published],
    on_orphan: OnOrphan | None,
    redrawn: bool = False,
    refuse: bool = True,
    at: datetime,
) -> tuple[Published, BindingsTold]:
    """Publish by calling `publish`, and see to the bindings.

    redrawn: `publish` replaces the draft first. refuse False: only tell (dry run).
    Raises OrphanedBindings, ValidationProblem (moves), and whatever `publish` raises.
    """
    workspace_id = journey_map.workspace_id
    rows = fetch(_HOLD, {"workspace": workspace_id, "map": journey_map.id, "redrawn": redrawn})
    published = publish()
    placed = {*published.added, *published.kept}
    kept = tuple(row for row, element in rows if element is None or element in placed)
    homeless = _homeless(workspace_id, {row for row, _ in rows}.difference(kept))
    carried = [found for row in homeless if (found := _carried(row, published, placed)) is not None]
    gone = {found.binding_id for found in carried}
    orphans = [row for row in homeless if row.id not in gone]
    orphaned = _decided(journey_map, orphans, published, on_orphan)
    undecided = [one for one in orphaned if one.action is None]
    if undecided and refuse:
        raise _refusal(undecided)
    moves = {one.binding_id: one.target for one in carried} | {
        one.binding_id: one.target for one in orphaned if one.target is not None
    }
    _move(workspace_id, moves, at)
    _close(workspace_id, [one.binding_id for one in orphaned if one.action == "closed"], at)
    return published, BindingsTold(kept, tuple(carried), tuple(orphaned))


def _homeless(workspace_id: uuid.UUID, ids: Collection[uuid.UUID]) -> list[HeldBinding]:
    return held_bindings(workspace_id, ids) if ids else []


def _carried(row: HeldBinding, published: Published, placed: set[uuid.UUID]) -> Carried | None:
    successors = [one for one in published.continued.get(row.element_id, ()) if one in placed]
    if not successors:
        return None
    return Carried(row.id, row.element_id, successors[0], tuple(successors[1:]))


def _decided(
    journey_map: JourneyMap, orphans: Sequence[HeldBinding], published: Published, on_orphan: OnOrphan | None
) -> list[Orphaned]:
    """Each orphan with what is to be done. Raises ValidationProblem for moves that cannot be made."""
    if not orphans and not (on_orphan and on_orphan.moves):
        return []
    moves = _moves(orphans, published, on_orphan.moves) if on_orphan else {}
    told_at = _told_at(journey_map, published)
    before = {*published.kept, *published.removed}
    asked = on_orphan.decision if on_orphan else None
    found = []
    for row in orphans:
        if row.id in moves:
            found.append(Orphaned(row.id, row.label, row.element_id, "moved", moves[row.id]))
        elif asked == "close":
            found.append(Orphaned(row.id, row.label, row.element_id, "closed"))
        elif asked == "keep" or (row.element_id not in before and row.updated_at <= told_at):
            found.append(Orphaned(row.id, row.label, row.element_id, "kept"))
        else:
            found.append(Orphaned(row.id, row.label, row.element_id, None))
    return found


def _told_at(journey_map: JourneyMap, published: Published) -> datetime:
    """When the version before was published: who was homeless then, and has not changed since, was told."""
    if published.previous is None:
        return journey_map.created_at
    return journeys.version_of(journey_map, str(published.previous)).published_at


def _moves(
    orphans: Iterable[HeldBinding], published: Published, wanted: Mapping[str, str]
) -> dict[uuid.UUID, uuid.UUID]:
    by_ref = {ref: row.id for row in orphans for ref in (str(row.id), row.key) if ref}
    manifest = journeys.version_manifest(published.version)
    elements = {str(placed.id): placed.id for placed in manifest.elements}
    issues, moves = [], {}
    for binding, element in wanted.items():
        where = f"/on_orphan/move/{binding.replace('~', '~0').replace('/', '~1')}"
        if binding not in by_ref:
            issues.append(Issue(where, "unknown_binding", "No binding that would be orphaned has this name."))
        elif (found := elements.get(element) or journeys.named(manifest, element)) is None:
            issues.append(Issue(where, "unknown_element", f"The version has no element {element!r}."))
        else:
            moves[by_ref[binding]] = found
    if issues:
        raise ValidationProblem(issues)
    return moves


def _refusal(undecided: Sequence[Orphaned]) -> OrphanedBindings:
    issues = [
        Issue(
            f"/bindings/{one.binding_id}",
            "orphaned",
            f"{one.label!r} is bound to {one.element_id}: the version lacks it, and nothing continues it.",
        )
        for one in undecided
    ]
    detail = "Say on_orphan: keep, close, or where to move each; or let an element continue theirs."
    return OrphanedBindings(detail, issues=issues)


_PLACE = """
UPDATE binding SET element_id = moved.element, valid_from = %(at)s, updated_at = %(at)s,
       row_version = row_version + 1
FROM unnest(%(bindings)s::uuid[], %(elements)s::uuid[]) AS moved (binding, element)
WHERE binding.workspace_id = %(workspace)s AND binding.id = moved.binding
"""
# The figures stay what they are: only their place is another.
_SHOW = """
UPDATE binding_state SET element_id = moved.element, refreshed_at = clock_timestamp()
FROM unnest(%(bindings)s::uuid[], %(elements)s::uuid[]) AS moved (binding, element)
WHERE binding_state.workspace_id = %(workspace)s AND binding_state.binding_id = moved.binding
"""


def _move(workspace_id: uuid.UUID, moves: Mapping[uuid.UUID, uuid.UUID | None], at: datetime) -> None:
    if not moves:
        return
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "bindings": list(moves),
        "elements": list(moves.values()),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, values)
        cursor.execute(_SHOW, values)
    add_terms(workspace_id=workspace_id, binding_ids=list(moves))


def _close(workspace_id: uuid.UUID, binding_ids: Sequence[uuid.UUID], at: datetime) -> None:
    if not binding_ids:
        return
    rows = Binding.objects.filter(workspace_id=workspace_id, id__in=binding_ids)
    rows.update(archived_at=at, updated_at=at, row_version=F("row_version") + 1)
    BindingState.objects.filter(workspace_id=workspace_id, binding_id__in=binding_ids).delete()
    keys = {(row.kpi_id, labels_key(row.selector)) for row in rows}
    settle_series(workspace_id=workspace_id, keys=keys, cause="publish", at=at)
