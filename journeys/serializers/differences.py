"""What is different between two moments of a map, or of two maps."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from journeys import queries
from journeys.document.diff import (
    Change,
    Match,
    Plain,
    change_log,
    diff,
    json_patch,
    matches,
    paired,
    with_element_ids,
)
from journeys.queries import Moment
from journeys.serializers.changes import ChangeOut, changes_out
from service.fields import StrictChar
from service.serializers import Query

JSON, MARKDOWN = "application/json", "text/markdown"
FORMATS = {"json": JSON, "markdown": MARKDOWN}
_MOMENT = (
    "A version's number or id, `latest`, `draft`, 0 (nothing), or an instant (what was published last then); "
    "`other-map@3` is of another map."
)
_DATE = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SAYING = f"draft|latest|[1-9][0-9]{{0,8}}|{_UUID}|{_DATE}[Tt]{_TIME}"


class MomentName(StrictChar):
    """A state of a map as `queries.moment` reads it."""

    constraints = {"pattern": f"^(.*@)?(0|{_SAYING})$"}


class SayingMomentName(MomentName):
    """A state that says something: any but 0."""

    constraints = {"pattern": f"^(.*@)?({_SAYING})$"}


class DiffQuery(Query):
    format = serializers.ChoiceField(
        sorted(FORMATS), required=False, help_text="Instead of Accept: json, or a change log in markdown."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        ends = {
            name: MomentName(required=False, max_length=200, help_text=f"{_MOMENT} When left out: {default}.")
            for name, default in (("from", "the version published last"), ("to", "the draft"))
        }
        return {**ends, **super().get_fields()}


class MomentOut(serializers.Serializer[Any]):
    """What was compared."""

    journey_map = serializers.UUIDField()
    name = serializers.CharField(help_text="What the map is called there; empty for nothing.")
    version = serializers.IntegerField(allow_null=True, help_text="Null: the draft, or nothing.")
    draft = serializers.CharField(
        allow_null=True, help_text="ETag of the draft that was read, with the library's personas filled in."
    )
    digest = serializers.CharField()


class MatchOut(serializers.Serializer[Any]):
    """An element of one map that is the other's."""

    by = serializers.CharField(help_text="origin: one is a copy of the other; key: they have the same.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.UUIDField(), "to": serializers.UUIDField(), **super().get_fields()}


class CountsOut(serializers.Serializer[Any]):
    """How many changes there are of each verb."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    moved = serializers.IntegerField()
    renamed = serializers.IntegerField()
    changed = serializers.IntegerField()


class DiffOut(serializers.Serializer[Any]):
    """What is different, thing by thing, and as a patch."""

    equal = serializers.BooleanField()
    counts = CountsOut()
    changes = ChangeOut(many=True, help_text="First what went, then the rest in the order drawn.")
    patch = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="RFC 6902: makes one document of the other. Not between two maps, whose ids differ.",
    )
    matches = MatchOut(
        many=True,
        required=False,
        help_text="Between two maps: elements that are the same. In `changes` they go by their ids in `to`.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": MomentOut(), "to": MomentOut(), **super().get_fields()}


@dataclass(frozen=True, slots=True)
class Difference:
    """Two moments, their documents as far as they differ (`old` with the ids of `new`), and what differs."""

    source: Moment
    target: Moment
    old: Plain
    new: Plain
    changes: tuple[Change, ...]
    matches: tuple[Match, ...]


def difference(source: Moment, target: Moment) -> Difference:
    """Compare two moments; documents of one digest are not read."""
    if source.digest == target.digest:
        return Difference(source, target, {}, {}, (), ())
    if source.journey_map.pk == target.journey_map.pk:
        old, new = paired(*queries.read_apart(source, target))
        return Difference(source, target, old, new, diff(old, new), ())
    lines = queries.origins(source.journey_map), queries.origins(target.journey_map)
    old, new = source.plain(), target.plain()
    found = matches(old, new, *lines)
    old = with_element_ids(old, {match.source: match.target for match in found})
    return Difference(source, target, old, new, diff(old, new), found)


def etag_of_difference(source: Moment, target: Moment, media_type: str) -> str:
    ends = [f"{end.journey_map.pk} {end.name} {end.digest.hex()}" for end in (source, target)]
    drafts = [queries.etag_of_draft(end.draft) for end in (source, target) if end.draft]
    return f'"{hashlib.sha256(" ".join([*ends, *drafts, media_type]).encode()).hexdigest()[:32]}"'


def difference_out(found: Difference) -> dict[str, Any]:
    counts = Counter[str](change.verb for change in found.changes)
    shown: dict[str, Any] = {
        "from": moment_out(found.source),
        "to": moment_out(found.target),
        "equal": not found.changes,
        "counts": {verb: counts[verb] for verb in ("added", "removed", "moved", "renamed", "changed")},
        "changes": changes_out(found.changes, found.target.journey_map.pk),
    }
    if found.source.journey_map.pk == found.target.journey_map.pk:
        return {**shown, "patch": json_patch(found.changes, found.old)}
    rows = [{"from": match.source, "to": match.target, "by": match.by} for match in found.matches]
    return {**shown, "matches": rows}


def difference_text(found: Difference) -> str:
    """Return the change log, in Markdown."""
    title = f"{_called(found.source)} → {_called(found.target)}"
    return change_log(found.changes, found.old, found.new, title=title)


def _called(end: Moment) -> str:
    return f"{end.journey_map.name}: {f'version {end.version.number}' if end.version else end.name}"


def moment_out(end: Moment) -> dict[str, Any]:
    return {
        "journey_map": end.journey_map.pk,
        "name": end.title,
        "version": end.version.number if end.version else None,
        "draft": queries.etag_of_draft(end.draft) if end.draft else None,
        "digest": end.digest.hex(),
    }
