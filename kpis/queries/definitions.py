"""Reads of KPIs: by reference, with the definition that holds now or held at an instant, and their series."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import F, QuerySet

from kpis.models.definitions import Kpi, KpiRevision, Series
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.kinds import method_of
from kpis.series.plausibility import read_plausibility
from kpis.series.stock_terms import DEFAULTS
from kpis.series.total import read_total
from service.fields import SLUG
from service.kept import Kept
from service.resources import by_ref, open_ref

_CURRENT = statement("current_definitions")
_EVER = """
SELECT DISTINCT r.kpi_id, input.kpi_id
FROM kpi_revision r CROSS JOIN LATERAL unnest(r.inputs) AS input (kpi_id)
WHERE r.workspace_id = %(workspace)s AND r.inputs <> '{}'
"""
_ABOVE = """
WITH RECURSIVE above AS (
  SELECT %(kpi)s::uuid AS kpi_id
  UNION
  SELECT r.kpi_id FROM above
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.inputs <> '{}' AND above.kpi_id = ANY(r.inputs)
  JOIN kpi k ON k.workspace_id = r.workspace_id AND k.id = r.kpi_id AND k.revision = r.number
   AND k.archived_at IS NULL
)
SELECT kpi_id FROM above WHERE kpi_id <> %(kpi)s
"""
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KEY = re.compile(SLUG)
_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Defined:
    """A KPI with a definition. `measure` is what its series carry as their revision (KpiRevision.measure)."""

    kpi_id: uuid.UUID
    key: str | None
    number: int
    measure: int
    definition: Definition


@dataclass(frozen=True, slots=True)
class Accepting:
    """A KPI as readings find it: its definition and when that was laid down, how far back its workspace's
    history goes, its limit."""

    kpi: Defined
    laid_down_at: datetime
    history_from: datetime
    series_limit: int | None


_kept: Kept[tuple[uuid.UUID, str], Accepting] = Kept(4096)


def kpis(workspace_id: uuid.UUID) -> QuerySet[Kpi, Kpi]:
    """The KPIs of the workspace, archived ones left out."""
    return Kpi.objects.filter(workspace_id=workspace_id, archived_at=None)


def kpi(workspace_id: uuid.UUID, ref: str) -> Kpi:
    """Return the KPI that an id or key names; an archived one by its id. Raises NotFound."""
    return by_ref(Kpi.objects.filter(workspace_id=workspace_id), ref)


def open_kpi(workspace_id: uuid.UUID, ref: str) -> Kpi:
    """Return the unarchived KPI that an id or key names. Raises NotFound."""
    return open_ref(Kpi.objects.filter(workspace_id=workspace_id), ref)


def revision(row: Kpi, number: int | None = None) -> KpiRevision:
    """Return a revision of the KPI, the current one unless a number is given."""
    return KpiRevision.objects.get(
        workspace_id=row.workspace_id, kpi_id=row.id, number=number or row.revision
    )


def revisions(rows: Collection[Kpi]) -> dict[uuid.UUID, KpiRevision]:
    """Return the current revision of each KPI."""
    current = {row.id: row.revision for row in rows}
    found = KpiRevision.objects.filter(kpi_id__in=current, number__in=set(current.values()))
    return {one.kpi_id: one for one in found if current[one.kpi_id] == one.number}


def of_kind(workspace_id: uuid.UUID, kind: str) -> QuerySet[KpiRevision, uuid.UUID]:
    """Return the ids of the KPIs whose current definition is of the kind."""
    rows = KpiRevision.objects.filter(workspace_id=workspace_id, definition__kind=kind)
    return rows.filter(number=F("kpi__revision")).values_list("kpi_id", flat=True)


def totalled(workspace_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the unarchived KPIs that say by which label their totals are told apart from the parts."""
    rows = KpiRevision.objects.filter(workspace_id=workspace_id, definition__total__label__isnull=False)
    rows = rows.filter(number=F("kpi__revision"), kpi__archived_at=None)
    return list(rows.values_list("kpi_id", flat=True))


