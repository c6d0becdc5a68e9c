"""Merges: what is merged, what was decided, and what both sides changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import Any

from rest_framework import serializers

from journeys import queries
from journeys.actions import Incoming, MergeDone
from journeys.document.merge import Conflict, Resolution
from journeys.models import JourneyMap
from journeys.models import Merge as Row
from journeys.serializers.changes import ChangeOut, changes_out
from journeys.serializers.differences import MomentOut, moment_out
from journeys.serializers.versions import AuthorOut, DocumentField
from service.errors import Issue, ValidationProblem
from service.fields import StrictChar, StrictList
from service.serializers import In, Part, ProblemOut

MOST_RESOLUTIONS = 5000
_FIELD = "The member, as changes name it; `presence`: whether it is there; `place`: where it stands."


class ResolutionIn(Part):
    """What is decided about one conflict."""

    kind = StrictChar(max_length=20)
    id = StrictChar(max_length=200)
    field = StrictChar(max_length=200, help_text=_FIELD)
    take = serializers.ChoiceField(
        ["ours", "theirs", "base"], required=False, help_text="The side whose value is taken."
    )
    value = serializers.JSONField(
        required=False, allow_null=True, help_text="Or another value, of a member; null takes it away."
    )


class MergeIn(In):
    """What is merged into the draft: a state of a map, or a document."""

    echoes = frozenset()
    document = DocumentField(
        required=False, help_text="A revision of this map that was made elsewhere; its ids are this map's."
    )
    base = StrictChar(
        required=False,
        max_length=200,
        help_text="What both went on from. When left out: what the two maps share last; of a document, the "
        "version published last.",
    )
    resolutions = StrictList(child=ResolutionIn(), required=False, max_length=MOST_RESOLUTIONS)
    message = StrictChar(max_length=2000, required=False, allow_blank=True, default="", help_text="Why.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        text = "The other map, by id or key (what it published last); `other-map@3` or `other-map@draft`."
        return {"from": StrictChar(required=False, max_length=200, help_text=text), **super().get_fields()}


class ConflictOut(serializers.Serializer[Any]):
    """Both sides changed one thing, each to something else. Null stands for absence."""

    kind = serializers.CharField()
    id = serializers.CharField()
    name = serializers.CharField()
    field = serializers.CharField(help_text=_FIELD)
    base = serializers.JSONField(allow_null=True)
    ours = serializers.JSONField(allow_null=True)
    theirs = serializers.JSONField(allow_null=True)


class MergeConflictsOut(ProblemOut):
    """The problem of a merge that somebody has to decide about."""

    conflicts = ConflictOut(many=True, required=False)


class MergeOut(serializers.Serializer[Any]):
    """What was merged, or would be."""

    id = serializers.UUIDField(allow_null=True, help_text="Null for what was not stored.")
    draft_etag = serializers.CharField(help_text="Of …/draft.")
    base = MomentOut()
    changes = ChangeOut(many=True, help_text="What it changes in the draft.")
    conflicts = ConflictOut(many=True, help_text="Of a dry run: what has to be decided; ours stands so far.")


class MergeRowOut(serializers.Serializer[Any]):
    """A merge that was done."""

    id = serializers.UUIDField()
    source_map = serializers.UUIDField(allow_null=True, help_text="Null: a document.")
    source_version = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
    author = AuthorOut()
    created_at = serializers.DateTimeField()


def incoming(row: JourneyMap, values: dict[str, Any], at: Any) -> Incoming:
    """Return what a body asks for. Raises ValidationProblem, NotFound."""
    wanted = values.get("from")
    if (wanted is None) == ("document" not in values):
        raise ValidationProblem([Issue("/from", "one_of", "Name a map with `from`, or send a `document`.")])
    raw = values.get("document", {})
    if not isinstance(raw, dict):
        raise ValidationProblem([Issue("/document", "wrong_type", "Must be an object.")])
    source = None
    if wanted is not None:
        other = row if "@" in wanted else queries.open_map(row.workspace_id, wanted)
        source = queries.chosen_moment(other, wanted if "@" in wanted else None, at=at, pointer="/from")
    base = queries.moment(row, values["base"], at=at, pointer="/base") if "base" in values else None
    decided = _resolutions(values.get("resolutions", ()), row.pk)
    return Incoming(source, raw, base, decided, values["message"])


def merge_out(done: MergeDone, *, stored: bool) -> dict[str, Any]:
    map_id = done.draft.journey_map_id
    return {
        "id": done.id if stored else None,
        "draft_etag": queries.etag_of_draft(done.draft),
        "base": moment_out(done.base),
        "changes": changes_out(done.changes, map_id),
        "conflicts": conflicts_out(done.conflicts, map_id),
    }


def conflicts_out(conflicts: Iterable[Conflict], map_id: uuid.UUID) -> list[dict[str, Any]]:
    return [
        {"kind": c.kind, "id": c.id or str(map_id), "name": c.name, "field": c.field}
        | {"base": _value(c.base), "ours": _value(c.ours), "theirs": _value(c.theirs)}
        for c in conflicts
    ]


def merge_row_out(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "source_map": row.source_map_id,
        "source_version": row.source_version,
        "message": row.message,
        "author": {"id": row.author_id, "name": row.author_name},
        "created_at": row.created_at,
    }


def _resolutions(values: Iterable[dict[str, Any]], map_id: uuid.UUID) -> tuple[Resolution, ...]:
    issues, found = [], []
    for index, one in enumerate(values):
        where = f"/resolutions/{index}"
        if ("take" in one) == ("value" in one):
            issues.append(Issue(where, "one_of", "Say which side to `take`, or give a `value`."))
        elif "value" in one and one["field"] in ("presence", "place"):
            issues.append(Issue(f"{where}/value", "not_allowed", "Take a side."))
        own = "" if one["kind"] == "map" and one["id"] == str(map_id) else one["id"]
        found.append(Resolution(one["kind"], own, one["field"], one.get("take"), one.get("value")))
    if issues:
        raise ValidationProblem(issues)
    return tuple(found)


def _value(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
