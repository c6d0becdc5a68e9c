"""Imports: what became of each map, or would."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from journeys import queries
from journeys.actions import ISSUES_MAX, Imported
from journeys.formats.base import Notice
from journeys.serializers.changes import ChangeOut, changes_out
from journeys.serializers.versions import DocumentField


class ImportNoticeOut(serializers.Serializer[Any]):
    """One thing about the content."""

    place = serializers.CharField(help_text="Line, cell, element, or pointer; empty for the whole.")
    weight = serializers.CharField(help_text="invalid: refused; lossy: taken in part; note: worth a look.")
    code = serializers.CharField(help_text="Stable; more may come.")
    detail = serializers.CharField()


class ImportCandidateOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ImportMatchOut(serializers.Serializer[Any]):
    """Which stage or touchpoint of the draft one that was read is taken for."""

    pointer = serializers.CharField(help_text="Into the document as read; send it in `options.matches`.")
    kind = serializers.CharField(help_text="stage or touchpoint.")
    name = serializers.CharField()
    by = serializers.CharField(help_text="given, id, key, name, place (renamed there), or none: it is new.")
    id = serializers.UUIDField(allow_null=True)
    ambiguous = serializers.BooleanField(help_text="True where several bear the name; see `candidates`.")
    candidates = ImportCandidateOut(many=True)


class ImportedMapOut(serializers.Serializer[Any]):
    """What became of one map, or would."""

    place = serializers.CharField(help_text="Where it stands in the content; empty where that is one map.")
    status = serializers.CharField(help_text="created, changed, unchanged, refused or skipped.")
    journey_map = serializers.UUIDField(allow_null=True)
    draft_etag = serializers.CharField(allow_null=True, help_text="ETag of the draft after this.")
    items = serializers.IntegerField(help_text="How many things were taken.")
    invalid = serializers.IntegerField(help_text="How many notices there are of this weight.")
    lossy = serializers.IntegerField()
    notices = ImportNoticeOut(many=True)
    guessed = serializers.DictField(help_text="What the reader decided, as options to be sent back changed.")
    matches = ImportMatchOut(many=True)
    changes = ChangeOut(many=True, help_text="Of the draft that it is laid over.")
    document = DocumentField(allow_null=True, required=False, help_text="Of a dry run: as it would be.")


class ImportOut(serializers.Serializer[Any]):
    """What an import did, or would do."""

    format = serializers.CharField()
    dry_run = serializers.BooleanField()
    maps = ImportedMapOut(many=True)


def import_out(form: str, done: list[Imported], *, dry_run: bool) -> dict[str, Any]:
    maps = [_imported_out(each, dry_run=dry_run) for each in done]
    return {"format": form, "dry_run": dry_run, "maps": maps}


def _imported_out(each: Imported, *, dry_run: bool) -> dict[str, Any]:
    weights = [notice.weight for notice in each.notices]
    made = each.journey_map is not None and not (dry_run and each.status == "created")
    shown = {
        "place": each.read.place,
        "status": each.status,
        "journey_map": each.journey_map.pk if each.journey_map and made else None,
        "draft_etag": queries.etag_of_draft(each.draft) if each.draft and made and not dry_run else None,
        "items": each.read.items,
        "invalid": weights.count("invalid"),
        "lossy": weights.count("lossy"),
        "notices": [asdict(notice) for notice in _first(each.notices)],
        "guessed": dict(each.read.guessed),
        "matches": [
            {**asdict(match), "id": match.id or None, "ambiguous": match.ambiguous} for match in each.matches
        ],
        "changes": changes_out(each.changes, each.journey_map.pk) if each.journey_map else [],
    }
    return {**shown, "document": each.document} if dry_run else shown


def _first(notices: list[Notice]) -> list[Notice]:
    """Return as many notices as an answer holds, the gravest first; the rest is counted."""
    if len(notices) <= ISSUES_MAX:
        return notices
    order = {"invalid": 0, "lossy": 1, "note": 2}
    first = sorted(notices, key=lambda notice: order[notice.weight])[:ISSUES_MAX]
    detail = f"{len(notices) - ISSUES_MAX} more are left out."
    return [*first, Notice("", "note", "more_notices", detail)]