def stocked(workspace_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the unarchived KPIs that are told bases and flows."""
    rows = KpiRevision.objects.filter(workspace_id=workspace_id, definition__input="flows")
    rows = rows.filter(number=F("kpi__revision"), kpi__archived_at=None)
    return list(rows.values_list("kpi_id", flat=True))


def label_sets_of(workspace_id: uuid.UUID, kpi_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Return the label sets of KPIs, as canonical texts; KPIs without any are left out."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id__in=kpi_ids)
    for kpi_id, labels in rows.values_list("kpi_id", "labels_key"):
        found[kpi_id].add(labels)
    return found


def definition_now(row: Kpi) -> Definition:
    """Return the definition of the KPI's current revision."""
    return read_definition(revision(row).definition)


def read_definition(fields: Mapping[str, Any]) -> Definition:
    """Return the definition that a revision's JSON holds."""
    bounds = {name: Decimal(fields[name]) for name in ("lower", "upper") if fields[name] is not None}
    # Definitions of a stock that were laid down before its terms could be said mean the usual ones.
    terms = DEFAULTS if method_of(fields["kind"], fields["method"]).flows else {}
    band = read_plausibility(fields.get("plausibility"))
    feeds = tuple(fields.get("feeds", ()))
    total = read_total(fields.get("total"))
    return Definition(**{**terms, **fields, **bounds, "plausibility": band, "feeds": feeds, "total": total})


@lru_cache(maxsize=4096)
def definition_of(text: str) -> Definition:
    """Return the definition that a revision's JSON text holds; numbers keep their digits."""
    return read_definition(_decoder.decode(text))


def ever_made_of(workspace_id: uuid.UUID) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return the KPIs that each derived KPI is, or ever was, made of."""
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for made, one in fetch(_EVER, {"workspace": workspace_id}):
        found[made].add(one)
    return found


def made_of_it(row: Kpi) -> list[Kpi]:
    """Return the unarchived KPIs that are now made of this one, over any levels, the oldest first."""
    rows = fetch(_ABOVE, {"workspace": row.workspace_id, "kpi": row.id})
    return list(kpis(row.workspace_id).filter(id__in=[kpi_id for (kpi_id,) in rows]).order_by("id"))


def keys_of(workspace_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return how expressions name KPIs: by the key where it is theirs alone, else by the id."""
    if not ids:
        return {}
    rows = Kpi.objects.filter(workspace_id=workspace_id, id__in=ids).values_list("id", "key", "archived_at")
    return {kpi_id: key if key and archived_at is None else str(kpi_id) for kpi_id, key, archived_at in rows}


def accepting_kept(workspace_id: uuid.UUID, refs: Collection[str]) -> dict[str, Accepting] | None:
    """Return what `accepting` told last of all of the references, None where it never did.

    It may be out of date: whoever goes by it has Postgres compare `laid_down_at`, key and `history_from`.
    """
    found: dict[str, Accepting] = {}
    for ref in refs:
        kept = _kept.get((workspace_id, ref))
        if kept is None:
            return None
        found[ref] = kept
    return found


def accepting(workspace_id: uuid.UUID, refs: Collection[str]) -> dict[str, Accepting]:
    """Return the unarchived KPIs that ids or keys name, each under the reference given."""
    ids = {ref: ref.lower() for ref in refs if _ID.fullmatch(ref)}
    keys = [ref for ref in refs if ref not in ids and _KEY.fullmatch(ref)]
    values: dict[str, Any] = {"workspace": workspace_id, "ids": list(ids.values()), "keys": keys}
    rows = fetch(_CURRENT, values)
    found: dict[str, Accepting] = {}
    for kpi_id, key, number, measure, text, laid_down_at, *bounds in rows:
        defined = Defined(kpi_id, key, number, measure, definition_of(text))
        found[str(kpi_id)] = Accepting(defined, laid_down_at, *bounds)
        if key is not None:
            found[key] = found[str(kpi_id)]
    named = {ref: found[name] for ref in refs if (name := ids.get(ref, ref)) in found}
    for ref, taker in named.items():
        _kept.put((workspace_id, ref), taker)
    return named
