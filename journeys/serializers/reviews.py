"""Reviews of drafts, and labels of versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys.models import Review, VersionLabels
from journeys.serializers.versions import AuthorOut, OnBehalfOfIn, OnBehalfOfOut
from service.fields import StrictChar, StrictList
from service.preconditions import etag_of
from service.serializers import In

MOST_LABELS = 20


class DraftReviewIn(In):
    """What somebody says of the draft."""

    echoes = frozenset()
    verdict = serializers.ChoiceField(["approve", "reject"])
    comment = StrictChar(max_length=2000, required=False, allow_blank=True, default="")
    on_behalf_of = OnBehalfOfIn(required=False, help_text="The person for whom the credential acts.")


class DraftReviewOut(serializers.Serializer[Any]):
    """What somebody said of a draft."""

    id = serializers.UUIDField()
    revision = serializers.IntegerField(help_text="Of the draft that was reviewed.")
    digest = serializers.CharField(help_text="Of what it would have been published as.")
    verdict = serializers.CharField(help_text="approve or reject.")
    comment = serializers.CharField()
    author = AuthorOut()
    on_behalf_of = OnBehalfOfOut(allow_null=True)
    created_at = serializers.DateTimeField()


class LabelsIn(In):
    """The labels of a version, all of them."""

    echoes = frozenset({"etag", "updated_at"})
    labels = StrictList(
        child=StrictChar(min_length=1, max_length=100), max_length=MOST_LABELS, help_text="No two alike."
    )

    def validate_labels(self, labels: list[str]) -> list[str]:
        if len(set(labels)) < len(labels):
            raise serializers.ValidationError("A label stands here twice.", code="duplicate")
        return labels


class LabelsOut(serializers.Serializer[Any]):
    """What people call a version; no part of what it says."""

    labels = serializers.ListField(child=serializers.CharField())
    etag = serializers.CharField()
    updated_at = serializers.DateTimeField(allow_null=True)


def review_out(row: Review) -> dict[str, Any]:
    return {
        "id": row.id,
        "revision": row.revision,
        "digest": bytes(row.digest).hex(),
        "verdict": row.verdict,
        "comment": row.comment,
        "author": {"id": row.author_id, "name": row.author_name},
        "on_behalf_of": row.on_behalf_of,
        "created_at": row.created_at,
    }


def labels_out(row: VersionLabels) -> dict[str, Any]:
    return {"labels": row.labels, "etag": etag_of(row), "updated_at": row.updated_at}
