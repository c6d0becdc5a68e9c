"""Templates: those that are shipped, and published maps that the workspace saved as such."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, QuerySet

from journeys.document.diff import with_element_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.models import JourneyMap, Template, Version
from journeys.queries.content import version_bytes
from journeys.queries.versions import version_of
from service.errors import NotFound
from service.ids import new_id
from service.preconditions import etag_of

_BLUEPRINTS = Path(__file__).parents[1] / "blueprints"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    name: str
    sector: str
    description: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Blueprint:
    """A template as it is offered. `row` is None where it is shipped."""

    key: str | None
    name: str
    sector: str
    description: str
    actor_kind: str
    stages: int
    touchpoints: int
    row: Template | None = None
    shipped: Mapping[str, Any] | None = None

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The plain document, read when it is asked for."""
        if self.row is None:
            return self.shipped or {}
        source = JourneyMap(id=self.row.journey_map_id, workspace_id=self.row.workspace_id)
        found: dict[str, Any] = msgspec.json.decode(version_bytes(version_of(source, str(self.row.version))))
        return found

    @property
    def etag(self) -> str:
        if self.row is not None:
            return etag_of(self.row)
        return f'"s{sha256(msgspec.json.encode([self.name, self.document])).hexdigest()[:16]}"'


@cache
def shipped_templates() -> Mapping[str, Blueprint]:
    """Return the shipped ones by key; read once."""
    files = (
        msgspec.json.decode(path.read_bytes(), type=_File) for path in sorted(_BLUEPRINTS.glob("*.json"))
    )
    return {
        f.key: Blueprint(
            f.key, f.name, f.sector, f.description, **summary_of(f.document), row=None, shipped=f.document
        )
        for f in files
    }


def summary_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list tells of a template's plain document."""
    stages = document.get("stages", ())
    return {
        "actor_kind": document.get("actor_kind", "customer"),
        "stages": len(stages),
        "touchpoints": sum(len(stage.get("touchpoints", ())) for stage in stages),
    }


def templates(workspace_id: uuid.UUID, *, sector: str = "", q: str = "") -> list[Blueprint]:
    """Return the shipped ones, then the workspace's own in the order saved."""
    rows = open_templates(workspace_id).order_by("created_at", "id")
    found = [*shipped_templates().values(), *map(_of_row, rows)]
    return [
        one for one in found if sector.lower() in ("", one.sector.lower()) and q.lower() in one.name.lower()
    ]


def template(workspace_id: uuid.UUID, ref: str) -> Blueprint:
    """Return the template that a key or id names; the workspace's own goes first. Raises NotFound."""
    rows = open_templates(workspace_id)
    own = _id(ref)
    row = rows.filter(id=own).first() if own else rows.filter(key=ref).first()
    if row is not None:
        return _of_row(row)
    if ref in shipped_templates():
        return shipped_templates()[ref]
    raise NotFound(f"There is no template {ref!r} here.")


def open_templates(workspace_id: uuid.UUID) -> QuerySet[Template, Template]:
    """Return the workspace's own whose version is still there."""
    version = Version.objects.filter(
        workspace_id=workspace_id, journey_map_id=OuterRef("journey_map_id"), number=OuterRef("version")
    )
    return Template.objects.filter(Exists(version), workspace_id=workspace_id, archived_at=None)


def document_of(blueprint: Blueprint, name: str = "") -> Document:
    """Return a new map's document: ids of elements are new, what they continue stays behind."""
    plain = dict(blueprint.document)
    if blueprint.row is not None:
        ids = {own: str(new_id()) for own in _elements(plain)}
        plain = _without_past(with_element_ids(plain, ids))
    plain["name"] = name or blueprint.name
    return parse(plain)


def _of_row(row: Template) -> Blueprint:
    said = (row.key, row.name, row.sector, row.description, row.actor_kind, row.stages, row.touchpoints)
    return Blueprint(*said, row=row)


def _elements(plain: Mapping[str, Any]) -> list[str]:
    stages = plain.get("stages", ())
    return [element["id"] for stage in stages for element in (stage, *stage.get("touchpoints", ()))]


def _without_past(plain: dict[str, Any]) -> dict[str, Any]:
    plain.pop("parent_touchpoint", None)
    for stage in plain.get("stages", ()):
        for element in (stage, *stage.get("touchpoints", ())):
            element.pop("continues", None)
    return plain


def _id(ref: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(ref)
    except ValueError:
        return None
