"""What is stored of a map's past: versions and their labels, reviews, merges, renditions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from journeys.models.maps import JourneyMap
from service.ids import new_id
from service.models import Workspace


class Version(models.Model):
    """An immutable published document, as numbers of bodies.

    `elements` and `bodies` are parallel, in the order drawn: each stage is followed by its touchpoints, so
    order and kind tell the parent. `persona_ids` and `personas` (bodies) are parallel, too.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    format = models.PositiveSmallIntegerField()
    root_body = models.BigIntegerField()
    persona_ids = ArrayField(models.UUIDField())
    personas = ArrayField(models.BigIntegerField())
    elements = ArrayField(models.BigIntegerField())
    bodies = ArrayField(models.BigIntegerField())
    message = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    on_behalf_of = models.JSONField(null=True)
    restored_from = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "journey_map", "number"], name="version_number"),
        ]
        indexes: ClassVar = [
            # the version as of an instant, and the list
            models.Index(fields=["workspace", "journey_map", "published_at"], name="version_as_of"),
        ]


class VersionLabels(models.Model):
    """What people call a version afterwards: no part of what it says, so it may change."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    pk = models.CompositePrimaryKey("workspace_id", "journey_map_id", "number")
    labels = ArrayField(models.CharField(max_length=100))
    row_version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "version_labels"


class Review(models.Model):
    """What somebody said of a draft. Insert-only; `digest` is of what it would have been published as."""

    class Verdict(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    revision = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    verdict = models.CharField(max_length=16, choices=Verdict)
    comment = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    on_behalf_of = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "review"
        indexes: ClassVar = [
            # the reviews of a map, and the verdicts on a content
            models.Index(fields=["workspace", "journey_map", "created_at", "id"], name="review_listing"),
        ]


class Merge(models.Model):
    """Another map, or a document from elsewhere, was merged into a map's draft. Insert-only.

    Of a map's version (`source_version`) the next merge between the two starts from there.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    source_map_id = models.UUIDField(null=True)
    source_version = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField()
    message = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merge"
        indexes: ClassVar = [
            # the merges of a map, and the one that two maps share last
            models.Index(fields=["workspace", "journey_map", "created_at", "id"], name="merge_listing"),
        ]


class Rendition(models.Model):
    """A drawing on its way to PNG or PDF, or there; forgotten after a while. `digest`: of what is drawn, how.

    `drawing` is the SVG, deflated, until the picture is made. `refusal` says why there will be none, `caveat`
    what is not as it should be. `subject` is a version's number, `draft` or `live`.
    """

    class Format(models.TextChoices):
        PNG = "png"
        PDF = "pdf"

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    digest = models.BinaryField(max_length=32)
    subject = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    format = models.CharField(max_length=8, choices=Format)
    scale = models.FloatField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    drawing = models.BinaryField()
    content = models.BinaryField(null=True)
    caveat = models.CharField(max_length=500)
    refusal = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "rendition"
        constraints: ClassVar = [
            # the same is not drawn twice
            models.UniqueConstraint(fields=["workspace", "journey_map", "digest"], name="rendition_once"),
        ]
